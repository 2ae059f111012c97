// Is there enough noise in a sum of shares, and the same noise on a prefix that is released again?
#include <bit>
#include <cmath>
#include <cstdint>
#include <vector>

#include <doctest/doctest.h>

#include <godwit/privacy/noise_share.hpp>
#include <godwit/privacy/noise_tree.hpp>

#include "unit/privacy/noise/noise_laws.hpp"

using namespace godwit;

namespace {

noise_tree some_tree() {
  return {noise_sampler::make(noise_kind::discrete_gaussian, 100.0).value(),
          secret(bytes(32, std::byte{9}))};
}

} // namespace

TEST_CASE("a share is what the fewest honest survivors have to add, so drop-outs leave enough") {
  const noise_share_terms terms{.sum_deviation = 300, .survivors_min = 70, .corrupt_max = 10};
  CHECK(honest_survivors(terms) == 60);
  const auto share = noise_share(terms);
  REQUIRE(share);
  CHECK(share->scale() == doctest::Approx(300 / std::sqrt(60.0)));
  for (const std::uint32_t survivors : {100U, 90U, 70U}) { // 0, 10 and 30 % of 100 dropped out
    CAPTURE(survivors);
    std::vector<std::uint32_t> sum(20'000);
    for (std::uint32_t client = 0; client < survivors; ++client)
      share->add_to(sum, noise_key(1000 + client));
    double squares = 0;
    for (const auto lane : sum)
      squares += std::pow(static_cast<double>(static_cast<std::int32_t>(lane)), 2);
    const double variance = squares / static_cast<double>(sum.size());
    CHECK(variance == doctest::Approx(noise_variance(*share, survivors)).epsilon(0.05));
    CHECK(variance == doctest::Approx(300.0 * 300.0 * survivors / 60).epsilon(0.05));
  }
  CHECK(noise_variance(*share, 70, 10) == doctest::Approx(300.0 * 300.0));
}

TEST_CASE("shares that could not be relied upon are refused") {
  CHECK_FALSE(noise_share({.sum_deviation = 300, .survivors_min = 10, .corrupt_max = 10}));
  CHECK_FALSE(noise_share({.sum_deviation = 300, .survivors_min = 0}));
  CHECK_FALSE(noise_share({.sum_deviation = 0, .survivors_min = 10}));
  CHECK_FALSE(noise_share({.sum_deviation = std::nan(""), .survivors_min = 10}));
  CHECK_FALSE(noise_share({.sum_deviation = 1, .survivors_min = 10'000})); // 0.01 of a step each
  CHECK_FALSE(noise_share(
      {.kind = noise_kind::discrete_laplace, .sum_deviation = 300, .survivors_min = 10}));
}

TEST_CASE("a prefix is covered by its nodes, without a gap and without overlap") {
  CHECK(nodes_of_prefix(0).empty());
  CHECK(nodes_of_prefix(6) == std::vector<tree_node>{{2, 0}, {1, 2}});
  for (std::uint64_t count = 1; count < 300; ++count) {
    std::uint64_t covered = 0;
    for (const auto& node : nodes_of_prefix(count)) {
      CHECK((node.index << node.level) == covered);
      covered += std::uint64_t{1} << node.level;
    }
    CHECK(covered == count);
  }
}

TEST_CASE(
    "behind a crash a prefix has the same noise; another prefix, tree or seed has other noise") {
  std::vector<std::uint64_t> first(100), again(100), other(100);
  some_tree().add_to_prefix(first, 3, 13);
  some_tree().add_to_prefix(again, 3, 13);
  CHECK(first == again);
  some_tree().add_to_prefix(other, 4, 13);
  CHECK(first != other);
  noise_tree({noise_sampler::make(noise_kind::discrete_gaussian, 100.0).value(),
              secret(bytes(32, std::byte{8}))})
      .add_to_prefix(again, 3, 13);
  CHECK(first != again);
}

TEST_CASE("prefixes share the noise of the nodes that they share") {
  std::vector<std::uint64_t> twelve(50), thirteen(50), eight(50);
  some_tree().add_to_prefix(eight, 0, 8);
  some_tree().add_to_prefix(twelve, 0, 12);
  some_tree().add_to_prefix(thirteen, 0, 13);
  // 13 = 8 + 4 + 1 and 12 = 8 + 4: their difference is one node, of deviation 100.
  double squares = 0;
  for (std::size_t i = 0; i < 50; ++i)
    squares += std::pow(static_cast<double>(static_cast<std::int64_t>(thirteen[i] - twelve[i])), 2);
  CHECK(squares / 50 == doctest::Approx(1e4).epsilon(0.7));
  CHECK(some_tree().prefix_variance(13) == doctest::Approx(3e4));
  CHECK(some_tree().prefix_variance(8) == doctest::Approx(1e4));
}

TEST_CASE("noise on prefixes has the variance that grows with the bits of their count") {
  for (const std::uint64_t count : {1U, 7U, 8U, 255U}) {
    std::vector<std::uint64_t> sum(20'000);
    some_tree().add_to_prefix(sum, 1, count);
    double squares = 0;
    for (const auto lane : sum)
      squares += std::pow(static_cast<double>(static_cast<std::int64_t>(lane)), 2);
    CHECK(squares / 20'000 == doctest::Approx(some_tree().prefix_variance(count)).epsilon(0.06));
  }
}
