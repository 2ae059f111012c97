// Are degree and threshold those of the published table, is every client's circle right, and is
// there no answer where there can be none?
#include <godwit/privacy/mask_graph.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <set>

#include <doctest/doctest.h>

using namespace godwit;
using namespace godwit::secure_sum;

namespace {

constexpr std::array<std::uint32_t, 9> sizes = {100,   200,    500,     1'000,    2'000,
                                                5'000, 10'000, 100'000, 1'000'000};

struct table_row {
  client_fractions fractions;
  std::array<graph_choice, sizes.size()> choices;
};

// Computed apart from this code, in exact arithmetic: nobody has t corrupt neighbours.
const table_row plain_table[] = {
    {{50, 50},
     {{{30, 25}, {30, 20}, {32, 18}, {34, 19}, {36, 20}, {36, 20}, {38, 21}, {40, 22}, {44, 24}}}},
    {{100, 100},
     {{{42, 32}, {42, 25}, {46, 25}, {52, 28}, {56, 30}, {58, 31}, {60, 32}, {66, 35}, {70, 37}}}},
    {{100, 200},
     {{{56, 36}, {58, 28}, {66, 30}, {74, 33}, {80, 36}, {86, 39}, {90, 41}, {94, 42}, {104, 46}}}},
    {{100, 300},
     {{{74, 44},
       {74, 30},
       {88, 33},
       {102, 39},
       {112, 43},
       {120, 46},
       {126, 48},
       {136, 52},
       {144, 55}}}},
    {{200, 100},
     {{{56, 46}, {58, 39}, {66, 41}, {76, 47}, {80, 49}, {88, 54}, {90, 55}, {98, 60}, {104, 63}}}},
    {{200, 200},
     {{{74, 54},
       {74, 41},
       {98, 52},
       {112, 59},
       {122, 64},
       {132, 69},
       {136, 71},
       {150, 78},
       {160, 83}}}},
    {{330, 100},
     {{{80, 70},
       {80, 60},
       {100, 69},
       {114, 78},
       {126, 86},
       {134, 91},
       {140, 95},
       {154, 104},
       {166, 112}}}},
};

struct proof_row {
  std::uint32_t n;
  client_fractions fractions;
  graph_choice choice;
};

// Likewise: nor 2 t - k corrupt ones.
const proof_row proof_table[] = {
    {1'000, {50, 50}, {62, 43}},     {10'000, {50, 50}, {74, 51}},
    {1'000, {100, 100}, {114, 78}},  {10'000, {100, 100}, {144, 98}},
    {1'000, {100, 200}, {230, 145}}, {10'000, {100, 200}, {332, 209}},
    {1'000, {200, 100}, {162, 118}}, {10'000, {200, 100}, {216, 157}},
    {1'000, {200, 200}, {340, 229}}, {10'000, {200, 200}, {566, 381}},
    {1'000, {330, 100}, {244, 189}}, {10'000, {330, 100}, {358, 276}},
};

} // namespace

TEST_CASE("degree and threshold are the table's where no client may have t corrupt neighbours") {
  for (const auto& row : plain_table)
    for (std::size_t i = 0; i < sizes.size(); ++i) {
      CAPTURE(sizes[i]);
      CAPTURE(row.fractions.corrupt);
      CAPTURE(row.fractions.dropped);
      CHECK(choose_sparse_graph(sizes[i], row.fractions, share_rule::plain) == row.choices[i]);
    }
}

TEST_CASE("degree and threshold are the table's where nobody may get both shares of one client") {
  for (const auto& row : proof_table) {
    CAPTURE(row.n);
    CAPTURE(row.fractions.corrupt);
    CHECK(choose_sparse_graph(row.n, row.fractions, share_rule::equivocation_proof) == row.choice);
    CHECK(choose_graph(row.n, row.fractions, profile::semi_honest) == row.choice);
  }
}

TEST_CASE("few clients, and all whose server is not trusted, have a complete graph") {
  CHECK(choose_graph(100, {100, 200}, profile::semi_honest) == graph_choice{99, 56});
  CHECK(choose_graph(128, {}, profile::semi_honest) == graph_choice{127, 65});
  CHECK(choose_graph(129, {}, profile::semi_honest)->degree < 128);
  CHECK(choose_graph(512, {100, 300}, profile::malicious) == graph_choice{511, 282});
  CHECK(choose_graph(3, {}, profile::semi_honest) == graph_choice{2, 2});
}

TEST_CASE("where there can be no answer there is none") {
  CHECK_FALSE(choose_graph(0, {}, profile::semi_honest));
  CHECK_FALSE(choose_graph(1, {}, profile::semi_honest));
  CHECK_FALSE(choose_graph(2, {}, profile::semi_honest)); // with one neighbour, two shares
  CHECK(choose_graph(10, {100, 300}, profile::semi_honest));
  CHECK_FALSE(choose_graph(10, {100, 400}, profile::semi_honest)); // t = 6 of 10 - 4 - 1
  CHECK_FALSE(choose_graph(513, {}, profile::malicious));
  CHECK_FALSE(choose_graph(1'000'001, {}, profile::semi_honest));
  CHECK_FALSE(choose_graph(1'000, {500, 500}, profile::semi_honest));
  CHECK_FALSE(choose_graph(1'000'000, {330, 340}, profile::semi_honest));
}

TEST_CASE("neighbours are mutual, as many as the degree, and the nearest on the circle") {
  sha256_digest terms_hash{}, root{};
  root.fill(std::byte{4});
  for (const auto& [n, degree] : {std::pair{3U, 2U}, {9U, 4U}, {50U, 49U}, {200U, 12U}}) {
    const mask_graph graph(terms_hash, root, n, degree);
    for (std::uint32_t u = 0; u < n; ++u) {
      const auto near = graph.neighbours(u);
      REQUIRE(near.size() == degree);
      REQUIRE(std::is_sorted(near.begin(), near.end()));
      REQUIRE(std::set(near.begin(), near.end()).size() == degree);
      for (std::uint32_t v = 0; v < n; ++v)
        REQUIRE(graph.are_neighbours(u, v) == std::binary_search(near.begin(), near.end(), v));
      for (const auto v : near) {
        const auto back = graph.neighbours(v);
        REQUIRE(std::binary_search(back.begin(), back.end(), u));
      }
    }
    CHECK_FALSE(graph.are_neighbours(0, n));
    if (degree + 1 < n) {
      const auto& circle = graph.permutation();
      REQUIRE(circle.size() == n);
      CHECK(graph.are_neighbours(circle[0], circle[degree / 2]));
      CHECK_FALSE(graph.are_neighbours(circle[0], circle[degree / 2 + 1]));
      CHECK(graph.are_neighbours(circle[0], circle[n - degree / 2]));
      sha256_digest other = root;
      other[0] = std::byte{5};
      CHECK(mask_graph(terms_hash, other, n, degree).permutation() != circle);
    }
  }
}
