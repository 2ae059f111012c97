// Is what parties compute with shares right, and does nobody believe anything else?
#include <godwit/privacy/authenticated_sharing.hpp>

#include <array>
#include <cmath>
#include <iterator>
#include <map>
#include <random>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "support/party_world.hpp"
#include "vector_file.hpp"

using namespace godwit;
using namespace godwit::authenticated;

namespace {

using field = field_element;
using small_field = prime_field<251>;
using values = outcome<std::vector<field>>;
using part = share<field>;

/// (x y + 3, x - y) of a client's two inputs.
struct small_program {
  std::vector<field> differences;
  std::vector<std::vector<part>> masks;
  values operator()(party<field>& own, unsigned index) const {
    const auto xs = own.take(differences, masks[index]);
    const auto product = own.multiply(std::span(xs).first(1), std::span(xs).last(1));
    if (!product)
      return product.why();
    return own.open(std::array{product->front() + own.key().of_public(field(3)), xs[0] - xs[1]});
  }
};

small_program program_of(dealer<field>& from, const std::vector<field>& inputs) {
  auto masks = from.deal_masks(inputs.size());
  return {masked_inputs<field>(inputs, masks.numbers), std::move(masks.parts)};
}

struct small_computation {
  explicit small_computation(unsigned party_count, meddling change = {})
      : at(party_count, std::move(change)) {
    dealer<field> from(seed_of(7), party_count);
    const auto program = program_of(from, {field(20), field::of_signed(-4)});
    auto dealt = from.deal(1, 0);
    results = run_parties(from, dealt, program, at);
  }
  bool is_right(unsigned party) const {
    const auto& one = *results[party];
    return one && (*one)[0].signed_value() == -77 && (*one)[1].signed_value() == 24;
  }
  bool is_fooled() const {
    for (unsigned party = 0; party < results.size(); ++party)
      if (*results[party] && !is_right(party))
        return true;
    return false;
  }
  table at;
  std::vector<std::optional<values>> results;
};

} // namespace

TEST_CASE("every message is, byte for byte, that of the second implementation") {
  int computation_count = 0;
  for (const auto& record : read_vectors("shared_sum.vec")) {
    if (record.at("item") != "computation")
      continue;
    const auto words = [&record](const std::string& key) {
      std::istringstream in(record.at(key));
      return std::vector<std::string>(std::istream_iterator<std::string>(in), {});
    };
    const auto numbers = [&words](const char* key) {
      std::vector<field> out;
      for (const auto& word : words(key))
        out.emplace_back(std::stoull(word));
      return out;
    };
    const auto party_count = static_cast<unsigned>(std::stoul(record.at("parties")));
    dealer<field> from(secret(from_hex(record.at("dealer_seed"))), party_count);
    const auto program = program_of(from, numbers("inputs"));
    CHECK(program.differences == numbers("differences"));
    auto dealt = from.deal(1, 0);
    std::map<std::pair<std::size_t, unsigned>, std::string> said_by;
    table at(party_count, [&said_by](const said& x) {
      if (x.to == 0)
        said_by[{x.exchange, x.from}] = hex(x.content);
    });
    const auto entropy = words("entropy");
    const auto out = run_parties(from, dealt, program, at, [&entropy](unsigned party) {
      return secret(from_hex(entropy[party]));
    });
    REQUIRE(*out[0]);
    CHECK(**out[0] == numbers("results"));
    CHECK(std::to_string(at.exchange_count()) == record.at("exchange_count"));
    for (const auto& [where, content] : said_by)
      CHECK(words("exchange_" + std::to_string(where.first))[where.second] == content);
    ++computation_count;
  }
  CHECK(computation_count == 2);
}

TEST_CASE("two and three parties compute what the plain numbers give") {
  for (const unsigned party_count : {2U, 3U}) {
    const small_computation done(party_count);
    for (unsigned party = 0; party < party_count; ++party)
      CHECK(done.is_right(party));
  }
}

