// May this ciphertext be added to that sum? The same for every scheme.
#pragma once

#include <godwit/privacy/encrypted_sum.hpp>

namespace godwit {

/// Refuses wrong_set, wrong_round, wrong_key, wrong_shape, and over_level where the sum's level
/// would be above `level_max`.
inline sum_result<done> may_add(const encrypted_values& item, const encrypted_values& sum,
                                std::uint64_t level_max, std::uint32_t weight) {
  if (item.label.set != sum.label.set)
    return sum_refusal::wrong_set;
  if (item.label.round != sum.label.round)
    return sum_refusal::wrong_round;
  if (item.label.key != sum.label.key)
    return sum_refusal::wrong_key;
  auto label = item.label;
  label.level = sum.label.level;
  if (label != sum.label || item.words.size() != sum.words.size() || weight == 0)
    return sum_refusal::wrong_shape;
  const std::uint64_t left = level_max - sum.label.level;
  if (item.label.level == 0 || item.label.level > left / weight)
    return sum_refusal::over_level;
  return done{};
}

} // namespace godwit
