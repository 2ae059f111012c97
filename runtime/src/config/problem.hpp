// What is wrong with a configuration, said so that somebody can repair it without asking.
#pragma once

#include <string>
#include <vector>

namespace godwit::config {

/// One thing that cannot be accepted.
struct problem {
  std::string file;     ///< as it was named, or "command line"
  int line = 0;         ///< from 1; 0: the file as a whole, or the command line
  std::string key;      ///< full path such as job.round.cohort; empty: not about one key
  std::string found;    ///< a quoted value, or words such as "nothing" or "a list"
  std::string accepted; ///< what would have been accepted
  std::string hint;     ///< a next step; may be empty
  friend bool operator==(const problem&, const problem&) = default;
};

/// The one place that problems of `--set` name instead of a file.
inline constexpr const char* command_line = "command line";

/// One line without its end: `server.yml:12: job.round.cohort: found "-3"; accepted: an integer
/// from 1 to 100000`.
std::string text(const problem&);

/// All of them, a line each.
std::string text(const std::vector<problem>&);

/// A value as a problem shows it: quoted, control characters escaped, cut when it is long.
std::string shown(const std::string& value);

} // namespace godwit::config
