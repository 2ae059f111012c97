// What the server does with the mean of a round's updates: the step from one model to the next.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include <godwit/messages/bytes.hpp>
#include <godwit/messages/result.hpp>

namespace godwit {

/// One job's rule for turning a mean update into the next model. It sees the opened sum only, never
/// a single update, so it works the same with secure aggregation. Used from one thread at a time.
class server_step {
public:
  virtual ~server_step() = default;
  /// The name that make_strategy() knows it by.
  virtual std::string_view name() const noexcept = 0;
  /// Makes the next model of `model` and the mean delta, in the mean's place: `mean_to_next`. Both
  /// [parameter_count].
  virtual void apply(std::span<const float> model, std::span<float> mean_to_next) = 0;
  /// What a checkpoint has to keep beside the model; empty for a rule without memory.
  virtual bytes state() const = 0;
  /// Takes up the state that state() gave. Fails with failure_code::corrupt if it is not one of
  /// this rule's.
  virtual attempt<done> restore(bytes_view state) = 0;
};

/// The names that make_strategy() accepts.
std::span<const std::string_view> strategy_names() noexcept;

/// Makes the rule of that name. Fails with failure_code::unsupported, and the names that exist.
attempt<std::unique_ptr<server_step>> make_strategy(std::string_view name);

} // namespace godwit
