// Does an update leave with the noise that it is charged for, and does an edge count, keep to its
// limit and never forget?
#include <array>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <godwit/actors/machines/outbox.hpp>
#include <godwit/actors/machines/training.hpp>
#include <godwit/privacy/gaussian_accountant.hpp>

using namespace godwit;
using namespace std::chrono_literals;

namespace {

constexpr std::uint8_t laws[] = {update_noise::gaussian, update_noise::laplace};

std::array<std::byte, mask_key_bytes> key_of(int n) {
  std::array<std::byte, mask_key_bytes> made{};
  made[0] = static_cast<std::byte>(n);
  return made;
}

std::vector<float> hidden(std::vector<float> update, const update_noise& noise, int key = 1) {
  REQUIRE(hide_update(update, noise, key_of(key)));
  return update;
}

training::machine machine_with(double epsilon, bool is_required = true) {
  return training::machine(
      {.updates = {.is_required = is_required, .epsilon = epsilon, .delta = 1e-5}});
}

/// Why the round was declined, or the charge that went with the offer.
struct went {
  std::string declined;
  std::optional<training::update_charge> charge;
};
went go_through(training::machine& m, std::uint64_t round, const update_noise& noise) {
  went made;
  const invitation task{.round = {round},
                        .model = {.sha256 = {}, .byte_count = 400},
                        .plan = {.local = noise},
                        .milliseconds_left = 1000};
  const std::vector<training::input> inputs{
      task, training::kept{task.round}, training::model_ready{task.model},
      training::trained{task.round,
                        {.offer = {.round = task.round, .update = task.model}, .content = {}}},
      receipt{.round = task.round, .letter = {}}};
  for (const auto& in : inputs) {
    const auto out = m.apply(in);
    REQUIRE(out);
    for (const auto& each : *out) {
      if (const auto* no = std::get_if<training::decline>(&each))
        return {no->reason, {}};
      if (const auto* yes = std::get_if<training::offer>(&each))
        made.charge = yes->updates;
    }
  }
  return made;
}

} // namespace

TEST_CASE("an update's noise is of the stated size, exact in its law's variance, and its key's") {
  constexpr std::size_t length = 40'000;
  for (const auto law : laws) {
    CAPTURE(law);
    const update_noise noise{law, 2.0F, 0.5F};
    const auto one = hidden(std::vector<float>(length), noise);
    CHECK(one == hidden(std::vector<float>(length), noise));
    CHECK(one != hidden(std::vector<float>(length), noise, 2));
    double sum = 0, squares = 0;
    for (const double value : one) {
      sum += value;
      squares += value * value;
    }
    const double variance = law == update_noise::laplace ? 2.0 * 1.0 * 1.0 : 1.0 * 1.0;
    const double kurtosis = law == update_noise::laplace ? 6 : 3;
    // Six deviations; half of the noise is far outside.
    CHECK(std::fabs(sum / length) < 6 * std::sqrt(variance / length));
    CHECK(std::fabs(squares / length / variance - 1) < 6 * std::sqrt((kurtosis - 1) / length));
  }
}

TEST_CASE("an update is cut to its norm before the noise") {
  for (const auto law : laws) {
    CAPTURE(law);
    const update_noise noise{law, 1.0F, 0.02F};
    std::vector<float> longer(4);
    longer[1] = 300;
    const auto zero = hidden(std::vector<float>(4), noise);
    const auto cut = hidden(longer, noise);
    CHECK(cut[1] - zero[1] == doctest::Approx(1).epsilon(1e-3)); // with the same noise
    CHECK(cut[0] == doctest::Approx(static_cast<double>(zero[0])).epsilon(1e-3));
    std::vector<float> shorter{0.25F, 0, -0.5F, 0};
    CHECK(hidden(shorter, noise)[2] - zero[2] == doctest::Approx(-0.5).epsilon(1e-3));
  }
}

TEST_CASE("what cannot be hidden does not leave") {
  constexpr float none = std::numeric_limits<float>::quiet_NaN();
  for (const auto law : laws)
    for (const float bad : {none, std::numeric_limits<float>::infinity()}) {
      std::vector<float> update(10, 0.1F);
      CHECK_FALSE(hide_update(update, {law, bad, 1}, key_of(1)));
      CHECK_FALSE(hide_update(update, {law, 1, bad}, key_of(1)));
      CHECK_FALSE(hide_update(update, {law, 0, 1}, key_of(1)));
      CHECK_FALSE(hide_update(update, {law, 1, -1}, key_of(1)));
      update[3] = bad;
      const auto out = hide_update(update, {law, 1, 1}, key_of(1));
      REQUIRE_FALSE(out);
      CHECK(out.why().code == failure_code::training);
    }
}

