// Does the ring's arithmetic do what the definition says, with each set of kernels, bit for bit?
#include "rlwe/ring.hpp"

#include <algorithm>
#include <cstdint>
#include <random>
#include <vector>

#include <doctest/doctest.h>

#include "available_kernels.hpp"
#include "rlwe/modular.hpp"

using namespace godwit;
using namespace godwit::rlwe;

namespace {

using polynomial = std::vector<std::uint64_t>;

polynomial random_polynomial(std::size_t degree, std::uint64_t below, std::mt19937_64& random) {
  polynomial drawn(degree);
  for (auto& coefficient : drawn)
    coefficient = random() % below;
  return drawn;
}

/// a b mod X^N + 1, by the definition.
polynomial schoolbook(const polynomial& a, const polynomial& b, std::uint64_t q) {
  polynomial product(a.size());
  for (std::size_t i = 0; i < a.size(); ++i)
    for (std::size_t j = 0; j < b.size(); ++j) {
      const auto term = slow_multiply(a[i], b[j], q);
      const std::size_t at = (i + j) % a.size();
      product[at] = (product[at] + (i + j < a.size() ? term : q - term)) % q;
    }
  return product;
}

factors prepare(const transform& t, const polynomial& w) {
  factors made{w, w};
  for (auto& quotient : made.quotients)
    quotient = quotient_of(quotient, t.step, t.q) >> (64 - t.quotient_bits);
  return made;
}

/// The same by transforms.
polynomial product_by_transforms(const transform& t, const kernel_set& kernels, polynomial a,
                                 polynomial b) {
  polynomial sum(a.size());
  kernels.forward(t, a.data());
  kernels.forward(t, b.data());
  kernels.multiply_add(t, sum.data(), a.data(), prepare(t, b));
  kernels.inverse(t, sum.data());
  return sum;
}

/// Miller and Rabin's test; with these bases it is certain below 3.3e24 (Sorenson, Webster 2015).
bool is_prime(std::uint64_t n) {
  const int twos = __builtin_ctzll(n - 1);
  for (std::uint64_t base : {2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41}) {
    auto power = slow_power(base, (n - 1) >> twos, n);
    bool is_witness = power != 1 && power != n - 1;
    for (int i = 1; i < twos && is_witness; ++i) {
      power = slow_multiply(power, power, n);
      is_witness = power != n - 1;
    }
    if (is_witness)
      return false;
  }
  return true;
}

} // namespace

TEST_CASE("the listed primes are the largest four below 2^50 that are 1 mod 2^14") {
  std::size_t found = 0;
  for (std::uint64_t n = (std::uint64_t{1} << 50) + 1 - (1 << 14); found < primes.size();
       n -= 1 << 14)
    if (is_prime(n))
      CHECK(primes[found++].value == n);
  for (const auto& prime : primes) {
    const auto half = (prime.value - 1) / 2;
    CHECK(slow_power(prime.non_square, half, prime.value) == prime.value - 1);
    for (std::uint64_t less = 2; less < prime.non_square; ++less)
      CHECK(slow_power(less, half, prime.value) == 1);
  }
}

TEST_CASE("a quotient for Shoup's multiplication is the one of long division") {
  std::mt19937_64 random(11);
  for (const auto& prime : primes) {
    const auto step = static_cast<std::uint64_t>((u128{1} << 96) / prime.value);
    for (int i = 0; i < 10'000; ++i) {
      const std::uint64_t edges[] = {0, 1, prime.value - 1};
      const auto w = i < 3 ? edges[i] : random() % prime.value;
      REQUIRE(quotient_of(w, step, prime.value) ==
              static_cast<std::uint64_t>((u128{w} << 64) / prime.value));
    }
  }
}

TEST_CASE("products by transforms are those of the definition") {
  for (const auto kernels : available_kernels())
    for (const auto& prime : primes)
      for (std::size_t degree = kernels == sum_kernels::portable ? 8 : 16; degree <= 128;
           degree *= 2) {
        std::mt19937_64 random(degree);
        const auto& set = kernels_of(kernels);
        const auto t = make_transform(prime, degree, set.quotient_bits);
        const auto a = random_polynomial(degree, prime.value, random);
        const auto b = random_polynomial(degree, prime.value, random);
        CHECK(product_by_transforms(t, set, a, b) == schoolbook(a, b, prime.value));
      }
}

TEST_CASE("X^(N-1) times X is -1, at both sizes") {
  for (const auto kernels : available_kernels())
    for (const std::size_t degree : {4096U, 8192U}) {
      const auto& set = kernels_of(kernels);
      const auto t = make_transform(primes[1], degree, set.quotient_bits);
      polynomial x(degree), power(degree), minus_one(degree);
      x[1] = 1;
      power[degree - 1] = 1;
      minus_one[0] = t.q - 1;
      CHECK(product_by_transforms(t, set, x, power) == minus_one);
    }
}

TEST_CASE("a random product of full size is that of the definition at random coefficients") {
  std::mt19937_64 random(4096);
  const std::size_t degree = 4096;
  for (const auto kernels : available_kernels()) {
    const auto& set = kernels_of(kernels);
    const auto t = make_transform(primes[0], degree, set.quotient_bits);
    const auto a = random_polynomial(degree, t.q, random);
    const auto b = random_polynomial(degree, t.q, random);
    const auto product = product_by_transforms(t, set, a, b);
    for (int i = 0; i < 8; ++i) {
      const std::size_t at = random() % degree;
      std::uint64_t expected = 0;
      for (std::size_t j = 0; j < degree; ++j) {
        const auto term = slow_multiply(a[j], b[(at + degree - j) % degree], t.q);
        expected = (expected + (j <= at ? term : t.q - term)) % t.q;
      }
      CHECK(product[at] == expected);
    }
  }
}

