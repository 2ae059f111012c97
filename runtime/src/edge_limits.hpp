// What do an edge's configured limits mean to its machine?
#pragma once

#include <godwit/actors/machines/example_budget.hpp>
#include <godwit/actors/machines/update_budget.hpp>
#include <godwit/runtime/config.hpp>

namespace godwit {

/// But for its examples' number and its trainer.
inline example_rules example_rules_of(const told_limit_config& limit) {
  return {
      .is_required = limit.demand == "required", .epsilon = limit.epsilon, .delta = limit.delta};
}

inline update_rules update_rules_of(const told_limit_config& limit) {
  return {
      .is_required = limit.demand == "required", .epsilon = limit.epsilon, .delta = limit.delta};
}

} // namespace godwit
