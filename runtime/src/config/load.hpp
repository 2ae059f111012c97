// How a configuration file becomes a checked configuration, or the list of everything that is wrong
// with it.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <godwit/messages/result.hpp>
#include <godwit/runtime/config.hpp>

#include "config/problem.hpp"

namespace godwit::config {

/// The kinds of file.
enum class file_kind { server, edge, simulation, trustee };

/// "server", "edge", "simulation" or "trustee": what the key `kind` says.
std::string_view name(file_kind) noexcept;

/// A configuration, or all of its problems (never an empty list), sorted by line.
template <class Config>
using loaded = value_or<Config, std::vector<problem>>;

struct load_options {
  std::vector<std::string>
      overrides;           ///< `key=value` each, stronger than the file, the last one wins
  bool check_files = true; ///< certificates, data folders and scripts must exist and be readable
};

// Limits of a file. Behind them lies no configuration of ours, only an accident or an attack.
inline constexpr std::size_t file_bytes_max = std::size_t{1} << 20;
inline constexpr std::size_t node_count_max = 4096;   ///< keys and values
inline constexpr std::size_t depth_max = 8;           ///< sections within sections
inline constexpr std::size_t problem_count_max = 100; ///< further ones are counted, not listed

// Loading. After it every path is absolute: one written in the file is relative to the file's
// folder, one from `overrides` and a default are relative to the working directory. An empty path
// stays empty.
loaded<server_config> load_server_config(const std::filesystem::path& file,
                                         const load_options& = {});
loaded<edge_config> load_edge_config(const std::filesystem::path& file, const load_options& = {});
loaded<simulation_config> load_simulation_config(const std::filesystem::path& file,
                                                 const load_options& = {});
loaded<trustee_config> load_trustee_config(const std::filesystem::path& file,
                                           const load_options& = {});

// The same for text in memory; `file` is what problems name and what paths are relative to.
loaded<server_config> read_server_config(std::string_view text, const std::filesystem::path& file,
                                         const load_options& = {});
loaded<edge_config> read_edge_config(std::string_view text, const std::filesystem::path& file,
                                     const load_options& = {});
loaded<simulation_config> read_simulation_config(std::string_view text,
                                                 const std::filesystem::path& file,
                                                 const load_options& = {});
loaded<trustee_config> read_trustee_config(std::string_view text, const std::filesystem::path& file,
                                           const load_options& = {});

/// What `godwit config check FILE` says.
struct check_report {
  std::optional<file_kind> kind; ///< nullopt: it could not be told
  std::vector<problem> problems; ///< empty: the file can be used
};

/// Checks a file whose kind is told by its key `kind`, or else by the keys that it has.
check_report check_file(const std::filesystem::path& file, const load_options& = {});
check_report check_text(std::string_view text, const std::filesystem::path& file,
                        const load_options& = {});

} // namespace godwit::config
