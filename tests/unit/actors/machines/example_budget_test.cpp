// Does an edge count what it tells of its examples, keep to its limit, and never forget what it
// told?
#include <cmath>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <godwit/actors/machines/outbox.hpp>
#include <godwit/actors/machines/training.hpp>
#include <godwit/privacy/rdp_accountant.hpp>

using namespace godwit;
using namespace std::chrono_literals;

namespace {

constexpr float multiplier = 1.5F;

training_plan noisy_plan(std::uint32_t batch_size = 10) {
  return {.epochs = 2, .batch_size = batch_size, .noise = {1, multiplier}};
}
invitation invite_to(std::uint64_t round, const training_plan& plan) {
  return {.round = {round},
          .model = {.sha256 = {}, .byte_count = 400},
          .plan = plan,
          .milliseconds_left = 1000};
}
training::trained_update update_for(std::uint64_t round) {
  return {.offer = {.round = {round},
                    .example_count = 200,
                    .update = {.sha256 = {}, .byte_count = 400},
                    .letter = {}},
          .content = shared_bytes(bytes(400))};
}

example_rules rules_with(double epsilon, bool is_required = true) {
  return {.example_count = 200, .is_required = is_required, .epsilon = epsilon, .delta = 1e-5};
}

/// Goes through a round, and gives why it was declined, or the charge that went with the offer.
struct went {
  std::string declined;
  std::optional<training::example_charge> charge;
};
went go_through(training::machine& m, std::uint64_t round, const training_plan& plan) {
  went made;
  const auto feed = [&](const training::input& in) {
    const auto out = m.apply(in);
    REQUIRE(out);
    for (const auto& each : *out) {
      if (const auto* no = std::get_if<training::decline>(&each))
        made.declined = no->reason;
      if (const auto* yes = std::get_if<training::offer>(&each))
        made.charge = yes->examples;
    }
  };
  const auto task = invite_to(round, plan);
  feed(task);
  if (!made.declined.empty())
    return made;
  feed(training::kept{task.round});
  feed(training::model_ready{task.model});
  feed(training::trained{task.round, update_for(round)});
  feed(receipt{.round = task.round, .letter = {}});
  return made;
}

double epsilon_of(double rate, std::uint64_t steps) {
  accounting::rdp_accountant accountant;
  REQUIRE(accountant.compose({.mechanism = accounting::gaussian{double{multiplier}},
                              .sampling = accounting::poisson_sampling{rate},
                              .neighbours = accounting::relation::add_or_remove_one,
                              .count = steps}));
  return *accountant.epsilon(1e-5);
}

/// An edge's journal, written by an outbox: the records in the order in which they became durable.
std::vector<journal_record> records_in(const std::vector<outbox::effect>& effects) {
  std::vector<journal_record> made;
  for (const auto& each : effects)
    if (const auto* x = std::get_if<outbox::write>(&each))
      made.insert(made.end(), x->records.begin(), x->records.end());
  return made;
}

outbox::past recalled(const std::vector<journal_record>& records) {
  std::vector<found_record> found;
  for (const auto& each : records)
    found.push_back({each.head, found.size() + 1, each.body.size()});
  auto past = outbox::recall(found, [&](std::uint64_t place) -> attempt<shared_bytes> {
    return records.at(place - 1).body;
  });
  REQUIRE(past);
  return std::move(*past);
}

std::uint64_t steps_in(const example_account& account) {
  std::uint64_t sum = 0;
  for (const auto& each : account.told())
    sum += each.step_count;
  return sum;
}

} // namespace

TEST_CASE("what an edge tells is what its accountant says of the steps that its plan has") {
  training::machine m({.examples = rules_with(8)});
  for (std::uint64_t round = 1; round <= 3; ++round) { // 2 epochs of 20 steps each
    const auto [declined, charge] = go_through(m, round, noisy_plan());
    CHECK(declined.empty());
    REQUIRE(charge);
    CHECK(charge->told == noted::examples_told{double{multiplier}, 0.05, 40});
    CHECK(charge->epsilon == doctest::Approx(epsilon_of(0.05, 40 * round)).epsilon(1e-9));
    CHECK(charge->delta == 1e-5);
  }
  // Another batch is another chance for each example; both add up, to more than either.
  const auto [declined, charge] = go_through(m, 4, noisy_plan(50));
  REQUIRE(charge);
  CHECK(charge->told == noted::examples_told{double{multiplier}, 0.25, 8});
  CHECK(charge->epsilon > epsilon_of(0.05, 120));
  CHECK(charge->epsilon < epsilon_of(0.05, 120) + epsilon_of(0.25, 8));
  // All of them in each step: no amplification.
  const auto whole = told_by(noisy_plan(0), 200);
  CHECK(whole == noted::examples_told{double{multiplier}, 1, 2});
  example_account all;
  REQUIRE(all.charge(whole));
  CHECK(*all.epsilon(1e-5) > 2);
}