TEST_CASE("Gaussian updates cost what the exact formula says, with the whole norm twice between "
          "neighbours") {
  auto m = machine_with(100);
  for (int round = 1; round <= 4; ++round) {
    const auto [declined, charge] =
        go_through(m, static_cast<std::uint64_t>(round), {update_noise::gaussian, 1, 4});
    REQUIRE(charge);
    CHECK(charge->told == noted::updates_told{update_noise::gaussian, 4, 1});
    CHECK(charge->epsilon ==
          doctest::Approx(accounting::gaussian_epsilon(2.0 / 4 * std::sqrt(round), 1e-5))
              .epsilon(1e-9));
  }
}

TEST_CASE("Laplace updates cost their epsilons, or less where there are many") {
  update_account account;
  REQUIRE(account.charge({update_noise::laplace, 4, 1}));
  CHECK(*account.epsilon(1e-5) == doctest::Approx(0.5));
  REQUIRE(account.charge({update_noise::laplace, 4, 1}));
  CHECK(*account.epsilon(1e-5) == doctest::Approx(1.0));
  REQUIRE(account.charge({update_noise::laplace, 4, 398}));
  CHECK(account.told().size() == 1);
  const double of_many = *account.epsilon(1e-5);
  CHECK(of_many < 200);
  CHECK(of_many > 50 * 0.99); // rho = 400 / 8 = 50
  const double with_gaussian =
      *account.epsilon(1e-5, noted::updates_told{update_noise::gaussian, 4, 1});
  CHECK(with_gaussian > of_many);
  CHECK(std::isfinite(with_gaussian));
}

TEST_CASE("an edge declines the update that would exceed its limit, and one without noise") {
  for (const auto law : laws) {
    CAPTURE(law);
    update_account two, three;
    REQUIRE(two.charge({law, 3, 2}));
    REQUIRE(three.charge({law, 3, 3}));
    auto m = machine_with((*two.epsilon(1e-5) + *three.epsilon(1e-5)) / 2);
    CHECK(go_through(m, 1, {}).declined.find("does not ask for it") != std::string::npos);
    CHECK(go_through(m, 2, {law, 1, 3}).declined.empty());
    CHECK(go_through(m, 3, {law, 1, 3}).declined.empty());
    CHECK(go_through(m, 4, {law, 1, 3}).declined.find("budget is spent") != std::string::npos);
    const auto asked = m.apply(evaluation_request{{4}, {.sha256 = {}, .byte_count = 400}});
    REQUIRE(asked);
    CHECK(std::get<training::report>(asked->front()).result.example_count == 0);
  }
  auto open = machine_with(0, false);
  CHECK(go_through(open, 1, {}).declined.empty());
  CHECK(go_through(open, 2, {update_noise::gaussian, 1, 3}).charge);
  CHECK_FALSE(go_through(open, 3, {update_noise::gaussian, 1, -3}).declined.empty());
}

TEST_CASE("kinds of noise are bounded, and a law that is none is refused") {
  update_account account;
  noted::updates_told kind{update_noise::gaussian, 1, 1};
  for (std::size_t i = 0; i < update_account::kind_count_max; ++i, kind.noise_multiplier += 0.01)
    REQUIRE(account.charge(kind));
  CHECK_FALSE(account.charge(kind));
  CHECK_FALSE(update_account().charge({3, 1, 1}));
  CHECK_FALSE(update_account().charge({update_noise::none, 1, 1}));
  CHECK_FALSE(update_account().charge({update_noise::laplace, 0, 1}));
}

TEST_CASE("an update with noise is in a journal behind what it told") {
  outbox::machine box({}, client_id{"a"}, {}, 3);
  std::vector<journal_record> journal;
  const auto keep = [&](const std::vector<outbox::effect>& effects) {
    for (const auto& each : effects)
      if (const auto* x = std::get_if<outbox::write>(&each))
        journal.insert(journal.end(), x->records.begin(), x->records.end());
  };
  keep(box.begin(0s));
  keep(box.accept({.round = {1}, .model = {.sha256 = {}, .byte_count = 400}, .plan = {}}, 1s));
  keep(box.offer({.offer = {.round = {1},
                            .example_count = 1,
                            .update = {.sha256 = {}, .byte_count = 400},
                            .letter = {}},
                  .content = shared_bytes(bytes(400))},
                 2s, {}, {.updates = noted::updates_told{update_noise::laplace, 4, 1}}));
  bool has_update = false;
  for (std::size_t length = 1; length <= journal.size(); ++length) {
    std::vector<found_record> found;
    for (std::size_t i = 0; i < length; ++i)
      found.push_back({journal[i].head, i + 1, journal[i].body.size()});
    const auto past = outbox::recall(found, [&](std::uint64_t place) -> attempt<shared_bytes> {
      return journal[place - 1].body;
    });
    REQUIRE(past);
    has_update = has_update || past->update;
    CHECK((!past->update || past->told.updates.told().size() == 1));
  }
  CHECK(has_update);
}
