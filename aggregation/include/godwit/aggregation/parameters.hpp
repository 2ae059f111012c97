// What one does to flat parameter arrays on the way from a trained model to an update.
#pragma once

#include <span>

namespace godwit {

/// A client's update: delta[i] = trained[i] - start[i], rounded once to float. All
/// [parameter_count]; `delta` may be the same array as either of the others.
void subtract(std::span<const float> trained, std::span<const float> start, std::span<float> delta);

} // namespace godwit