TEST_CASE("an edge declines the round that would exceed its limit, and says why") {
  const double of_two = epsilon_of(0.05, 80), of_three = epsilon_of(0.05, 120);
  training::machine m({.examples = rules_with((of_two + of_three) / 2)});
  CHECK(go_through(m, 1, noisy_plan()).declined.empty());
  CHECK(go_through(m, 2, noisy_plan()).declined.empty());
  const auto why = go_through(m, 3, noisy_plan()).declined;
  CHECK(why.find("budget is spent") != std::string::npos);
  CHECK(why.find("1e-05") != std::string::npos);
  CHECK(go_through(m, 4, noisy_plan()).declined == why); // and what it declined has cost nothing
  auto louder = noisy_plan();
  louder.noise.noise_multiplier = 100;
  CHECK(go_through(m, 5, louder).declined.empty());
}

TEST_CASE("an edge that demands it trains in no other way and evaluates for nobody") {
  training::machine strict({.examples = rules_with(8)});
  CHECK(go_through(strict, 1, {}).declined.find("does not ask for it") != std::string::npos);
  const auto asked = strict.apply(evaluation_request{{1}, {.sha256 = {}, .byte_count = 400}});
  REQUIRE(asked);
  REQUIRE(asked->size() == 1);
  CHECK(std::get<training::report>(asked->front()).result.example_count == 0);

  training::machine open({.examples = rules_with(0, false)});
  const auto plain = go_through(open, 1, {});
  CHECK(plain.declined.empty());
  CHECK_FALSE(plain.charge);
  const auto noised = go_through(open, 2, noisy_plan()); // and has no limit, but counts
  CHECK(noised.charge);
}

TEST_CASE("a trainer that hides nothing is never given a plan that asks for it") {
  auto rules = rules_with(8, false);
  rules.trainer_hides = false;
  training::machine m({.examples = rules});
  CHECK(go_through(m, 1, noisy_plan()).declined.find("trainer cannot") != std::string::npos);
  CHECK(go_through(m, 2, {}).declined.empty());

  rules.is_required = true;
  REQUIRE_FALSE(check(rules));
  CHECK(check(rules).why().detail.find("hides_examples") != std::string::npos);
  CHECK(check(rules_with(8)));
  auto many = rules_with(8);
  many.example_count = 100'000;
  REQUIRE_FALSE(check(many));
  CHECK(check(many).why().detail.find("example_limit.delta is 1e-05") != std::string::npos);
}

TEST_CASE("a plan that cannot be accounted for is declined in the accountant's words") {
  training::machine m({.examples = rules_with(8, false)});
  for (const float bad : {-1.0F, 1e-30F}) {
    auto plan = noisy_plan();
    plan.noise.noise_multiplier = bad;
    CHECK_FALSE(go_through(m, 1, plan).declined.empty());
  }
  example_account account;
  noted::examples_told kind{1, 0.5, 1};
  for (std::size_t i = 0; i < example_account::kind_count_max; ++i, kind.noise_multiplier += 0.01)
    REQUIRE(account.charge(kind));
  const auto one_more = account.charge(kind);
  REQUIRE_FALSE(one_more);
  CHECK(one_more.why().detail.find("256 kinds") != std::string::npos);
  CHECK(account.charge({1, 0.5, 7}));
  CHECK_FALSE(account.charge({1, 0.5, accounting::event_count_max}));
}

TEST_CASE("whatever part of the journal survives, no update is in it that was not charged for") {
  outbox::machine box({}, client_id{"a"}, {}, 3);
  auto journal = records_in(box.begin(0s));
  const noted::examples_told told{1.5, 0.05, 40};
  for (std::uint64_t round = 1; round <= 3; ++round) {
    for (auto& each : records_in(box.accept(invite_to(round, noisy_plan()), 1s)))
      journal.push_back(std::move(each));
    for (auto& each : records_in(box.offer(update_for(round), 2s, {}, {.examples = told})))
      journal.push_back(std::move(each));
  }
  std::uint64_t before = 0;
  for (std::size_t length = 1; length <= journal.size(); ++length) {
    const std::vector<journal_record> part(journal.begin(),
                                           journal.begin() + static_cast<std::ptrdiff_t>(length));
    const auto past = recalled(part);
    const auto steps = steps_in(past.told.examples);
    CHECK(steps >= before); // nothing is given back
    before = steps;
    if (past.update)
      CHECK(steps == 40 * past.update->offer.round.value);
  }
  CHECK(before == 120);
}

TEST_CASE("a journal that begins anew still says what was told") {
  outbox::machine box({}, client_id{"a"}, {}, 3);
  auto journal = records_in(box.begin(0s));
  auto update = update_for(1);
  update.content = shared_bytes(bytes(900'000));
  bool has_restarted = false;
  std::uint64_t rounds = 0;
  while (!has_restarted) {
    ++rounds;
    for (const auto& effects :
         {box.accept(invite_to(rounds, noisy_plan()), 1s), [&] {
            update.offer.round = {rounds};
            return box.offer(update, 2s, {},
                             {.examples = noted::examples_told{1.5, rounds % 2 ? 0.05 : 0.1, 40}});
          }()})
      for (const auto& each : effects)
        if (const auto* x = std::get_if<outbox::write>(&each)) {
          has_restarted = has_restarted || x->restarts;
          if (x->restarts)
            journal.clear();
          journal.insert(journal.end(), x->records.begin(), x->records.end());
        }
    REQUIRE(rounds < 100);
  }
  const auto past = recalled(journal);
  CHECK(steps_in(past.told.examples) == 40 * rounds);
  CHECK(past.told.examples.told().size() == std::min<std::uint64_t>(rounds, 2));
}
