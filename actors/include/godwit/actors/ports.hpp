// What a host application may replace: how an edge trains, and where it reads its power state from.
#pragma once

#include <cstdint>
#include <span>
#include <stop_token>

#include <godwit/messages/model.hpp>
#include <godwit/messages/result.hpp>
#include <godwit/messages/training.hpp>

namespace godwit {

/// An edge's learning engine over its own data. `train` and `evaluate` are called from one thread,
/// always the same, one call at a time. What they throw counts as a failure. A call that does not
/// end soon after it was asked to stop is left behind, so a trainer owns, or shares, what it uses.
class trainer {
public:
  virtual ~trainer() = default;
  /// Names and shapes of the parameters, in the order of the flat array.
  virtual const model_layout& layout() const = 0;
  /// Examples that training uses.
  virtual std::uint64_t example_count() const = 0;
  /// Trains in place: `parameters` [parameter_count] goes in as the round's model and comes out
  /// trained. Fails with failure_code::cancelled when asked to stop; `parameters` is then of no
  /// use.
  virtual attempt<training_outcome> train(std::span<float> parameters, const training_plan& plan,
                                          const std::stop_token& stop) = 0;
  /// Whether `train` follows plan.noise: noised_steps_of(plan, example_count()) steps, in each of
  /// which every example is by a secret chance of its own, cut, and hidden by the noise. An edge
  /// counts on it, and declines such a plan for a trainer that says no.
  virtual bool hides_examples() const noexcept { return false; }
  /// Evaluates `parameters` [parameter_count] on the edge's own held-out examples.
  virtual attempt<evaluation> evaluate(std::span<const float> parameters) = 0;
};

} // namespace godwit