TEST_CASE("inner products and square norms are those of the plain vectors") {
  std::mt19937_64 random(5);
  dealer<field> from(seed_of(1), 3);
  std::vector<std::int64_t> x, y;
  std::int64_t product = 0, square = 0;
  for (int i = 0; i < 50; ++i) {
    x.push_back(static_cast<std::int64_t>(random() % 2000) - 1000);
    y.push_back(static_cast<std::int64_t>(random() % 2000) - 1000);
    product += x.back() * y.back();
    square += x.back() * x.back();
  }
  const auto xs = share_all(from, x), ys = share_all(from, y);
  auto dealt = from.deal(100, 0);
  table at(3, {});
  const auto out = run_parties(
      from, dealt,
      [&](party<field>& own, unsigned index) -> values {
        const auto both = own.inner_product(xs[index], ys[index]);
        const auto norm = own.square_norm(xs[index]);
        if (!both || !norm)
          return fault::lost;
        return own.open(std::array{*both, *norm});
      },
      at);
  for (const auto& one : out) {
    REQUIRE(*one);
    CHECK((**one)[0].signed_value() == product);
    CHECK((**one)[1].signed_value() == square);
  }
  CHECK(dealt[0].triples.empty());
}

TEST_CASE("one changed byte of any message is noticed by who gets it") {
  for (const unsigned party_count : {2U, 3U}) {
    const small_computation honest(party_count);
    const auto lengths = honest.at.lengths();
    CHECK(lengths.size() == 10); // factors, check, results, check
    for (std::size_t exchange = 0; exchange < lengths.size(); ++exchange)
      for (std::size_t at = 0; at < lengths[exchange]; ++at) {
        const unsigned victim = static_cast<unsigned>(at % party_count);
        const unsigned liar = (victim + 1) % party_count;
        const small_computation done(party_count, [&](const said& x) {
          if (x.exchange == exchange && x.from == liar && x.to == victim)
            x.content[at] ^= std::byte{0x01};
        });
        CAPTURE(exchange);
        CAPTURE(at);
        REQUIRE_FALSE(done.is_fooled());
        REQUIRE_FALSE(*done.results[victim]);
      }
  }
}

TEST_CASE(
    "a party that lies to all the same is noticed by all: the transcripts agree, the keys tell") {
  // It changes its part of what is opened; its own transcript has the change in it too.
  const std::pair<std::size_t, std::size_t> places[] = {{0, 32}, {0, 40}, {5, 32}, {5, 40}};
  for (const auto& [exchange, at] : places)
    for (const unsigned party_count : {2U, 3U}) {
      const small_computation done(party_count, [&](const said& x) {
        if (x.exchange == exchange && x.from == 1)
          x.content[at] ^= std::byte{0x01};
      });
      for (unsigned party = 0; party < party_count; ++party)
        if (party != 1) {
          REQUIRE_FALSE(*done.results[party]);
          CHECK(done.results[party]->why() == fault::wrong_mac);
        }
    }
}

TEST_CASE("who opens something else than it committed itself to is found out") {
  for (const std::size_t exchange : {2U, 4U}) { // its coin, its remainders
    const small_computation done(3, [&](const said& x) {
      if (x.exchange == exchange && x.from == 2)
        x.content[33] ^= std::byte{0x01};
    });
    for (const unsigned party : {0U, 1U})
      CHECK(done.results[party]->why() == fault::wrong_commitment);
  }
}

TEST_CASE("parties that were told different inputs do not compute") {
  dealer<field> from(seed_of(9), 2);
  const auto masks = from.deal_masks(1);
  auto dealt = from.deal(0, 0);
  table at(2, {});
  const auto out = run_parties(
      from, dealt,
      [&](party<field>& own, unsigned index) -> values {
        const std::array told{field(100 + index)};
        return own.open(own.take(told, masks.parts[index]));
      },
      at);
  for (const auto& one : out)
    CHECK(one->why() == fault::diverged);
}

TEST_CASE("a dealer that dealt too little ends the computation") {
  dealer<field> from(seed_of(9), 2);
  const auto xs = share_all(from, {1, 2});
  auto dealt = from.deal(1, 0);
  table at(2, {});
  const auto out = run_parties(
      from, dealt,
      [&](party<field>& own, unsigned index) { return own.multiply(xs[index], xs[index]); }, at);
  for (const auto& one : out)
    CHECK(one->why() == fault::used_up);
}

