// Are keys, errors and public polynomials distributed as they are said to be, and is the noise of a
// ciphertext what the theory says?
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include <doctest/doctest.h>

#include "rlwe/ciphertext.hpp"
#include "rlwe/modular.hpp"
#include "rlwe/parameters.hpp"
#include "rlwe/ring.hpp"

using namespace godwit;
using namespace godwit::rlwe;

namespace {

secret seed_of(std::uint8_t number) {
  return secret(bytes(32, static_cast<std::byte>(number)));
}

/// Below this a chi-square statistic stays but for one time in a million (Wilson and Hilferty).
double chi_square_max(double degrees) {
  const double ninth = 2 / (9 * degrees);
  return degrees * std::pow(1 - ninth + 4.75 * std::sqrt(ninth), 3);
}

/// The counts' statistic against their expectation; bins that expect less than 10 are one bin.
void check_fit(const std::vector<double>& counts, const std::vector<double>& expected) {
  double statistic = 0, rare_count = 0, rare_expected = 0;
  int bins = 0;
  const auto take = [&](double count, double expectation) {
    statistic += (count - expectation) * (count - expectation) / expectation;
    ++bins;
  };
  for (std::size_t i = 0; i < counts.size(); ++i)
    if (expected[i] >= 10)
      take(counts[i], expected[i]);
    else {
      rare_count += counts[i];
      rare_expected += expected[i];
    }
  if (rare_expected > 0)
    take(rare_count, rare_expected);
  CHECK(statistic < chi_square_max(bins - 1));
}

/// Whether numbers below q fall alike into 256 parts of their range.
void check_uniform(const std::vector<std::uint64_t>& numbers, std::uint64_t q) {
  std::vector<double> counts(256);
  for (const auto number : numbers)
    counts[static_cast<std::size_t>(u128{number} * counts.size() / q)] += 1;
  check_fit(counts,
            std::vector<double>(counts.size(), static_cast<double>(numbers.size()) / 256.0));
}

double squares(const std::vector<std::uint64_t>& numbers, double offset) {
  double sum = 0;
  for (const auto number : numbers)
    sum += (static_cast<double>(number) - offset) * (static_cast<double>(number) - offset);
  return sum;
}

/// The noise in ciphertexts of zeros, which is all that is in them, as centred integers.
class noise_meter {
public:
  noise_meter(const ring& in, const prepared_polynomial& s) : in_(in), s_(s) {}

  void take(const std::uint64_t* c0, const std::uint64_t* c1) {
    std::vector<std::uint64_t> opened(c0, c0 + in_.words());
    in_.multiply_add(opened.data(), c1, s_);
    in_.kernels().inverse(in_.at(0), opened.data());
    const auto q = in_.at(0).q;
    for (std::size_t i = 0; i < in_.set().degree; ++i) {
      const auto noise = static_cast<double>(std::min(opened[i], q - opened[i]));
      squares_ += noise * noise;
      largest_ = std::max(largest_, noise);
      count_ += 1;
    }
  }
  double variance() const { return squares_ / count_; }
  double largest() const { return largest_; }

private:
  const ring& in_;
  const prepared_polynomial& s_;
  double squares_ = 0, largest_ = 0, count_ = 0;
};

} // namespace

TEST_CASE("errors are centred binomial: 42 coins, less 21") {
  const ring in(*find_set(sum_set::rl4096a), sum_kernels::portable);
  word_stream stream(seed_of(1).reveal());
  std::vector<double> counts(2 * coins + 1), expected(counts.size());
  std::vector<std::uint64_t> drawn(in.set().degree);
  constexpr int blocks = 256;
  for (int block = 0; block < blocks; ++block) {
    in.draw_errors(stream, purpose::message_error, static_cast<std::uint64_t>(block), drawn.data());
    for (const auto heads : drawn)
      counts.at(heads) += 1;
  }
  for (std::size_t heads = 0; heads < counts.size(); ++heads)
    expected[heads] = 4096.0 * blocks *
                      std::exp(std::lgamma(43) - std::lgamma(static_cast<double>(heads) + 1) -
                               std::lgamma(43 - static_cast<double>(heads)) - 42 * std::log(2));
  check_fit(counts, expected);
}

TEST_CASE("keys are ternary, each value as often as the others") {
  const ring in(*find_set(sum_set::rl4096a), sum_kernels::portable);
  word_stream stream(seed_of(2).reveal());
  std::vector<double> counts(3), by_part(12);
  std::vector<std::uint64_t> drawn(in.set().degree);
  constexpr int blocks = 256;
  for (std::uint64_t block = 0; block < blocks; ++block) {
    in.draw_ternary(stream, purpose::ephemeral_key, block, drawn.data());
    for (std::size_t i = 0; i < drawn.size(); ++i) {
      counts.at(drawn[i]) += 1;
      by_part[i / 1024 * 3 + drawn[i]] += 1; // the four of a word come from different digits
    }
  }
  check_fit(counts, std::vector<double>(3, 4096.0 * blocks / 3));
  check_fit(by_part, std::vector<double>(12, 1024.0 * blocks / 3));
}

