// What has an edge told of its single examples, by what is in its state folder?
#pragma once

#include <filesystem>
#include <optional>

#include <godwit/actors/machines/example_budget.hpp>
#include <godwit/messages/result.hpp>

namespace godwit {

/// Nothing where the folder is none of an edge's. Changes nothing, and may be used while the edge
/// runs. Fails like describe_store().
attempt<std::optional<example_account>> examples_told_in(const std::filesystem::path& folder);

} // namespace godwit
