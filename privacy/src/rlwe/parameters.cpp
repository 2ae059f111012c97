#include "rlwe/parameters.hpp"

#include <algorithm>

#include "rlwe/modular.hpp"

namespace godwit::rlwe {

namespace {

constexpr unsigned flood_margin_bits = 40;

std::uint64_t half_scale(const parameter_set& set) {
  return std::uint64_t{1} << (set.scale_bits - 1);
}

/// noise_bound, or nothing where it is not below Delta / 2.
std::optional<std::uint64_t> noise_if_bounded(const parameter_set& set, std::uint64_t level,
                                              std::uint16_t parties) {
  const auto half = half_scale(set);
  const auto one = noise_of_one(set, parties);
  if (level > (half - 1) / one)
    return std::nullopt;
  auto bound = level * one;
  if (set.id == sum_set::rt8192a) {
    const auto bits = flood_bits(set, level, parties);
    if (!bits || parties > (half - 1 - bound) >> *bits)
      return std::nullopt;
    bound += std::uint64_t{parties} << *bits;
  }
  return bound;
}

} // namespace

const parameter_set* find_set(sum_set id) noexcept {
  const auto found =
      std::find_if(sets.begin(), sets.end(), [&](auto& set) { return set.id == id; });
  return found == sets.end() ? nullptr : &*found;
}

std::uint64_t noise_of_one(const parameter_set& set, std::uint16_t parties) {
  const std::uint64_t error = std::uint64_t{coins} * set.error_words;
  return set.polynomials == 1 ? error : error * (2 * set.degree * parties + 1);
}

std::optional<unsigned> flood_bits(const parameter_set& set, std::uint64_t level,
                                   std::uint16_t parties) {
  // Var(e u) + Var(e1) + Var(e2 s) with Var(error) = 21/2 and Var(ternary) = 2/3 is
  // level * 21/2 * (1 + 4/3 N parties); times 10.3^2 that is 371.3 level (3 + 4 N parties). Beyond
  // 10.3 standard deviations lies less than 2^-80 of a Gaussian.
  const u128 square = u128{372} * level * (3 + 4 * set.degree * parties);
  unsigned noise_bits = 0;
  while ((u128{1} << (2 * noise_bits)) < square)
    ++noise_bits;
  const unsigned bits = flood_margin_bits + noise_bits;
  return bits + 1 < set.scale_bits ? std::optional(bits) : std::nullopt;
}

std::uint64_t noise_bound(const parameter_set& set, std::uint64_t level, std::uint16_t parties) {
  return noise_if_bounded(set, level, parties).value_or(half_scale(set) - 1);
}

std::uint64_t level_by_noise_max(const parameter_set& set, std::uint16_t parties) {
  if (parties == 0 || parties > set.parties_max)
    return 0;
  std::uint64_t bounded = 0, unbounded = (half_scale(set) - 1) / noise_of_one(set, parties) + 1;
  while (unbounded - bounded > 1) {
    const auto middle = bounded + (unbounded - bounded) / 2;
    (noise_if_bounded(set, middle, parties) ? bounded : unbounded) = middle;
  }
  return bounded;
}

std::uint64_t level_max(const parameter_set& set, std::uint8_t value_bits, std::uint16_t parties) {
  if (value_bits == 0 || value_bits > set.slot_bits)
    return 0;
  const auto slot = (std::uint64_t{1} << set.slot_bits) - 1;
  const auto value = (std::uint64_t{1} << value_bits) - 1;
  return std::min(slot / value, level_by_noise_max(set, parties));
}

} // namespace godwit::rlwe
