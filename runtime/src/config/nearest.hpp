// Which key somebody may have meant.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "config/load.hpp"

namespace godwit::config {

/// How many letters must be inserted, removed, replaced or swapped with their neighbour to get from
/// one word to the other (optimal string alignment).
std::size_t edit_distance(std::string_view from, std::string_view to);

/// A hint for an unknown key: `did you mean job.round.cohort?`, or in which other kind of file the
/// key exists; empty where nothing is near.
std::string nearest_key(file_kind kind, std::string_view path);

/// A hint for a word that is none of `names`; empty where nothing is near.
std::string nearest_word(std::string_view word, const std::vector<std::string_view>& names);

} // namespace godwit::config
