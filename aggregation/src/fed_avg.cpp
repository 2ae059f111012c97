// The FedAvg step.
#include <godwit/aggregation/fed_avg.hpp>

#include <cstddef>

#include <godwit/messages/check.hpp>

namespace godwit {

void fed_avg::apply(std::span<const float> model, std::span<float> mean_to_next) {
  GODWIT_CHECK(model.size() == mean_to_next.size(), "a model and its update have one shape");
  for (std::size_t i = 0; i < model.size(); ++i)
    mean_to_next[i] = model[i] + mean_to_next[i];
}

attempt<done> fed_avg::restore(bytes_view state) {
  if (!state.empty())
    return failure{.code = failure_code::corrupt,
                   .retry = false,
                   .detail = "fed_avg keeps no state, but the checkpoint holds some; it belongs to "
                             "another strategy: use that one, or start from the model file alone"};
  return done{};
}

} // namespace godwit
