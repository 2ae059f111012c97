// Does the account of a client's parts in trees say what the released prefixes tell of it?
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <random>
#include <set>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <godwit/privacy/concentrated_cost.hpp>
#include <godwit/privacy/noise_tree.hpp>
#include <godwit/privacy/tree_account.hpp>

using namespace godwit;

namespace {

/// What all prefixes of a tree with node noise of deviation 1 tell of a client that adds 1 in these
/// steps, mu^2: the prefixes are B n, n being the nodes' noise, so it is |B^-1 u|^2, with u_t the
/// number of steps among the first t. Each prefix ends in a node that no shorter one has.
double mu_squared(std::uint64_t rounds, const std::set<std::uint64_t>& steps) {
  std::vector<std::pair<unsigned, std::uint64_t>> known;
  std::vector<double> in_node;
  double sum = 0;
  for (std::uint64_t count = 1; count <= rounds; ++count) {
    const auto nodes = nodes_of_prefix(count);
    double rest = static_cast<double>(
        std::ranges::count_if(steps, [count](auto step) { return step < count; }));
    for (std::size_t i = 0; i + 1 < nodes.size(); ++i) {
      const auto at = std::ranges::find(known, std::pair(nodes[i].level, nodes[i].index));
      REQUIRE(at != known.end());
      rest -= in_node[static_cast<std::size_t>(at - known.begin())];
    }
    known.emplace_back(nodes.back().level, nodes.back().index);
    in_node.push_back(rest);
    sum += rest * rest;
  }
  return sum;
}

} // namespace

TEST_CASE("the account of a tree is exactly what its prefixes tell") {
  const std::uint64_t seed = 17;
  MESSAGE("seed " << seed);
  std::mt19937_64 chance(seed);
  for (int i = 0; i < 2000; ++i) {
    const std::uint64_t rounds = 1 + chance() % 40;
    std::set<std::uint64_t> steps;
    for (std::uint64_t step = 0; step < rounds; ++step)
      if (chance() % 4 == 0)
        steps.insert(step);
    CAPTURE(rounds);
    tree_parts parts;
    std::uint64_t squares = 0;
    std::optional<tree_place> last;
    for (std::uint64_t step = 0; step < rounds; ++step) {
      const auto at = place_behind(last, rounds);
      REQUIRE(at == tree_place{0, step, rounds});
      if (steps.contains(step)) {
        const auto most = parts.most_of_next(last, rounds);
        const auto added = parts.add(at);
        CHECK(added <= most);
        CHECK(parts.add(at) == 0); // a killed server says it again
        squares += added;
      }
      last = at;
    }
    CHECK(static_cast<double>(squares) == doctest::Approx(mu_squared(rounds, steps)));
  }
}

TEST_CASE("no client spends more than the accountant of whole trees says") {
  for (const std::uint64_t rounds : {1U, 7U, 8U, 64U, 100U}) {
    CAPTURE(rounds);
    tree_parts every;
    std::uint64_t squares = 0, most_of_one = 0;
    for (std::uint64_t step = 0; step < rounds; ++step) {
      squares += every.add({3, step, rounds});
      most_of_one = std::max(most_of_one, tree_parts().add({3, step, rounds}));
      const auto whole =
          accounting::cost_of({.mechanism = accounting::tree_aggregation{1, rounds, step + 1, 1}});
      REQUIRE(whole);
      CHECK(static_cast<double>(squares) <= 2 * whole->rho * (1 + 1e-9));
    }
    CHECK(tree_parts().most_of_next({}, rounds) == most_of_one);
  }
}

TEST_CASE("where a tree is over, or of another length, the next one begins") {
  CHECK(place_behind({}, 4) == tree_place{0, 0, 4});
  CHECK(place_behind(tree_place{0, 2, 4}, 4) == tree_place{0, 3, 4});
  CHECK(place_behind(tree_place{0, 3, 4}, 4) == tree_place{1, 0, 4});
  CHECK(place_behind(tree_place{5, 1, 4}, 8) == tree_place{6, 0, 8});
  tree_parts parts;
  CHECK(parts.add({0, 0, 4}) == 3); // nodes of 1, 2 and 4 rounds
  CHECK(parts.add({0, 1, 4}) == 6); // the second part in those of 2 and 4; no prefix has it alone
  CHECK(parts.add({1, 0, 4}) == 3);
}
