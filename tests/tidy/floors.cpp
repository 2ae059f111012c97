// Whether the arrows between the floors only go down (ARCHITECTURE.md, section 4).
#include <algorithm>
#include <array>
#include <filesystem>
#include <regex>
#include <span>

#include "tidy/checks.hpp"

namespace godwit::tidy {

namespace {

/// A top-level folder and the folders whose public headers it may include.
struct floor_rule {
  std::string_view folder;
  std::string_view may_include; ///< space-separated
};
constexpr std::array floor_rules{
    floor_rule{"messages", "messages"},
    floor_rule{"privacy", "messages privacy"},
    floor_rule{"aggregation", "messages aggregation"},
    floor_rule{"actors", "messages privacy aggregation actors"},
    floor_rule{"runtime", "messages privacy aggregation actors runtime"},
    floor_rule{"benchmarks", "messages privacy aggregation actors runtime"},
    floor_rule{"tests", "messages privacy aggregation actors runtime"},
};

/// Something that only some places may use: a path that starts with one of `places` and with none
/// of `except`.
struct place_rule {
  std::string_view what; ///< how the include starts, or a regular expression over code
  std::vector<std::string_view> places;
  std::vector<std::string_view> except = {};
};

const std::vector<place_rule>& library_rules() {
  static const std::vector<place_rule> rules{
      {"caf/",
       {"messages/include/godwit/messages/interfaces.hpp", "messages/src/interfaces.cpp",
        "actors/include/godwit/actors/", "actors/src/", "runtime/", "tests/", "benchmarks/"},
       {"actors/include/godwit/actors/machines/", "actors/include/godwit/actors/ports.hpp",
        "actors/src/machines/"}},
      // The contracts of the actors bring CAF with them, so they count as CAF.
      {"godwit/messages/interfaces.hpp",
       {"messages/src/interfaces.cpp", "actors/include/godwit/actors/", "actors/src/", "runtime/",
        "tests/", "benchmarks/"},
       {"actors/include/godwit/actors/machines/", "actors/include/godwit/actors/ports.hpp",
        "actors/src/machines/"}},
      {"cereal/", {"messages/src/", "tests/", "benchmarks/"}},
      {"botan/", {"privacy/", "runtime/", "tests/", "benchmarks/"}},
      {"asio", {"runtime/src/transport/", "tests/"}},
      {"openssl/", {"privacy/src/", "runtime/src/transport/", "tests/"}},
      {"xtensor/", {"aggregation/", "runtime/src/training/", "tests/", "benchmarks/"}},
      {"cblas.h", {"runtime/src/training/", "tests/", "benchmarks/"}},
      {"yaml-cpp/", {"runtime/src/config/", "runtime/src/power/", "tests/"}},
      {"nlohmann/", {"privacy/src/", "runtime/src/", "runtime/cli/", "tests/", "benchmarks/"}},
      {"CLI/", {"runtime/cli/", "benchmarks/"}},
      {"zlib.h", {"runtime/src/", "tests/", "benchmarks/"}},
      {"doctest/", {"tests/"}},
  };
  return rules;
}

const std::vector<place_rule>& door_rules() {
  static const std::vector<std::string_view> doors{"runtime/", "privacy/src/entropy.cpp",
                                                   "benchmarks/", "tests/"};
  static const std::vector<place_rule> rules{
      {R"(_clock\s*::\s*now\s*\()", doors}, {R"(\brandom_device\b)", doors},
      {R"(\bfopen\s*\()", doors},           {R"(\bgetenv\s*\()", doors},
      {R"(\bclock_gettime\s*\()", doors},   {R"(\bgettimeofday\s*\()", doors},
  };
  return rules;
}

bool starts_with_any(std::string_view path, std::span<const std::string_view> beginnings) {
  return std::any_of(beginnings.begin(), beginnings.end(),
                     [path](std::string_view b) { return path.starts_with(b); });
}

bool allowed(const place_rule& rule, std::string_view path) {
  return starts_with_any(path, rule.places) && !starts_with_any(path, rule.except);
}

std::string places_of(const place_rule& rule) {
  std::string out;
  for (std::string_view place : rule.places)
    out += (out.empty() ? "" : ", ") + std::string(place);
  return out;
}

std::string_view folder_of(std::string_view path) {
  return path.substr(0, path.find('/'));
}

bool is_pure(std::string_view path) {
  return path.starts_with("actors/include/godwit/actors/machines/") ||
         path.starts_with("actors/src/machines/") ||
         path == "actors/include/godwit/actors/ports.hpp";
}

bool has_word(std::string_view list, std::string_view word) {
  for (std::size_t at = list.find(word); at != std::string_view::npos; at = list.find(word, at + 1))
    if ((at == 0 || list[at - 1] == ' ') &&
        (at + word.size() == list.size() || list[at + word.size()] == ' '))
      return true;
  return false;
}

/// <godwit/FOLDER/...>: the header is there, and FOLDER is below.
void check_public(const tree& t, const source_file& file, const include_line& in, findings& out) {
  const std::string rest = in.name.substr(std::string_view("godwit/").size());
  const std::string target(folder_of(rest));
  if (!t.exists(target + "/include/" + in.name))
    out.push_back({file.path, in.line, "no such public header: <" + in.name + ">"});
  for (const floor_rule& rule : floor_rules)
    if (folder_of(file.path) == rule.folder && !has_word(rule.may_include, target))
      out.push_back({file.path, in.line,
                     std::string(rule.folder) + " stands below " + target +
                         " and may not include <" + in.name +
                         ">; it may include: " + std::string(rule.may_include)});
  if (is_pure(file.path) && target == "actors" && !in.name.starts_with("godwit/actors/machines/") &&
      in.name != "godwit/actors/ports.hpp")
    out.push_back({file.path, in.line, "a machine may not include the shell <" + in.name + ">"});
}

/// "x.hpp": a private header of the same folder (tests and benchmarks may look into others).
void check_private(const tree& t, const source_file& file, const include_line& in, findings& out) {
  namespace fs = std::filesystem;
  const std::string folder(folder_of(file.path));
  const bool may_look = folder == "tests" || folder == "benchmarks";
  std::vector<fs::path> places{fs::path(file.path).parent_path(), folder + "/src"};
  if (may_look)
    places.insert(places.end(), {"tests", "runtime/src", "actors/src", "privacy/src"});
  for (const fs::path& place : places) {
    const std::string path = (place / in.name).lexically_normal().generic_string();
    if (!t.exists(path))
      continue;
    if (folder_of(path) != folder && !may_look)
      out.push_back({file.path, in.line,
                     "reaches into " + std::string(folder_of(path)) +
                         " past its public headers: \"" + in.name + "\""});
    return;
  }
  out.push_back({file.path, in.line,
                 "no such private header: \"" + in.name +
                     "\" (public headers and libraries are included with <>)"});
}

} // namespace

findings check_floors(const tree& t) {
  findings out;
  for (const source_file& file : t.files) {
    if (!file.is_cpp())
      continue;
    for (const include_line& in : file.includes) {
      for (const place_rule& rule : library_rules())
        if (in.name.starts_with(rule.what) && !allowed(rule, file.path))
          out.push_back(
              {file.path, in.line, "<" + in.name + "> may be included only in " + places_of(rule)});
      if (in.name.starts_with("godwit/"))
        check_public(t, file, in, out);
      else if (!in.angled)
        check_private(t, file, in, out);
    }
    for (const place_rule& rule : door_rules()) {
      if (allowed(rule, file.path))
        continue;
      const std::regex pattern{std::string(rule.what)};
      for (std::sregex_iterator it(file.code.begin(), file.code.end(), pattern), end; it != end;
           ++it)
        out.push_back({file.path, line_at(file.code, static_cast<std::size_t>(it->position())),
                       it->str() +
                           ": time, entropy, files and the environment come in as arguments; "
                           "they are read only in " +
                           places_of(rule)});
    }
  }
  return out;
}

} // namespace godwit::tidy
