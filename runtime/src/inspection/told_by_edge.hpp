// What has an edge told of itself and its examples, by what is in its state folder?
#pragma once

#include <filesystem>
#include <optional>

#include <godwit/actors/machines/training.hpp>
#include <godwit/messages/result.hpp>

namespace godwit {

/// Nothing where the folder is none of an edge's. Changes nothing, and may be used while the edge
/// runs. Fails like describe_store().
attempt<std::optional<training::accounts>> told_by_edge(const std::filesystem::path& folder);

} // namespace godwit
