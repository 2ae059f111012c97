// Which parameters does a job begin with? One place for the server and the simulator.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <utility>

#include <godwit/runtime/config.hpp>

#include "storage/model_file.hpp"
#include "training/model.hpp"

namespace godwit {

/// What job.initial_model holds, or what `network` draws from the seed. `network` null: the model
/// is custom, and any layout will do. Fails where the file cannot be read, holds another layout
/// than the network's, or a value that is not finite.
inline attempt<model_file> first_model(const job_config& job, const model* network,
                                       std::uint64_t seed) {
  const auto bad = [&job](const std::string& what) {
    return failure{.code = failure_code::bad_config,
                   .detail = "job.initial_model: " + job.initial_model.string() + ' ' + what};
  };
  if (job.initial_model.empty() && !network)
    return failure{.code = failure_code::bad_config,
                   .detail =
                       "job.initial_model: a custom model begins with a file, which tells the "
                       "shapes of its parameters"};
  if (job.initial_model.empty()) {
    model_file drawn{.layout = network->layout(), .parameters = {}, .metadata = {}};
    drawn.parameters.resize(network->size());
    network->initialise(drawn.parameters, seed);
    return drawn;
  }
  auto file = read_model(job.initial_model);
  if (!file)
    return file.why();
  if (network && file->layout != network->layout())
    return bad("holds other tensors than a " + job.model + " has; `godwit model info` shows them");
  if (!std::ranges::all_of(file->parameters, [](float x) { return std::isfinite(x); }))
    return bad("holds a value that is not finite");
  return file;
}

} // namespace godwit
