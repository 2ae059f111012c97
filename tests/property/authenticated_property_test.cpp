// With triples that the clients themselves bring: are exactly the short vectors added, and is their
// sum the plain one?
#include <algorithm>
#include <array>
#include <random>
#include <vector>

#include <doctest/doctest.h>

#include <godwit/privacy/norm_bound.hpp>

#include "support/party_world.hpp"

using namespace godwit;
using namespace godwit::authenticated;

namespace {

using field = field_element;
using part = share<field>;

/// What a client says to all parties, and the parties' parts of its masks.
struct client {
  std::vector<field> differences;
  std::vector<std::vector<part>> masks;
};

/// The bits of a vector, and triples to check them with, of which number `wrong` is none.
client client_of(dealer<field>& from, const norm_bound& bound,
                 const std::vector<std::int64_t>& vector, std::uint64_t square_said,
                 std::mt19937_64& random, std::size_t wrong) {
  auto said = bound;
  said.square_max += square_said; // a liar counts from another bound
  auto inputs = inputs_of<field>(said, vector);
  inputs.resize(bound.input_count());
  for (std::size_t i = 0; i < 2 * bound.triple_count(); ++i) {
    const field a(random()), b(random());
    inputs.insert(inputs.end(), {a, b, i == wrong ? a * b + field(1) : a * b});
  }
  auto masks = from.deal_masks(inputs.size());
  return {masked_inputs<field>(std::span<const field>(inputs), std::span(masks.numbers)),
          std::move(masks.parts)};
}

struct added {
  std::vector<bool> kept;
  std::vector<field> sum;
};

/// Adds the vectors of those whose inputs keep the bound.
outcome<added> add_short_ones(party<field>& own, unsigned index, const norm_bound& bound,
                              const std::vector<client>& clients) {
  added out;
  std::vector<part> sum(bound.length);
  for (const auto& one : clients) {
    const auto given = own.take(one.differences, one.masks[index]);
    const auto bits = std::span(given).first(bound.input_count());
    const auto triples = as_triples<field, 2>(std::span(given).subspan(bound.input_count()));
    const auto half = bound.triple_count();
    if (const auto good =
            own.sacrifice(std::span(triples).first(half), std::span(triples).last(half));
        !good)
      return good.why();
    const auto is_short = keeps<field, 2>(own, bound, bits);
    if (!is_short)
      return is_short.why();
    out.kept.push_back(*is_short);
    const auto values = values_of<field, 2>(own, bound, bits);
    for (std::size_t j = 0; *is_short && j < sum.size(); ++j)
      sum[j] = sum[j] + values[j];
  }
  auto opened = own.open(sum);
  if (!opened)
    return opened.why();
  out.sum = std::move(*opened);
  return out;
}

} // namespace

TEST_CASE("exactly the short vectors are added, with triples that the clients brought") {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    const unsigned party_count = 2 + static_cast<unsigned>(random() % 2);
    norm_bound bound{.length = 1 + random() % 6,
                     .value_bits = 2 + static_cast<unsigned>(random() % 8),
                     .square_max = 0};
    const std::int64_t half = std::int64_t{1} << (bound.value_bits - 1);
    bound.square_max = 1 + random() % (bound.length * static_cast<std::uint64_t>(half * half));
    dealer<field> from(seed_of(static_cast<unsigned>(seed)), party_count);
    std::vector<client> clients;
    std::vector<bool> kept;
    std::vector<std::int64_t> plain(bound.length);
    for (int c = 0; c < 4; ++c) {
      std::vector<std::int64_t> vector(bound.length);
      std::uint64_t square = 0;
      for (auto& one : vector) {
        one = static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(2 * half)) - half;
        square += static_cast<std::uint64_t>(one * one);
      }
      kept.push_back(square <= bound.square_max);
      for (std::size_t j = 0; kept.back() && j < plain.size(); ++j)
        plain[j] += vector[j];
      const auto lie = kept.back() ? 0 : square - bound.square_max;
      clients.push_back(client_of(from, bound, vector, lie, random, ~std::size_t{0}));
    }
    auto dealt = from.deal(0, 0);
    table at(party_count, {});
    const auto out = run_parties(
        from, dealt,
        [&](party<field>& own, unsigned index) {
          return add_short_ones(own, index, bound, clients);
        },
        at);
    for (const auto& one : out) {
      REQUIRE(*one);
      CHECK((**one).kept == kept);
      for (std::size_t j = 0; j < plain.size(); ++j)
        CHECK((**one).sum[j].signed_value() == plain[j]);
    }
  }
}

TEST_CASE("one wrong triple of one client ends the computation, wherever it is") {
  const norm_bound bound{.length = 2, .value_bits = 2, .square_max = 3};
  for (std::size_t wrong = 0; wrong < 2 * bound.triple_count(); ++wrong) {
    CAPTURE(wrong);
    std::mt19937_64 random(wrong);
    dealer<field> from(seed_of(5), 2);
    const std::vector<client> clients{client_of(from, bound, {1, -1}, 0, random, wrong)};
    auto dealt = from.deal(0, 0);
    table at(2, {});
    const auto out = run_parties(
        from, dealt,
        [&](party<field>& own, unsigned index) {
          return add_short_ones(own, index, bound, clients);
        },
        at);
    for (const auto& one : out)
      CHECK(one->why() == fault::wrong_triple);
  }
}