TEST_CASE("public polynomials are uniform below each prime") {
  const ring in(*find_set(sum_set::rt8192a), sum_kernels::portable);
  word_stream stream(seed_of(3).reveal());
  std::vector<std::vector<std::uint64_t>> by_prime(4);
  std::vector<std::uint64_t> drawn(in.words());
  for (std::uint64_t block = 0; block < 32; ++block) {
    in.draw_uniform(stream, block, drawn.data());
    for (std::size_t i = 0; i < drawn.size(); ++i) {
      REQUIRE(drawn[i] < in.at(i / 8192).q);
      by_prime[i / 8192].push_back(drawn[i]);
    }
  }
  for (std::size_t prime = 0; prime < 4; ++prime)
    check_uniform(by_prime[prime], primes[prime].value);
}

TEST_CASE("a fresh ciphertext's noise has the variance of the theory and stays in the bound") {
  const auto& set = *find_set(sum_set::rl4096a);
  const ring in(set, sum_kernels::portable);
  const auto scheme = make_additive_scheme(set.id, {});
  const auto keys = scheme->make_keys(seed_of(4));
  const auto encryptor = std::move(*scheme->encryptor(keys->encryption.reveal()));
  // For one key: Var = 2/3 |e|^2 + 21/2 + 21/2 |s|^2, of this key's own s and e.
  const auto parts = draw_key_parts(in, public_seed_of(set, {}), seed_of(4));
  const auto s = draw_key(in, seed_of(4));
  const auto stream_key = derive_secret("godwit/rlwe/keys", {seed_of(4).reveal()});
  word_stream stream(stream_key.reveal());
  std::vector<std::uint64_t> e(set.degree);
  in.draw_errors(stream, purpose::key_error, 0, e.data());
  const double s_squared = squares({s.data(), s.data() + s.size()}, 1);
  const double e_squared = squares(e, coins);
  CHECK(std::abs(s_squared / (4096 * 2.0 / 3) - 1) < 0.1);
  CHECK(std::abs(e_squared / (4096 * 10.5) - 1) < 0.1);
  noise_meter meter(in, parts.s);
  const std::vector<std::uint32_t> zeros(32 * values_in_block(set));
  for (std::uint64_t round = 0; round < 8; ++round) {
    const auto made = encryptor->encrypt(zeros, 13, round, seed_of(5));
    REQUIRE(made);
    for (std::size_t block = 0; block < 32; ++block)
      meter.take(made->words.data() + 2 * block * in.words(),
                 made->words.data() + (2 * block + 1) * in.words());
  }
  const double theory = 2.0 / 3 * e_squared + 10.5 + 10.5 * s_squared;
  MESSAGE("noise: variance over theory " << meter.variance() / theory << ", largest "
                                         << meter.largest() << " of at most "
                                         << noise_of_one(set, 1));
  CHECK(std::abs(meter.variance() / theory - 1) < 0.01);
  CHECK(meter.largest() <= static_cast<double>(noise_of_one(set, 1)));
}

TEST_CASE("a key-additive ciphertext's noise is its error alone") {
  const auto& set = *find_set(sum_set::rk4096a);
  const ring in(set, sum_kernels::portable);
  const auto scheme = make_additive_scheme(set.id, {});
  const auto public_seed = public_seed_of(set, {});
  std::vector<std::uint64_t> transformed(in.words()), a(in.words());
  const auto small = draw_key(in, seed_of(6));
  in.transform_small(small.data(), 1, transformed.data());
  in.negate(transformed.data());
  const auto minus_s = in.prepare(transformed.data());
  noise_meter meter(in, minus_s);
  word_stream stream(public_seed);
  const auto encryptor = std::move(*scheme->encryptor(seed_of(6).reveal()));
  const std::vector<std::uint32_t> zeros(128 * values_in_block(set));
  const auto made = encryptor->encrypt(zeros, 17, 1, seed_of(7));
  REQUIRE(made);
  for (std::size_t block = 0; block < 128; ++block) {
    in.draw_uniform(stream, block, a.data());
    meter.take(made->words.data() + block * in.words(), a.data());
  }
  CHECK(std::abs(meter.variance() / 21 - 1) < 0.01);
  CHECK(meter.largest() <= 42);
}

TEST_CASE("ciphertexts of zeros look uniform") {
  for (const auto id : {sum_set::rl4096a, sum_set::rk4096a}) {
    const auto& set = *find_set(id);
    const auto scheme = make_additive_scheme(id, {});
    const auto keys = scheme->make_keys(seed_of(8));
    const auto encryptor = std::move(*scheme->encryptor(keys->encryption.reveal()));
    const std::vector<std::uint32_t> zeros(64 * values_in_block(set));
    const auto made = encryptor->encrypt(zeros, 13, 1, seed_of(9));
    REQUIRE(made);
    std::vector<std::vector<std::uint64_t>> by_prime(2);
    for (std::size_t i = 0; i < made->words.size(); ++i)
      by_prime[i / set.degree % 2].push_back(made->words[i]);
    for (std::size_t prime = 0; prime < 2; ++prime)
      check_uniform(by_prime[prime], primes[prime].value);
  }
}
