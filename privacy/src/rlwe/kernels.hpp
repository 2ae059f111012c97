// What do the inner loops of the ring's arithmetic do? One table of functions for each instruction
// set; all give the same bits. None branches or indexes on what it computes with.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <godwit/privacy/encrypted_sum.hpp>

#include "rlwe/parameters.hpp"

namespace godwit::rlwe {

/// Factors w and their floor(w 2^b / q), b = quotient_bits of the kernels that they are for.
struct factors {
  std::vector<std::uint64_t> values, quotients;
};

/// What is fixed for one prime and one N: the transform's tables and a few factors.
///
/// The forward transform takes the coefficients of A in order and gives A(psi^(2 r(i) + 1)) at
/// index i, r(i) being i with its log2 N bits reversed, psi = non_square^((q - 1) / 2N).
struct transform {
  std::uint64_t q = 0;
  std::size_t degree = 0;
  unsigned quotient_bits = 0;
  std::uint64_t step = 0;                    ///< floor(2^96 / q), for quotient_of
  std::uint64_t whole = 0;                   ///< floor(2^64 / q), for numbers up to 64 bits
  std::uint64_t fold = 0, fold_quotient = 0; ///< 2^50 mod q
  factors forward, inverse;                  ///< powers of psi in bit-reversed order, inverses
  std::uint64_t last = 0, last_quotient = 0; ///< 1 / N
  std::uint64_t last_root = 0, last_root_quotient = 0; ///< inverse.values[1] / N
};

transform make_transform(const prime_modulus& prime, std::size_t degree, unsigned quotient_bits);

/// How coefficients become slots again.
struct decoding {
  using pairs = std::array<std::array<std::uint64_t, prime_count_max>, prime_count_max>;
  parameter_set set;
  std::array<std::uint64_t, prime_count_max> q{};
  std::array<std::uint64_t, prime_count_max> half{}; ///< Delta / 2 mod q_i: what rounding adds
  pairs inverses{}, quotients{}; ///< [i][j]: w = 1 / q_i mod q_j, and floor(w 2^64 / q_j)
};

decoding make_decoding(const parameter_set& set, const std::vector<transform>& transforms);

/// The largest values that a decoding met.
struct decoded_bounds {
  std::uint64_t noise = 0; ///< absolute
  std::uint64_t slot = 0;
  std::uint64_t overflow = 0; ///< not 0: something above the last slot
};

struct kernel_set {
  unsigned quotient_bits;

  /// In place; x in [0, 4q), results in [0, q).
  void (*forward)(const transform&, std::uint64_t* x);
  /// In place; x and results in [0, q).
  void (*inverse)(const transform&, std::uint64_t* x);
  /// sum = sum + x w mod q for each i; all in [0, q).
  void (*multiply_add)(const transform&, std::uint64_t* sum, const std::uint64_t* x,
                       const factors& w);
  /// counts[i] = bits set among the low 42 of words[i], words[degree + i], ...
  void (*count_coins)(std::uint64_t* counts, const std::uint64_t* words, unsigned word_count,
                      std::size_t degree);
  /// Four numbers in {0, 1, 2} of each word: at i, i + degree/4, ...
  void (*draw_ternary)(std::uint64_t* out, const std::uint64_t* words, std::size_t degree);
  /// Cuts slots times Delta into digits of 50 bits: values[slot][degree] to digits[digit][degree].
  void (*cut_digits)(const parameter_set&, std::uint64_t* digits, const std::uint32_t* values);
  /// out = (digits, if there are any) + small - offset mod q, in [0, 4q).
  void (*lift)(const transform&, std::uint64_t* out, const std::uint64_t* digits,
               std::size_t digit_count, const std::uint64_t* small, std::uint64_t offset);
  /// residues[prime][degree] in [0, q) to slots[slot][degree], for sets of two primes.
  decoded_bounds (*decode_two_primes)(const decoding&, std::uint32_t* slots,
                                      const std::uint64_t* residues);
  /// sum += x, without any modulus.
  void (*add)(std::uint64_t* sum, const std::uint64_t* x, std::size_t count);
};

extern const kernel_set portable_kernels;

/// The same as decode_two_primes for any number of primes.
decoded_bounds decode_any(const decoding& d, std::uint32_t* slots, const std::uint64_t* residues);

const kernel_set& kernels_of(sum_kernels kernels);

/// The loops that are written once: the portable set uses them as they are, others compile them
/// for their own instructions.
namespace loops {

template <bool is_cut>
[[gnu::always_inline]] inline void cut_slot(std::uint64_t* low, std::uint64_t* high,
                                            const std::uint32_t* values, unsigned offset,
                                            std::size_t degree) {
  constexpr std::uint64_t mask = (std::uint64_t{1} << prime_bits) - 1;
  for (std::size_t i = 0; i < degree; ++i) {
    low[i] += (std::uint64_t{values[i]} << offset) & mask;
    if constexpr (is_cut)
      high[i] += std::uint64_t{values[i]} >> (prime_bits - offset);
  }
}

[[gnu::always_inline]] inline void cut_digits(const parameter_set& set, std::uint64_t* digits,
                                              const std::uint32_t* values) {
  const std::size_t degree = set.degree;
  for (std::size_t i = 0; i < set.prime_count * degree; ++i)
    digits[i] = 0;
  for (unsigned slot = 0; slot < set.slot_count; ++slot) {
    const unsigned position = set.scale_bits + slot * set.slot_bits;
    const unsigned offset = position % prime_bits;
    std::uint64_t* low = digits + position / prime_bits * degree;
    const std::uint32_t* from = values + slot * degree;
    if (offset + set.slot_bits > prime_bits)
      cut_slot<true>(low, low + degree, from, offset, degree);
    else
      cut_slot<false>(low, nullptr, from, offset, degree);
  }
}

[[gnu::always_inline]] inline void draw_ternary(std::uint64_t* out, const std::uint64_t* words,
                                                std::size_t degree) {
  const std::size_t quarter = degree / 4;
  for (std::size_t i = 0; i < quarter; ++i) {
    std::uint64_t word = words[i];
    for (std::size_t part = 0; part < 4; ++part) {
      // The carry out of 3 word is the next digit of word / 2^64 to the base 3.
      const std::uint64_t twice = word << 1;
      const std::uint64_t thrice = twice + word;
      out[part * quarter + i] =
          (word >> 63) + (((twice & word) | ((twice | word) & ~thrice)) >> 63);
      word = thrice;
    }
  }
}

[[gnu::always_inline]] inline void add(std::uint64_t* sum, const std::uint64_t* x,
                                       std::size_t count) {
  std::size_t i = 0;
  for (; i + 8 <= count; i += 8)
    for (std::size_t part = 0; part < 8; ++part)
      sum[i + part] += x[i + part];
  for (; i < count; ++i)
    sum[i] += x[i];
}

} // namespace loops

} // namespace godwit::rlwe
