// Which keys the kinds of file have, and what each accepts: the one table that loading,
// checking, the reference page and the effective configuration are made from.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <godwit/runtime/config.hpp>

#include "config/load.hpp"

namespace godwit::config {

/// A configuration of any of the kinds.
using any_config = std::variant<server_config, edge_config, simulation_config, trustee_config>;

/// The member that a key sets. std::monostate: none (the key `kind` only says what the file is).
using member = std::variant<std::monostate, std::uint32_t*, std::uint64_t*, float*, double*,
                            std::string*, std::filesystem::path*, std::chrono::milliseconds*,
                            std::chrono::seconds*, byte_amount*>;

// -- what a key accepts
/// A whole number in first ..= last.
struct integer {
  std::uint64_t first, last;
};
/// A finite number between low and high; a bound belongs to it unless it is said to be open.
struct number {
  double low, high;
  bool low_open = false, high_open = false;
};
/// Any text of length_min ..= length_max characters.
struct words {
  std::size_t length_min, length_max;
};
/// One of a few words.
struct choice {
  std::vector<std::string_view> names;
};
/// A path, and what must be there before the start.
struct location {
  enum class presence {
    file,              ///< a file that can be read
    folder,            ///< a folder
    data,              ///< a folder or a file; empty: the installed place
    made_when_missing, ///< a folder that is made
  } expects;
};
/// A duration in shortest ..= longest.
struct time_span {
  std::chrono::milliseconds shortest, longest;
};
/// An amount of bytes in least ..= most.
struct amount {
  byte_amount least, most;
};
/// host:port, with a port in port_min ..= 65535.
struct endpoint {
  std::uint16_t port_min;
};
using acceptance =
    std::variant<integer, number, words, choice, location, time_span, amount, endpoint>;

/// The choice that a key belongs to: without it, the key would be read by nobody.
struct used_when {
  std::string_view key;
  std::vector<std::string_view> names;
};

/// One key.
struct row {
  std::string_view path; ///< full, e.g. job.round.cohort
  acceptance accepts;
  std::string_view unit;     ///< what one of it is; empty: nothing to say
  std::string_view sentence; ///< what it decides
  std::function<member(any_config&)> sets;
  bool required = false; ///< there is no default
  std::optional<used_when> condition = std::nullopt;
};

/// All keys of one kind of file, sections in one piece, in the order of the reference page.
const std::vector<row>& rows(file_kind);

/// The row of a full path, or nullptr.
const row* find_row(file_kind, std::string_view path);

/// Whether a path is a section: the beginning of some key's path.
bool is_section(file_kind, std::string_view path);

/// The names directly under a section ("" for the file), separated by commas.
std::string names_under(file_kind, std::string_view section);

/// A configuration of that kind with all its defaults.
any_config defaults_of(file_kind);

/// "an integer from 1 to 100000": completes "accepted: …".
std::string phrase(const acceptance&);

/// Whether the row's condition holds in this configuration.
bool is_used(const row&, file_kind, any_config&);

} // namespace godwit::config
