// How does an edge learn from its own examples with a network that is built in?
#pragma once

#include <memory>
#include <string_view>

#include <godwit/actors/ports.hpp>
#include <godwit/messages/result.hpp>

#include "data/dataset.hpp"

namespace godwit {

/// A trainer over `train` that evaluates on `held_out` (which may hold no rows; its evaluation then
/// counts nothing). Shares the data sets and keeps one model with its workspace. To train many
/// clients in one thread without an object for each, use model::train. Fails as make_model does,
/// and with bad_config when the examples do not fit together.
attempt<std::unique_ptr<trainer>> make_trainer(std::string_view model, examples train,
                                               examples held_out);

} // namespace godwit
