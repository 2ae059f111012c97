// What other tools say about the tree: clang-format about layout, shellcheck about scripts.
#include <algorithm>
#include <array>
#include <cstdio>
#include <regex>

#include "tidy/checks.hpp"

namespace godwit::tidy {

namespace {

std::string quoted(const std::string& word) {
  return "'" + word + "'";
}

/// What a shell command prints on both of its outputs.
std::string output_of(const std::string& command) {
  std::string out;
  std::FILE* pipe = popen((command + " 2>&1").c_str(), "r");
  if (pipe == nullptr)
    return out;
  std::array<char, 4096> chunk{};
  while (std::fgets(chunk.data(), static_cast<int>(chunk.size()), pipe) != nullptr)
    out += chunk.data();
  pclose(pipe);
  return out;
}

/// Turns lines of the form PATH:LINE:COLUMN: MESSAGE into findings.
findings parsed(const tree& t, const std::string& output) {
  static const std::regex report{R"(^(.+?):([0-9]+):[0-9]+: (.*)$)"};
  findings out;
  for (std::string_view view : lines_of(output)) {
    const std::string line(view);
    std::smatch found;
    if (std::regex_match(line, found, report))
      out.push_back(
          {std::filesystem::path(found[1].str()).lexically_relative(t.root).generic_string(),
           std::stoul(found[2].str()), found[3].str()});
  }
  return out;
}

/// Layout differs from version to version, so only the one that the tree was laid out with is
/// asked.
std::string clang_format_14() {
  for (const std::string name : {"clang-format-14", "clang-format"})
    if (output_of(name + " --version").find("version 14.") != std::string::npos)
      return name;
  return {};
}

/// Whether a script, or a file that it sources, makes the first error end it.
bool is_strict(const tree& t, const source_file& script) {
  const auto says_so = [](const source_file& file) {
    return file.text.find("\nset -euo pipefail\n") != std::string::npos;
  };
  if (says_so(script))
    return true;
  return std::any_of(t.files.begin(), t.files.end(), [&](const source_file& file) {
    return file.path.ends_with(".sh") && says_so(file) &&
           script.text.find("/" + file.name() + "\"\n") != std::string::npos;
  });
}

} // namespace

std::optional<findings> check_format(const tree& t) {
  const std::string tool = clang_format_14();
  if (tool.empty())
    return std::nullopt;
  std::string command = tool + " --style=file --dry-run -Werror";
  for (const source_file& file : t.files)
    if (file.is_cpp())
      command += " " + quoted((t.root / file.path).string());
  findings out = parsed(t, output_of(command)); // several a file: the first says enough
  out.erase(std::unique(out.begin(), out.end(),
                        [](const finding& a, const finding& b) { return a.path == b.path; }),
            out.end());
  return out;
}

std::optional<findings> check_shell(const tree& t) {
  if (output_of("shellcheck --version").find("version:") == std::string::npos)
    return std::nullopt;
  findings out;
  // Not asked for: SC2317 takes functions that are called through another one for dead code, SC2119
  // takes a default for a slip, SC2015 takes `a && b || c` for one.
  std::string command = "shellcheck --external-sources --exclude=SC2015,SC2119,SC2317 --format=gcc";
  bool any = false;
  for (const source_file& file : t.files) {
    const bool script = file.is_script();
    if (!script && !file.path.ends_with(".sh"))
      continue;
    if (script && !is_strict(t, file))
      out.push_back({file.path, 1, "a script stops at the first error: set -euo pipefail"});
    if (script && !file.executable)
      out.push_back({file.path, 1, "a script that cannot be executed: chmod +x"});
    command += " " + quoted((t.root / file.path).string());
    any = true;
  }
  if (any)
    for (finding& one : parsed(t, output_of(command)))
      out.push_back(std::move(one));
  return out;
}

} // namespace godwit::tidy
