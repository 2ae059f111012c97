// Is there as much noise in a sum as its clients have added, whoever drops out, and does it never
// wrap?
#include <godwit/actors/machines/secure_body.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>
#include <optional>
#include <vector>

#include <doctest/doctest.h>

#include "support/noised_terms.hpp"
#include "support/secure_sum_steps.hpp"

using namespace godwit;
using namespace godwit::secure_sum;

namespace {

distributed_noise rules_of(noise_kind law, std::uint32_t survivors_min) {
  return {.law = law,
          .clip_norm = 2,
          .noise_multiplier = 1,
          .survivors_min = survivors_min,
          .corrupt_max = 2};
}

/// A whole sum of clients with these values, of whom the last few drop out before they upload.
/// Divided by 1.
std::vector<float> opened(const terms& rules, std::uint32_t client_count, std::uint32_t dropped,
                          const std::vector<float>& values) {
  stepped_sum sum(rules, client_count);
  sum.advertise();
  sum.share();
  body_sum bodies(rules);
  std::vector<std::uint32_t> survivors(client_count - dropped);
  std::iota(survivors.begin(), survivors.end(), 0U);
  for (const auto i : survivors) {
    auto& who = sum.clients[i];
    const auto body = make_body(*who.machine, {1, {values}});
    REQUIRE(body);
    sum.packed[who.name] = *body;
    const auto sent = sum.client_hears(i, client::body_made{sha256(*body)});
    const auto effect = all_of<client::send_body>(sent).front();
    sum.done(server::body_arrived{who.name, effect.body, effect.proof});
    REQUIRE(bodies.add(*body));
  }
  if (dropped > 0)
    sum.done(server::bodies_closed{});
  if (rules.profile == profile::malicious)
    sum.agree(survivors);
  sum.unmask(survivors);
  REQUIRE(sum.opened);
  const auto found = bodies.open(copy_of(*sum.opened), rules.round);
  REQUIRE(found);
  CHECK(found->weight() == survivors.size());
  const auto mean = found->noisy_sum_over(1);
  REQUIRE(mean);
  return *mean;
}

/// Sum of squares of what is left of a sum of zeros, in its variance. For Gaussian noise it is a
/// chi-square of so many degrees of freedom (Laurent & Massart 2000, lemma 1): outside of these
/// bounds with probability 2 exp(-x).
void check_variance(const std::vector<float>& noise, double variance) {
  const auto degrees = static_cast<double>(noise.size());
  double squares = 0;
  for (const double x : noise)
    squares += x * x / variance;
  constexpr double x = 14.5; // 10^-6
  CHECK(squares <= degrees + 2 * std::sqrt(degrees * x) + 2 * x);
  CHECK(squares >= degrees - 2 * std::sqrt(degrees * x));
}

} // namespace

TEST_CASE("an opened sum has the noise of all who are in it, with 0, 10 and 30 % drop-outs") {
  constexpr std::uint32_t client_count = 20;
  constexpr std::size_t length = 30'000;
  for (const auto law : {noise_kind::discrete_gaussian, noise_kind::skellam})
    for (const bool is_carried : {false, true})
      for (const std::uint32_t dropped : {0U, 2U, 6U}) {
        CAPTURE(static_cast<int>(law));
        CAPTURE(is_carried);
        CAPTURE(dropped);
        const auto rules = noised_flock_terms(rules_of(law, 14), client_count, length, is_carried);
        const auto noise = opened(rules, client_count, dropped, std::vector<float>(length));
        const double share = rules.noised->share_deviation * rules.noised->step;
        check_variance(noise, share * share * (client_count - dropped));
        // What is promised of the fewest: 14 of whom 2 add none, for a norm of 2.
        CHECK(share * share * 12 >= doctest::Approx(4));
      }
}

