// What is done with whole polynomials: sampling, transforming, encoding, decoding?
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "rlwe/kernels.hpp"
#include "rlwe/secret_words.hpp"
#include "rlwe/stream.hpp"

namespace godwit::rlwe {

/// A polynomial that others are multiplied with, in the transformed domain: [prime].
struct prepared_polynomial {
  std::vector<factors> by_prime;
  prepared_polynomial() = default;
  prepared_polynomial(const prepared_polynomial&) = delete;
  prepared_polynomial& operator=(const prepared_polynomial&) = delete;
  prepared_polynomial(prepared_polynomial&&) = default;
  prepared_polynomial& operator=(prepared_polynomial&&) = default;
  ~prepared_polynomial();
};

/// One parameter set's ring with the kernels that work in it. Polynomials are spans of
/// [prime][degree] words. Transformed ones have values in [0, q).
class ring {
public:
  ring(const parameter_set& set, sum_kernels kernels);

  const parameter_set& set() const noexcept { return set_; }
  std::size_t words() const noexcept { return words_in_polynomial(set_); }
  const transform& at(std::size_t prime) const { return transforms_[prime]; }
  const kernel_set& kernels() const noexcept { return kernels_; }

  /// A uniform polynomial, transformed. Words are cut to 50 bits, and those that are not below the
  /// prime are passed over: the stream is public.
  void draw_uniform(word_stream& stream, std::uint64_t block, std::uint64_t* out) const;

  /// Ternary coefficients as 0, 1, 2 for -1, 0, 1: [degree].
  void draw_ternary(word_stream& stream, purpose what, std::uint64_t block,
                    std::uint64_t* out) const;

  /// Errors, as numbers of heads: [degree], to be read less error_offset().
  void draw_errors(word_stream& stream, purpose what, std::uint64_t block,
                   std::uint64_t* out) const;
  std::uint64_t error_offset() const noexcept { return std::uint64_t{coins} * set_.error_words; }

  /// Small numbers less `offset`, transformed.
  void transform_small(const std::uint64_t* small, std::uint64_t offset, std::uint64_t* out) const;

  /// A block of slots times Delta plus errors, transformed.
  void transform_message(const std::uint32_t* slots, const std::uint64_t* errors,
                         std::uint64_t* out) const;

  prepared_polynomial prepare(const std::uint64_t* transformed) const;

  /// sum += x w.
  void multiply_add(std::uint64_t* sum, const std::uint64_t* x, const prepared_polynomial& w) const;

  /// sum = -sum; sum += x.
  void negate(std::uint64_t* sum) const;
  void add(std::uint64_t* sum, const std::uint64_t* x) const;

  /// x mod q for each word, whatever it is.
  void reduce(std::span<std::uint64_t> words) const;

  /// Of words in [0, q) times `weight`.
  void scale(std::uint64_t* words, std::uint32_t weight) const;

  /// From a transformed polynomial, which is overwritten.
  decoded_bounds decode(std::uint64_t* transformed, std::uint32_t* slots) const;

private:
  parameter_set set_;
  const kernel_set& kernels_;
  std::vector<transform> transforms_;
  decoding decoding_;
};

} // namespace godwit::rlwe
