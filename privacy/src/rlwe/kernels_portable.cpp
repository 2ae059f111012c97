// How does the ring's arithmetic run on any 64-bit processor?
#include "rlwe/kernels.hpp"

#include <algorithm>
#include <array>

#include "rlwe/modular.hpp"

namespace godwit::rlwe {

namespace {

std::uint64_t reduce_whole(std::uint64_t x, const transform& t) {
  return reduce_once(x - high_product(x, t.whole) * t.q, t.q);
}

/// The Cooley-Tukey butterflies of one stage. Lazily: each stage lets values grow by 2q, so that
/// after 13 of them they are still below 30q < 2^55.
void forward_stage(const transform& t, std::uint64_t* x, std::size_t groups, std::size_t half) {
  const std::uint64_t q = t.q, two_q = 2 * q;
  for (std::size_t group = 0; group < groups; ++group) {
    const std::uint64_t w = t.forward.values[groups + group];
    const std::uint64_t quotient = t.forward.quotients[groups + group];
    std::uint64_t* low = x + 2 * group * half;
    std::uint64_t* high = low + half;
    for (std::size_t i = 0; i < half; ++i) {
      const std::uint64_t product = multiply_lazily(high[i], w, quotient, q);
      high[i] = low[i] + two_q - product;
      low[i] += product;
    }
  }
}

void forward(const transform& t, std::uint64_t* x) {
  std::size_t half = t.degree / 2;
  for (std::size_t groups = 1; groups < t.degree; groups *= 2, half /= 2)
    forward_stage(t, x, groups, half);
  for (std::size_t i = 0; i < t.degree; ++i)
    x[i] = reduce_whole(x[i], t);
}

/// The Gentleman-Sande butterflies of one stage; values stay below 2q.
void inverse_stage(const transform& t, std::uint64_t* x, std::size_t groups, std::size_t half) {
  const std::uint64_t q = t.q, two_q = 2 * q;
  for (std::size_t group = 0; group < groups; ++group) {
    const std::uint64_t w = t.inverse.values[groups + group];
    const std::uint64_t quotient = t.inverse.quotients[groups + group];
    std::uint64_t* low = x + 2 * group * half;
    std::uint64_t* high = low + half;
    for (std::size_t i = 0; i < half; ++i) {
      const std::uint64_t difference = low[i] + two_q - high[i];
      low[i] = reduce_once(low[i] + high[i], two_q);
      high[i] = multiply_lazily(difference, w, quotient, q);
    }
  }
}

void inverse(const transform& t, std::uint64_t* x) {
  std::size_t half = 1;
  for (std::size_t groups = t.degree / 2; groups > 1; groups /= 2, half *= 2)
    inverse_stage(t, x, groups, half);
  for (std::size_t i = 0; i < half; ++i) {
    const std::uint64_t low = x[i], high = x[i + half];
    x[i] = multiply(low + high, t.last, t.last_quotient, t.q);
    x[i + half] = multiply(low + 2 * t.q - high, t.last_root, t.last_root_quotient, t.q);
  }
}

void multiply_add(const transform& t, std::uint64_t* sum, const std::uint64_t* x,
                  const factors& w) {
  for (std::size_t i = 0; i < t.degree; ++i)
    sum[i] = reduce_once(sum[i] + multiply(x[i], w.values[i], w.quotients[i], t.q), t.q);
}

/// Counts bits in parallel; a table would be indexed by a secret.
std::uint64_t count_bits(std::uint64_t x) {
  x -= (x >> 1) & 0x5555555555555555;
  x = (x & 0x3333333333333333) + ((x >> 2) & 0x3333333333333333);
  x = (x + (x >> 4)) & 0x0f0f0f0f0f0f0f0f;
  x += x >> 8;
  x += x >> 16;
  x += x >> 32;
  return x & 0x7f;
}

void count_coins(std::uint64_t* counts, const std::uint64_t* words, unsigned word_count,
                 std::size_t degree) {
  constexpr std::uint64_t mask = (std::uint64_t{1} << (2 * coins)) - 1;
  for (std::size_t i = 0; i < degree; ++i)
    counts[i] = count_bits(words[i] & mask);
  for (unsigned word = 1; word < word_count; ++word)
    for (std::size_t i = 0; i < degree; ++i)
      counts[i] += count_bits(words[word * degree + i] & mask);
}

void draw_ternary(std::uint64_t* out, const std::uint64_t* words, std::size_t degree) {
  loops::draw_ternary(out, words, degree);
}

void cut_digits(const parameter_set& set, std::uint64_t* digits, const std::uint32_t* values) {
  loops::cut_digits(set, digits, values);
}

void lift(const transform& t, std::uint64_t* out, const std::uint64_t* digits,
          std::size_t digit_count, const std::uint64_t* small, std::uint64_t offset) {
  const std::uint64_t shift = t.q - offset;
  for (std::size_t i = 0; i < t.degree; ++i) {
    std::uint64_t x = 0;
    if (digit_count > 0)
      x = digits[(digit_count - 1) * t.degree + i];
    for (std::size_t digit = digit_count; digit-- > 1;)
      x = multiply(x, t.fold, t.fold_quotient, t.q) + digits[(digit - 1) * t.degree + i];
    out[i] = x + small[i] + shift; // x < q + 2^50
  }
}

/// A number below 2^256 in four words, the lowest first.
struct wide {
  std::array<std::uint64_t, 4> words;