TEST_CASE("the transform gives the values at the odd powers of psi, in bit-reversed order") {
  const std::size_t degree = 16;
  const auto& prime = primes[2];
  std::mt19937_64 random(3);
  const auto a = random_polynomial(degree, prime.value, random);
  for (const auto kernels : available_kernels()) {
    const auto& set = kernels_of(kernels);
    const auto t = make_transform(prime, degree, set.quotient_bits);
    auto values = a;
    set.forward(t, values.data());
    const auto psi = slow_power(prime.non_square, (prime.value - 1) / (2 * degree), prime.value);
    for (std::size_t i = 0; i < degree; ++i) {
      const std::size_t reversed = (i & 1) << 3 | (i & 2) << 1 | (i & 4) >> 1 | (i & 8) >> 3;
      const auto at = slow_power(psi, 2 * reversed + 1, prime.value);
      std::uint64_t value = 0;
      for (std::size_t j = degree; j-- > 0;)
        value = (slow_multiply(value, at, prime.value) + a[j]) % prime.value;
      CHECK(values[i] == value);
    }
    set.inverse(t, values.data());
    CHECK(values == a);
  }
}

TEST_CASE("the transform takes inputs up to 4q, at their edges") {
  for (const auto kernels : available_kernels())
    for (const std::size_t degree : {16U, 32U, 4096U, 8192U}) {
      const auto& set = kernels_of(kernels);
      const auto t = make_transform(primes[3], degree, set.quotient_bits);
      for (const std::uint64_t edge : {t.q - 1, t.q, 2 * t.q, 4 * t.q - 1}) {
        polynomial raw(degree, edge), reduced(degree, edge % t.q);
        set.forward(t, raw.data());
        CHECK(*std::max_element(raw.begin(), raw.end()) < t.q);
        set.inverse(t, raw.data());
        CHECK(raw == reduced);
      }
    }
}

TEST_CASE("both sets of kernels give the same bits in everything they do") {
  if (!is_available(sum_kernels::avx512_ifma))
    return;
  for (const auto& parameters : sets) {
    std::mt19937_64 random(static_cast<std::uint64_t>(parameters.id));
    const ring one(parameters, sum_kernels::portable), other(parameters, sum_kernels::avx512_ifma);
    const std::size_t degree = parameters.degree;
    const auto words = random_polynomial(degree * 2, ~std::uint64_t{0}, random);
    polynomial counts(degree), counts_other(degree), trits(degree), trits_other(degree);
    one.kernels().count_coins(counts.data(), words.data(), 2, degree);
    other.kernels().count_coins(counts_other.data(), words.data(), 2, degree);
    CHECK(counts == counts_other);
    one.kernels().draw_ternary(trits.data(), words.data(), degree);
    other.kernels().draw_ternary(trits_other.data(), words.data(), degree);
    CHECK(trits == trits_other);
    std::vector<std::uint32_t> slots(values_in_block(parameters));
    for (auto& slot : slots)
      slot = static_cast<std::uint32_t>(random() >> (64 - parameters.slot_bits));
    polynomial lifted(one.words()), lifted_other(one.words());
    one.transform_message(slots.data(), trits.data(), lifted.data());
    other.transform_message(slots.data(), trits.data(), lifted_other.data());
    CHECK(lifted == lifted_other);
    one.multiply_add(lifted.data(), lifted_other.data(), one.prepare(lifted_other.data()));
    const auto prepared = other.prepare(lifted_other.data());
    const auto factor = lifted_other;
    other.multiply_add(lifted_other.data(), factor.data(), prepared);
    CHECK(lifted == lifted_other);
    std::vector<std::uint32_t> back(slots.size()), back_other(slots.size());
    const auto met = one.decode(lifted.data(), back.data()); // of noise: all bits at random
    const auto met_other = other.decode(lifted_other.data(), back_other.data());
    CHECK(back == back_other);
    CHECK(met.noise == met_other.noise);
    CHECK(met.slot == met_other.slot);
    CHECK((met.overflow == 0) == (met_other.overflow == 0));
  }
}

TEST_CASE("what was encoded with an error decodes to itself and the error") {
  for (const auto kernels : available_kernels())
    for (const auto& parameters : sets) {
      std::mt19937_64 random(7);
      const ring in(parameters, kernels);
      std::vector<std::uint32_t> slots(values_in_block(parameters)), back(slots.size());
      for (auto& slot : slots)
        slot = static_cast<std::uint32_t>(random() >> (64 - parameters.slot_bits));
      slots[0] = slots.back() = (1U << parameters.slot_bits) - 1;
      slots[1] = 0;
      polynomial errors(parameters.degree, in.error_offset()), encoded(in.words());
      errors[0] = 0; // the error -21 or -42
      errors[1] = 2 * in.error_offset();
      in.transform_message(slots.data(), errors.data(), encoded.data());
      const auto met = in.decode(encoded.data(), back.data());
      CHECK(back == slots);
      CHECK(met.noise == in.error_offset());
      CHECK(met.slot == slots[0]);
      CHECK(met.overflow == 0);
    }
}
