// An update as the difference of two models.
#include <godwit/aggregation/parameters.hpp>

#include <cstddef>

#include <godwit/messages/check.hpp>

namespace godwit {

void subtract(std::span<const float> trained, std::span<const float> start,
              std::span<float> delta) {
  GODWIT_CHECK(trained.size() == start.size() && trained.size() == delta.size(),
               "models and their difference have one shape");
  for (std::size_t i = 0; i < delta.size(); ++i)
    delta[i] = trained[i] - start[i];
}

} // namespace godwit
