// How do parties make sure that a client's vector is short, without seeing it?
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <godwit/messages/check.hpp>
#include <godwit/privacy/authenticated_sharing.hpp>

namespace godwit::authenticated {

/// sum x_j^2 <= square_max, for `length` whole numbers in -2^(value_bits - 1) ..< 2^(value_bits -
/// 1).
///
/// In a field a sum of squares could wrap around p and look short. It cannot here: the client gives
/// in not the numbers but their bits, and the bits of square_max - sum x_j^2. The parties check
/// that each bit is 0 or 1, and that the last ones add up to that difference. With every bit a bit,
/// the sum of squares is a whole number of at most length 4^(value_bits - 1); were it more than
/// square_max, the difference mod p would lie above all that the last bits can say, by `is_sound`.
struct norm_bound {
  std::size_t length = 0;
  unsigned value_bits = 0;
  std::uint64_t square_max = 0;

  unsigned difference_bits() const noexcept {
    return static_cast<unsigned>(std::bit_width(square_max));
  }
  /// Inputs of a client: the bits of each number plus 2^(value_bits - 1), lowest first, then those
  /// of the difference.
  std::size_t input_count() const noexcept { return length * value_bits + difference_bits(); }
  /// Triples that checking takes.
  std::size_t triple_count() const noexcept { return input_count() + length; }
};

/// Whether length 4^(value_bits - 1) + 2^difference_bits <= p: only then is a bound checked.
template <class Field>
bool is_sound(const norm_bound& bound) {
  if (bound.length == 0 || bound.value_bits < 1 || bound.value_bits > 31)
    return false;
  const std::uint64_t square = std::uint64_t{1} << (2 * bound.value_bits - 2);
  const std::uint64_t rest =
      bound.difference_bits() < 62 ? std::uint64_t{1} << bound.difference_bits() : Field::modulus;
  return rest < Field::modulus && bound.length <= (Field::modulus - rest) / square;
}

/// What an honest client gives in: `values` within the bound and its range.
template <class Field>
std::vector<Field> inputs_of(const norm_bound& bound, std::span<const std::int64_t> values) {
  GODWIT_CHECK(values.size() == bound.length, "a vector of another length than the bound's");
  const std::int64_t half = std::int64_t{1} << (bound.value_bits - 1);
  std::vector<Field> out;
  std::uint64_t squares = 0;
  const auto write = [&out](std::uint64_t number, unsigned bit_count) {
    for (unsigned bit = 0; bit < bit_count; ++bit)
      out.emplace_back((number >> bit) & 1);
  };
  for (const auto value : values) {
    GODWIT_CHECK(value >= -half && value < half, "a value outside the bound's range");
    write(static_cast<std::uint64_t>(value + half), bound.value_bits);
    squares += static_cast<std::uint64_t>(value * value);
  }
  GODWIT_CHECK(squares <= bound.square_max, "a vector that is too long");
  write(bound.square_max - squares, bound.difference_bits());
  return out;
}

/// The numbers that inputs state, as shares: no message.
template <class Field, std::size_t keys>
std::vector<share<Field, keys>> values_of(const party<Field, keys>& own, const norm_bound& bound,
                                          std::span<const share<Field, keys>> inputs) {
  const auto half = own.key().of_public(Field(std::uint64_t{1} << (bound.value_bits - 1)));
  std::vector<share<Field, keys>> out;
  for (std::size_t j = 0; j < bound.length; ++j) {
    share<Field, keys> value;
    for (unsigned bit = 0; bit < bound.value_bits; ++bit)
      value = value + inputs[j * bound.value_bits + bit] * Field(std::uint64_t{1} << bit);
    out.push_back(value - half);
  }
  return out;
}

/// Whether a client's inputs keep the bound: true for those of inputs_of; for others but with
/// probability 2 / p false. Takes triple_count triples and opens two numbers, which are 0 if it is
/// true: of a client that keeps the bound nothing is learnt but that.
template <class Field, std::size_t keys>
outcome<bool> keeps(party<Field, keys>& own, const norm_bound& bound,
                    std::span<const share<Field, keys>> inputs) {
  GODWIT_CHECK(is_sound<Field>(bound), "a bound whose sums could wrap around");
  if (inputs.size() != bound.input_count())
    return false;
  auto coins = own.toss(); // after the inputs, so that no client knows them
  if (!coins)
    return coins.why();
  std::vector<share<Field, keys>> weighted;
  share<Field, keys> linear;
  for (const auto& bit : inputs) {
    weighted.push_back(bit * coins->next());
    linear = linear + weighted.back();
  }
  const auto squared = own.inner_product(weighted, inputs); // sum r_i bit_i^2
  if (!squared)
    return squared.why();
  const auto values = values_of(own, bound, inputs);
  const auto norm = own.square_norm(values);
  if (!norm)
    return norm.why();
  auto left = own.key().of_public(Field(bound.square_max)) - *norm;
  for (unsigned bit = 0; bit < bound.difference_bits(); ++bit)
    left = left - inputs[bound.length * bound.value_bits + bit] * Field(std::uint64_t{1} << bit);
  const std::array parts{*squared - linear, left};
  const auto opened = own.open(parts);
  if (!opened)
    return opened.why();
  return (*opened)[0] == Field() && (*opened)[1] == Field();
}

} // namespace godwit::authenticated
