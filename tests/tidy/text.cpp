// Whether the text of each file is in order: opening comment, white space, nothing left behind.
#include <algorithm>
#include <array>
#include <filesystem>
#include <regex>

#include "tidy/checks.hpp"

namespace godwit::tidy {

namespace {

/// Notes to oneself and places of one machine. Written in two parts, so that this file does not
/// find itself.
const std::regex& leftover_note() {
  static const std::regex pattern{"\\b(TO"
                                  "DO|FIX"
                                  "ME|X"
                                  "XX)\\b"};
  return pattern;
}
constexpr std::array<std::string_view, 4> machine_paths{"/wo"
                                                        "rk/",
                                                        "/t"
                                                        "mp/",
                                                        "/ho"
                                                        "me/",
                                                        "/ro"
                                                        "ot/"};

bool is_build_file(const source_file& file) {
  return file.path.ends_with(".cmake") || file.name() == "CMakeLists.txt" ||
         file.path.ends_with(".yml") || file.path.ends_with(".yaml");
}

/// Whether a source file opens with its own header, whose comment then speaks for both.
bool opens_with_its_header(const source_file& file) {
  const std::string stem = std::filesystem::path(file.path).stem().string();
  return !file.is_header() && !file.includes.empty() && file.includes.front().line == 1 &&
         std::filesystem::path(file.includes.front().name).stem() == stem;
}

void check_opening(const source_file& file, findings& out) {
  const bool wanted =
      (file.is_cpp() && !opens_with_its_header(file)) || file.is_script() || is_build_file(file);
  if (wanted && opening_comment(file).empty())
    out.push_back(
        {file.path, 1, "the first comment is missing: which question does this file answer?"});
  if (file.is_header() && file.text.find("\n#pragma once\n") == std::string::npos)
    out.push_back({file.path, 1, "no #pragma once"});
  if (file.path.ends_with(".md") && !file.text.starts_with("# "))
    out.push_back({file.path, 1, "a document starts with its title: # Title"});
}

void check_line(const source_file& file, std::string_view line, std::size_t number, findings& out) {
  if (line.find('\t') != std::string_view::npos)
    out.push_back({file.path, number, "a tab; indent with spaces"});
  if (line.ends_with(' ') || line.ends_with('\r'))
    out.push_back({file.path, number, "white space at the end of the line"});
  if (std::regex_search(line.begin(), line.end(), leftover_note()))
    out.push_back({file.path, number, "a note left behind: do it now, or file an issue"});
  for (std::string_view path : machine_paths)
    if (line.find(path) != std::string_view::npos)
      out.push_back({file.path, number, "the path of one machine: " + std::string(path)});
}

/// xtensor's reductions with keep_dims are lazy and slow unless they are evaluated at once.
void check_reductions(const source_file& file, findings& out) {
  for (std::size_t at = file.code.find("keep_dims"); at != std::string::npos;
       at = file.code.find("keep_dims", at + 1)) {
    const std::size_t begin = file.code.find_last_of(';', at) + 1;
    const std::string statement = file.code.substr(begin, file.code.find(';', at) - begin);
    if (statement.find("immediate") == std::string::npos &&
        statement.find("eval") == std::string::npos)
      out.push_back({file.path, line_at(file.code, at), "keep_dims without immediate or eval"});
  }
}

} // namespace

findings check_text(const tree& t) {
  findings out;
  for (const source_file& file : t.files) {
    if (file.name() == "LICENSE" || file.path.ends_with(".csv"))
      continue;
    check_opening(file, out);
    check_reductions(file, out);
    std::size_t number = 0;
    for (std::string_view line : lines_of(file.text))
      check_line(file, line, ++number, out);
    if (!file.text.empty() && !file.text.ends_with('\n'))
      out.push_back({file.path, number, "no line end at the end of the file"});
  }
  return out;
}

} // namespace godwit::tidy
