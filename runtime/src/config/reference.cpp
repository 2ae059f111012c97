// The writing of the reference page, from the table.
#include "config/reference.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <variant>

#include "config/load.hpp"
#include "config/schema.hpp"
#include "config/value.hpp"

namespace godwit::config {
namespace {

struct chapter {
  file_kind kind;
  std::string_view title, about;
};

constexpr std::array<chapter, 4> chapters{{
    {file_kind::server, "server.yml", "What `godwit server --config server.yml` reads."},
    {file_kind::edge, "edge.yml", "What `godwit edge --config edge.yml` reads."},
    {file_kind::simulation, "simulation.yml",
     "What `godwit simulate --config simulation.yml` reads."},
    {file_kind::trustee, "trustee.yml", "What `godwit trustee --config trustee.yml` reads."},
}};

constexpr std::string_view preface = R"(# Every key of every configuration file

This page is made from the table in runtime/src/config/schema_rows.cpp, which also loads and checks the files.
It is made anew with `godwit config reference > deploy/config/REFERENCE.md`.

- `godwit config check FILE` and every start report all problems at once and exit with 78. A problem names the file,
  the line, the key, what was found and what is accepted.
- `job.round.cohort` means the key `cohort` in the section `round` of the section `job`; sections are indented lines.
  `--set job.round.cohort=5` on the command line is stronger than the file.
- A relative path in a file starts at the folder of that file; on the command line, and in a default, at the working
  directory.
- A key that is unknown, stands twice, or belongs to a choice that was not made is a problem, not a warning.
- A file has at most 1 MiB, 4096 keys and values, and one document; each value stands on one line; anchors,
  aliases and tags are not read.
)";

std::string default_text(const row& key, file_kind kind) {
  if (key.required)
    return "**needed**";
  auto config = defaults_of(kind);
  const auto value = value_text(key.sets(config));
  return value.empty() ? "" : '`' + value + '`';
}

std::string accepted_text(const row& key) {
  auto out = phrase(key.accepts);
  return key.unit.empty() ? out : out + " (" + std::string(key.unit) + ')';
}

std::string meaning_text(const row& key) {
  std::string out(key.sentence);
  if (!key.condition)
    return out;
  out += " Only where `" + std::string(key.condition->key) + "` is ";
  std::string names;
  for (const auto name : key.condition->names)
    names += (names.empty() ? "" : " or ") + std::string(name);
  return out + names + '.';
}

std::string_view section_of(std::string_view path) {
  const auto last = path.rfind('.');
  return path.substr(0, last == std::string_view::npos ? 0 : last);
}

} // namespace

std::vector<std::string_view> time_settings() {
  std::vector<std::string_view> paths;
  for (const auto& each : chapters)
    for (const auto& key : rows(each.kind))
      if (std::holds_alternative<time_span>(key.accepts) &&
          std::find(paths.begin(), paths.end(), key.path) == paths.end())
        paths.push_back(key.path);
  return paths;
}

std::string reference_page() {
  std::string out(preface);
  std::string times;
  for (const auto path : time_settings())
    times += (times.empty() ? "`" : ", `") + std::string(path) + '`';
  out += "\nThe settings that concern time, all of them: " + times +
         ". Each has a default that works; nothing else has to be tuned for a slow network or a "
         "slow device.\n";
  for (const auto& [kind, title, about] : chapters) {
    out += "\n## " + std::string(title) + "\n\n" + std::string(about) + '\n';
    std::string_view open = "no section yet";
    for (const auto& key : rows(kind)) {
      if (section_of(key.path) != open) {
        open = section_of(key.path);
        if (!open.empty())
          out += "\n### " + std::string(title) + ": " + std::string(open) + '\n';
        out += "\n| key | accepted | default | meaning |\n|---|---|---|---|\n";
      }
      out += "| `" + std::string(key.path) + "` | " + accepted_text(key) + " | " +
             default_text(key, kind) + " | " + meaning_text(key) + " |\n";
    }
  }
  return out;
}

} // namespace godwit::config