namespace {

/// How many of `tries` openings with a changed value and a guessed change of its MACs are believed.
template <class Field, std::size_t keys>
unsigned forged(unsigned tries, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  dealer<Field, keys> from(seed_of(static_cast<unsigned>(seed)), 2);
  unsigned believed = 0;
  for (unsigned i = 0; i < tries; ++i) {
    const auto parts = from.share_out(Field(random()));
    const Field change = Field(1 + random() % (Field::modulus - 1));
    const Field opened = parts[0].value + parts[1].value + change;
    auto macs = parts[1].macs; // the second party lies, and guesses the keys
    for (auto& mac : macs)
      mac += change * Field(random());
    const opened_value<Field, keys> seen[2] = {{opened, parts[0].macs}, {opened, macs}};
    bool is_zero = true;
    for (std::size_t k = 0; k < keys; ++k) {
      Field sum;
      for (unsigned party = 0; party < 2; ++party) {
        element_source<Field> coefficients(seed_of(i).reveal());
        sum += mac_remainder<Field, keys>(from.key_parts()[party], k, std::span(&seen[party], 1),
                                          coefficients);
      }
      is_zero = is_zero && sum == Field();
    }
    believed += is_zero ? 1 : 0;
  }
  return believed;
}

} // namespace

TEST_CASE("a forged MAC is believed as often as a key is guessed: 1 in 251, 1 in 251^2, never") {
  constexpr unsigned tries = 100'000;
  // Binomial: 398.4 +- 19.9 expected with one key, 1.6 +- 1.26 with two.
  const double one_key = forged<small_field, 1>(tries, 1);
  CHECK(std::abs(one_key - tries / 251.0) < 5 * std::sqrt(tries / 251.0));
  CHECK(forged<small_field, 2>(tries, 2) <= 9);
  CHECK(forged<field, 2>(tries, 3) == 0);
  CHECK(forged<field, 1>(tries, 4) == 0);
}

namespace {

/// Candidates and as many to spend, of which number `wrong` (if there is one) is not a triple; then
/// a product with each that was kept.
template <class Field, std::size_t keys>
std::vector<std::optional<outcome<std::vector<Field>>>>
with_client_triples(unsigned seed, std::size_t count, std::size_t wrong, Field by) {
  dealer<Field, keys> from(seed_of(seed), 2);
  std::mt19937_64 random(seed);
  std::vector<Field> inputs;
  for (std::size_t i = 0; i < 2 * count; ++i) {
    const Field a(random()), b(random());
    inputs.insert(inputs.end(), {a, b, i == wrong ? a * b + by : a * b});
  }
  const auto masks = from.deal_masks(inputs.size());
  const auto differences =
      masked_inputs<Field>(std::span<const Field>(inputs), std::span(masks.numbers));
  const auto xs = share_all(from, std::vector<std::int64_t>(count, 6));
  auto dealt = from.deal(0, 0);
  table at(2, {});
  return run_parties(
      from, dealt,
      [&](party<Field, keys>& own, unsigned index) -> outcome<std::vector<Field>> {
        const auto given = own.take(differences, masks.parts[index]);
        const auto triples = as_triples<Field, keys>(given);
        if (const auto good =
                own.sacrifice(std::span(triples).first(count), std::span(triples).last(count));
            !good)
          return good.why();
        const auto products = own.multiply(xs[index], xs[index]);
        return products ? own.open(*products) : products.why();
      },
      at);
}

} // namespace

TEST_CASE("a client's triples multiply once they are checked, and a wrong one anywhere is found") {
  constexpr std::size_t count = 4;
  for (const auto& one : with_client_triples<field, 2>(1, count, 2 * count, field(1))) {
    REQUIRE(*one);
    for (const auto product : **one)
      CHECK(product == field(36));
  }
  for (std::size_t wrong = 0; wrong < 2 * count; ++wrong)
    for (const auto& one : with_client_triples<field, 2>(2, count, wrong, field(1)))
      CHECK(one->why() == fault::wrong_triple);
}

TEST_CASE("in a small field a wrong triple slips through as often as the coins allow") {
  constexpr unsigned tries = 2000;
  unsigned found = 0;
  for (unsigned seed = 0; seed < tries; ++seed)
    found += *with_client_triples<small_field, 1>(seed, 1, 0, small_field(9))[0] ? 0 : 1;
  // t = 0 or a coefficient that is 0: 2 / 251 of them slip through, 16 of 2,000.
  CHECK(found < tries);
  CHECK(found > tries - 40);
}
