// From a file to a checked configuration.
#include "config/load.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <fstream>
#include <system_error>
#include <utility>

#include "config/cross_checks.hpp"
#include "config/document.hpp"
#include "config/intake.hpp"
#include "config/schema.hpp"

namespace godwit::config {
namespace {

constexpr std::array all_kinds{file_kind::server, file_kind::edge, file_kind::simulation,
                               file_kind::trustee};

problem unreadable(const std::filesystem::path& file, std::string found, std::string hint) {
  return {file.string(), 0, "", std::move(found), "a readable file", std::move(hint)};
}

/// The whole text, at most one byte more than is allowed.
value_or<std::string, problem> read_text(const std::filesystem::path& file) {
  std::error_code error;
  const auto status = std::filesystem::status(file, error);
  if (!std::filesystem::exists(status))
    return unreadable(file, "no such file", "deploy/config has examples to start from");
  if (std::filesystem::is_directory(status))
    return unreadable(file, "a folder", "name the file in it");
  std::ifstream in(file, std::ios::binary);
  if (!in)
    return unreadable(file, "a file that cannot be opened", "see its permissions");
  const auto size = std::filesystem::file_size(file, error); // of what is no file: an error
  std::string text(error ? file_bytes_max + 1 : std::min<std::uintmax_t>(size, file_bytes_max) + 1,
                   '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (in.bad())
    return unreadable(file, "a file that cannot be read", "see its permissions");
  text.resize(static_cast<std::size_t>(in.gcount()));
  return text;
}

struct checked {
  any_config config;
  std::vector<problem> problems;
};

checked check_document(file_kind kind, const document& read, const std::filesystem::path& file,
                       const load_options& options) {
  intake values(kind, file);
  values.take(read);
  for (const auto& assignment : options.overrides)
    values.take_override(assignment);
  if (read.problems.empty()) {
    values.complete();
    cross_check(values);
    if (options.check_files)
      values.check_files();
  }
  return {std::move(values.config()), values.problems()};
}

template <class Config>
loaded<Config> read_as(file_kind kind, std::string_view text, const std::filesystem::path& file,
                       const load_options& options) {
  auto out = check_document(kind, read_document(text, file.string()), file, options);
  if (!out.problems.empty())
    return std::move(out.problems);
  return std::get<Config>(std::move(out.config));
}

template <class Config>
loaded<Config> load_as(file_kind kind, const std::filesystem::path& file,
                       const load_options& options) {
  auto text = read_text(file);
  if (!text)
    return std::vector<problem>{text.why()};
  return read_as<Config>(kind, *text, file, options);
}

/// By the key `kind`, or else the one kind that knows the most of the file's keys.
std::optional<file_kind> tell_kind(const document& read) {
  std::array<int, all_kinds.size()> known{};
  for (const auto& each : read.entries) {
    for (std::size_t i = 0; i < all_kinds.size(); ++i) {
      if (each.path == "kind" && each.value == name(all_kinds[i]))
        return all_kinds[i];
      if (find_row(all_kinds[i], each.path) != nullptr)
        ++known[i];
    }
  }
  std::size_t best = 0;
  for (std::size_t i = 1; i < known.size(); ++i)
    if (known[i] > known[best])
      best = i;
  for (std::size_t i = 0; i < known.size(); ++i)
    if (i != best && known[i] == known[best])
      return std::nullopt;
  return all_kinds[best];
}

} // namespace

loaded<server_config> read_server_config(std::string_view text, const std::filesystem::path& file,
                                         const load_options& options) {
  return read_as<server_config>(file_kind::server, text, file, options);
}

loaded<edge_config> read_edge_config(std::string_view text, const std::filesystem::path& file,
                                     const load_options& options) {
  return read_as<edge_config>(file_kind::edge, text, file, options);
}

loaded<simulation_config> read_simulation_config(std::string_view text,
                                                 const std::filesystem::path& file,
                                                 const load_options& options) {
  return read_as<simulation_config>(file_kind::simulation, text, file, options);
}

loaded<trustee_config> read_trustee_config(std::string_view text, const std::filesystem::path& file,
                                           const load_options& options) {
  return read_as<trustee_config>(file_kind::trustee, text, file, options);
}

loaded<trustee_config> load_trustee_config(const std::filesystem::path& file,
                                           const load_options& options) {
  return load_as<trustee_config>(file_kind::trustee, file, options);
}

loaded<server_config> load_server_config(const std::filesystem::path& file,
                                         const load_options& options) {
  return load_as<server_config>(file_kind::server, file, options);
}

loaded<edge_config> load_edge_config(const std::filesystem::path& file,
                                     const load_options& options) {
  return load_as<edge_config>(file_kind::edge, file, options);
}

loaded<simulation_config> load_simulation_config(const std::filesystem::path& file,
                                                 const load_options& options) {
  return load_as<simulation_config>(file_kind::simulation, file, options);
}

check_report check_text(std::string_view text, const std::filesystem::path& file,
                        const load_options& options) {
  const auto read = read_document(text, file.string());
  const auto kind = tell_kind(read);
  if (kind)
    return {kind, check_document(*kind, read, file, options).problems};
  if (!read.problems.empty())
    return {std::nullopt, read.problems};
  return {std::nullopt,
          {{file.string(), 0, "kind", "nothing", "one of server, edge, simulation, trustee",
            "the keys do not tell what this file is"}}};
}

check_report check_file(const std::filesystem::path& file, const load_options& options) {
  const auto text = read_text(file);
  if (!text)
    return {std::nullopt, {text.why()}};
  return check_text(*text, file, options);
}

} // namespace godwit::config
