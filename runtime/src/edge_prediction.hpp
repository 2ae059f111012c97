// What does an edge's newest model say of its own examples, or of a file's? Needs no server.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include <godwit/messages/result.hpp>
#include <godwit/messages/round.hpp>
#include <godwit/runtime/config.hpp>

namespace godwit {

struct edge_prediction {
  model_id model;                    ///< that was asked
  std::vector<std::uint8_t> classes; ///< of each example, the most likely one
  std::vector<std::uint8_t> labels;  ///< of each, where they are known; else empty
  std::size_t correct_count() const noexcept;
};

/// Asks the newest model in the edge's state folder; an edge that runs in it is not disturbed. The
/// examples are those of a CSV file (with or without a column of labels), or else the edge's own
/// held-out ones. Fails with not_found where there is no model yet, with unsupported for a model of
/// the host's own, and where data or keys cannot be used.
attempt<edge_prediction> predict(const edge_config&,
                                 const std::optional<std::filesystem::path>& input);

} // namespace godwit