  explicit wide(std::uint64_t x) : words{x} {}
  void multiply_add(std::uint64_t factor, std::uint64_t summand) {
    for (auto& word : words) {
      const u128 product = u128{word} * factor + summand;
      word = static_cast<std::uint64_t>(product);
      summand = static_cast<std::uint64_t>(product >> 64);
    }
  }
  /// 64 bits from bit `position` on.
  std::uint64_t bits_at(unsigned position) const {
    const std::size_t word = position / 64;
    const unsigned offset = position % 64;
    const std::uint64_t high = word + 1 < words.size() ? words[word + 1] << 1 : 0;
    return words[word] >> offset | high << (63 - offset);
  }
};

/// A number below 2^128: what two primes need.
struct pair_of_words {
  u128 number;

  explicit pair_of_words(std::uint64_t x) : number(x) {}
  void multiply_add(std::uint64_t factor, std::uint64_t summand) {
    number = number * factor + summand; // the number before is below 2^64
  }
  std::uint64_t bits_at(unsigned position) const {
    return static_cast<std::uint64_t>(number >> position);
  }
};

/// The number with these residues, by its mixed-radix digits: x = d0 + q0 (d1 + q1 (d2 + ...)).
template <class Number>
Number combine(const decoding& d, std::size_t count,
               std::array<std::uint64_t, prime_count_max> residues) {
  for (std::size_t j = 1; j < count; ++j)
    for (std::size_t i = 0; i < j; ++i) // residues[i] < q_i < 2 q_j
      residues[j] = multiply(residues[j] + 2 * d.q[j] - residues[i], d.inverses[i][j],
                             d.quotients[i][j], d.q[j]);
  Number x(residues[count - 1]);
  for (std::size_t i = count - 1; i-- > 0;)
    x.multiply_add(d.q[i], residues[i]);
  return x;
}

/// The larger of both. Of std::max compilers make a branch in places.
std::uint64_t larger(std::uint64_t a, std::uint64_t b) {
  const std::uint64_t is_less = ((~a & b) | ((~a | b) & (a - b))) >> 63; // the borrow of a - b
  return a ^ ((a ^ b) & (0 - is_less));
}

/// |x| of a signed number.
std::uint64_t magnitude(std::uint64_t x) {
  const std::uint64_t sign = x >> 63;
  return (x ^ (0 - sign)) + sign;
}

template <class Number>
decoded_bounds decode(const decoding& d, std::size_t prime_count, std::uint32_t* slots,
                      const std::uint64_t* residues) {
  const parameter_set& set = d.set;
  const std::uint64_t half = std::uint64_t{1} << (set.scale_bits - 1);
  const std::uint64_t noise_mask = 2 * half - 1;
  const std::uint64_t slot_mask = (std::uint64_t{1} << set.slot_bits) - 1;
  decoded_bounds bounds;
  for (std::size_t i = 0; i < set.degree; ++i) {
    std::array<std::uint64_t, prime_count_max> here{};
    for (std::size_t prime = 0; prime < prime_count; ++prime)
      here[prime] = reduce_once(residues[prime * set.degree + i] + d.half[prime], d.q[prime]);
    const auto x = combine<Number>(d, prime_count, here);
    bounds.noise = larger(bounds.noise, magnitude((x.bits_at(0) & noise_mask) - half));
    unsigned position = set.scale_bits;
    for (unsigned slot = 0; slot < set.slot_count; ++slot, position += set.slot_bits) {
      const std::uint64_t value = x.bits_at(position) & slot_mask;
      slots[slot * set.degree + i] = static_cast<std::uint32_t>(value);
      bounds.slot = larger(bounds.slot, value);
    }
    bounds.overflow |= x.bits_at(position);
  }
  return bounds;
}

decoded_bounds decode_two_primes(const decoding& d, std::uint32_t* slots,
                                 const std::uint64_t* residues) {
  return decode<pair_of_words>(d, 2, slots, residues);
}

} // namespace

decoded_bounds decode_any(const decoding& d, std::uint32_t* slots, const std::uint64_t* residues) {
  return decode<wide>(d, d.set.prime_count, slots, residues);
}

namespace {

void add(std::uint64_t* sum, const std::uint64_t* x, std::size_t count) {
  loops::add(sum, x, count);
}

} // namespace

const kernel_set portable_kernels{.quotient_bits = 64,
                                  .forward = forward,
                                  .inverse = inverse,
                                  .multiply_add = multiply_add,
                                  .count_coins = count_coins,
                                  .draw_ternary = draw_ternary,
                                  .cut_digits = cut_digits,
                                  .lift = lift,
                                  .decode_two_primes = decode_two_primes,
                                  .add = add};

} // namespace godwit::rlwe
