#include "accounting/gaussian_equivalent.hpp"

#include <algorithm>
#include <cmath>

namespace godwit::accounting {

double tree_sensitivity_squared(const tree_aggregation& tree) {
  double sum = 0;
  for (std::uint64_t steps = 1; steps <= tree.step_count; steps *= 2) {
    const std::uint64_t in_one_node =
        std::min(tree.participation_count, (steps + tree.separation - 1) / tree.separation);
    const auto full = static_cast<double>(tree.participation_count / in_one_node);
    const auto rest = static_cast<double>(tree.participation_count % in_one_node);
    const auto packed = static_cast<double>(in_one_node);
    sum += full * packed * packed + rest * rest;
  }
  return sum;
}

bool takes_everybody(const sampling& who) {
  if (const auto* poisson = std::get_if<poisson_sampling>(&who))
    return poisson->rate == 1;
  if (const auto* fixed = std::get_if<fixed_size_sampling>(&who))
    return fixed->sample_size == fixed->population_size;
  return true;
}

std::optional<double> gaussian_equivalent(const privacy_event& event) {
  if (!takes_everybody(event.sampling))
    return std::nullopt;
  const double scale =
      contributions_between(event.neighbours) * std::sqrt(static_cast<double>(event.count));
  if (const auto* noise = std::get_if<gaussian>(&event.mechanism))
    return scale / noise->noise_multiplier;
  if (const auto* tree = std::get_if<tree_aggregation>(&event.mechanism))
    return scale * std::sqrt(tree_sensitivity_squared(*tree)) / tree->noise_multiplier;
  return std::nullopt;
}

} // namespace godwit::accounting
