// What lies in a node's state folder, in words for people?
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <godwit/messages/result.hpp>

namespace godwit {

/// A store in words: one line for each thing that was written down, in its order.
struct store_in_words {
  std::vector<std::string> lines;
  std::optional<failure> damage; ///< why there are no more of them
};

/// Reads a server's or an edge's state folder and changes nothing; a node may be at work on it.
/// Fails with not_found where there is no such folder, or nothing of ours in it.
attempt<store_in_words> describe_store(const std::filesystem::path& folder);

} // namespace godwit
