// What stands in a YAML text, flattened: each key with its full path and its line, before anybody
// asks what it means.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/problem.hpp"

namespace godwit::config {

/// One key of the text and what stands behind it.
struct entry {
  enum class shape { scalar, nothing, list, section };
  std::string path; ///< the keys that lead to it, joined with points
  shape holds = shape::nothing;
  std::string value;      ///< of a scalar
  int line = 0;           ///< the key's, from 1
  bool has_point = false; ///< the key itself has a point in it, so that its path means nothing
};

/// The entries in the order of the text, a section before its keys; or why the text cannot be read.
struct document {
  std::vector<entry> entries;
  std::vector<problem>
      problems; ///< not empty: the entries are what was read until then, and cannot be trusted
};

/// Reads one YAML document: a map of maps and scalars. Refuses what a configuration does not need
/// and what is dangerous in a parser's hands: more than the limits of load.hpp, anchors, aliases,
/// tags, tabs in the indentation, control characters, bytes that are no UTF-8, a second document.
document read_document(std::string_view text, const std::string& file);

} // namespace godwit::config