TEST_CASE("in profile malicious, too") {
  const auto rules = noised_flock_terms(rules_of(noise_kind::discrete_gaussian, 14), 20, 10'000,
                                        false, profile::malicious);
  const double share = rules.noised->share_deviation * rules.noised->step;
  check_variance(opened(rules, 20, 4, std::vector<float>(10'000)), share * share * 16);
}

TEST_CASE("half of the noise would be noticed") {
  const auto rules = noised_flock_terms(rules_of(noise_kind::discrete_gaussian, 14), 20, 30'000);
  const double share = rules.noised->share_deviation * rules.noised->step;
  auto noise = opened(rules, 20, 0, std::vector<float>(30'000));
  double squares = 0;
  for (auto& x : noise)
    squares += x * x;
  CHECK(squares > 30'000 * share * share * 20 * 0.9);
  CHECK(squares < 30'000 * share * share * 20 * 1.1);
}

TEST_CASE("a sum is right but for its noise, and vectors of any size count for their norm") {
  constexpr std::size_t length = 5'000;
  auto with_little_noise = rules_of(noise_kind::discrete_gaussian, 14);
  with_little_noise.noise_multiplier = 0.02;
  with_little_noise.bits = 20;
  const auto rules = noised_flock_terms(with_little_noise, 20, length);
  const double deviation = rules.noised->share_deviation * rules.noised->step * std::sqrt(20.);
  for (const float size : {1e-3F, 1e-2F, 1.0F, 1e30F}) {
    std::vector<float> values(length);
    for (std::size_t i = 0; i < length; ++i)
      values[i] = (i % 2 == 0 ? 1.0F : -0.5F) * size;
    double square = 0;
    for (const double x : values)
      square += x * x;
    const double scale = std::min(1.0, 2 / std::sqrt(square));
    const auto sum = opened(rules, 20, 0, values);
    std::vector<float> left(length);
    for (std::size_t i = 0; i < length; ++i) {
      left[i] = static_cast<float>(sum[i] - 20 * scale * values[i]);
      CHECK(std::abs(left[i]) < 6 * deviation + 20 * rules.noised->step);
    }
  }
}

TEST_CASE("the largest that all can say stays within the sum, so nothing wraps") {
  auto most = rules_of(noise_kind::discrete_gaussian, 14);
  const auto rules = noised_flock_terms(most, 20, 1);
  for (const float side : {1.0F, -1.0F}) {
    const auto sum = opened(rules, 20, 0, {side * std::numeric_limits<float>::max()});
    CHECK(std::abs(sum[0] - side * 40) < 13 * std::sqrt(20. / 12) * 2);
  }
}

TEST_CASE("a client that was killed makes the same body again, noise and all") {
  const auto rules = noised_flock_terms(rules_of(noise_kind::skellam, 14), 20, 100);
  stepped_sum sum(rules, 20);
  sum.advertise();
  sum.share();
  const std::vector<float> values(100, 0.1F);
  const auto& who = sum.clients[3];
  const auto first = make_body(*who.machine, {1, {values}});
  REQUIRE(first);
  auto again = client::machine::open(opening_of(who, rules, choose_graph));
  REQUIRE(again);
  const auto told = decode_roster(sum.rosters.at(3));
  std::vector<std::uint32_t> proven;
  for (const auto& near : told->neighbours)
    proven.push_back(near.index);
  REQUIRE(again->apply(client::roster_told{sum.rosters.at(3), proven}));
  REQUIRE(again->apply(client::shares_delivered{sum.delivered.at(3)}));
  const auto second = make_body(*again, {1, {values}});
  REQUIRE(second);
  CHECK(*first == *second);
  const auto other = make_body(*sum.clients[4].machine, {1, {values}});
  REQUIRE(other);
  CHECK(*first != *other);
}

TEST_CASE("no body is made of what has no norm") {
  const auto rules = noised_flock_terms(rules_of(noise_kind::discrete_gaussian, 14), 20, 3);
  stepped_sum sum(rules, 20);
  sum.advertise();
  sum.share();
  for (const float bad :
       {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    const std::vector<float> values{0, bad, 0};
    const auto body = make_body(*sum.clients[0].machine, {1, {values}});
    REQUIRE_FALSE(body);
    CHECK(body.why() == refusal::value_not_finite);
  }
}

TEST_CASE("bare bodies sum to what masked ones are opened to") {
  const auto rules = noised_flock_terms(rules_of(noise_kind::discrete_gaussian, 14), 20, 50);
  stepped_sum sum(rules, 20);
  sum.advertise();
  sum.share();
  const std::vector<float> values(50, 0.25F);
  body_sum bare(rules);
  const entry_writer writer(rules);
  for (const auto& who : sum.clients) {
    const auto& drawn = who.machine->draws();
    const auto body = make_bare_body(rules, writer, {1, {values}},
                                     {drawn.rounding.reveal().first<mask_key_bytes>(),
                                      drawn.clipping.reveal().first<mask_key_bytes>(),
                                      drawn.noise.reveal().first<mask_key_bytes>()});
    REQUIRE(body);
    REQUIRE(bare.add(*body));
  }
  const auto plain = bare.open({}, rules.round);
  REQUIRE(plain);
  CHECK(plain->noisy_sum_over(1) == std::optional(opened(rules, 20, 0, values)));
}
