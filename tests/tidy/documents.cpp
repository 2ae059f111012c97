// Whether documents tell the truth: their commands exist, their links lead somewhere, the events
// that they list are those of the code, the root is as they say.
#include <algorithm>
#include <cctype>
#include <filesystem>
#include <regex>
#include <set>
#include <sstream>

#include "tidy/checks.hpp"

namespace godwit::tidy {

namespace {

using names = std::set<std::string, std::less<>>;

names matches(const std::string& text, const std::regex& pattern) {
  names out;
  for (std::sregex_iterator it(text.begin(), text.end(), pattern), end; it != end; ++it)
    out.insert((*it)[1].str());
  return out;
}

/// The subcommands of godwit, as its sources declare them.
names subcommands(const tree& t) {
  static const std::regex declared{R"re(add_subcommand\s*\(\s*"([a-z-]+)")re"};
  names out;
  for (const source_file& file : t.files)
    if (file.path.starts_with("runtime/cli/"))
      out.merge(matches(file.text, declared));
  return out;
}

names presets(const tree& t) {
  static const std::regex declared{R"re("name"\s*:\s*"([a-z0-9-]+)")re"};
  const source_file* file = t.find("CMakePresets.json");
  return file == nullptr ? names{} : matches(file->text, declared);
}

/// What a reader has anyway.
bool known_tool(std::string_view word) {
  static const names tools{"cat",     "cd",      "cmake",     "ctest",   "curl", "git",   "kill",
                           "ls",      "less",    "ninja",     "open",    "cp",   "mkdir", "ssh",
                           "python3", "scp",     "sudo",      "for",     "do",   "done",  "podman",
                           "install", "kubectl", "systemctl", "xdg-open"};
  return tools.contains(word);
}

/// Says what is wrong with one command, or nothing.
std::string wrong_with(const std::string& command, const tree& t) {
  static const std::regex assignment{"[A-Za-z_][A-Za-z0-9_]*=.*"};
  std::istringstream in(command);
  std::string word;
  while (in >> word && (std::regex_match(word, assignment) || word == "sudo"))
    continue;
  if (word.empty() || word.starts_with('#'))
    return {};
  std::string argument;
  in >> argument;
  if (word == "godwit" || word == "build/release/bin/godwit")
    return argument.starts_with("--") || subcommands(t).contains(argument)
               ? std::string{}
               : "godwit has no subcommand \"" + argument + "\"";
  if (word == "cmake" || word == "ctest") {
    static const std::regex preset{R"(--preset[ =]([^ ]+))"};
    for (const std::string& name : matches(command, preset))
      if (!presets(t).contains(name))
        return "no preset \"" + name + "\"";
  }
  if (known_tool(word))
    return {};
  const source_file* script = t.find(word.starts_with("./") ? word.substr(2) : word);
  if (script == nullptr)
    return "neither a file of the tree nor a known command: \"" + word + "\"";
  return script->executable ? std::string{} : "not executable: " + word;
}

/// Cuts a shell line at &&, ||, ; and |. Quotes are not looked into: the documents have no need of
/// them.
std::vector<std::string> commands_of(const std::string& line) {
  static const std::regex separator{R"(&&|\|\||;|\|)"};
  return {std::sregex_token_iterator(line.begin(), line.end(), separator, -1),
          std::sregex_token_iterator()};
}

void check_commands(const tree& t, const source_file& file, findings& out) {
  bool inside = false;
  std::size_t number = 0;
  std::string joined;
  for (std::string_view line : lines_of(file.text)) {
    ++number;
    if (line.starts_with("```")) {
      inside = !inside && line == "```sh";
      continue;
    }
    if (!inside)
      continue;
    if (line.ends_with('\\')) {
      joined += line.substr(0, line.size() - 1);
      continue;
    }
    joined += line;
    if (const std::size_t comment = joined.find(" #"); comment != std::string::npos)
      joined.erase(comment);
    for (const std::string& command : commands_of(joined))
      if (std::string wrong = wrong_with(command, t); !wrong.empty())
        out.push_back({file.path, number, std::move(wrong)});
    joined.clear();
  }
}

/// How a heading is named in a link: lower case, spaces as dashes, punctuation left out.
std::string anchor_of(std::string_view heading) {
  std::string out;
  for (char c : heading.substr(std::min(heading.find_first_not_of("# "), heading.size()))) {
    const auto u = static_cast<unsigned char>(c);
    if (std::isalnum(u) != 0 || c == '-' || c == '_' || u >= 0x80)
      out += static_cast<char>(std::tolower(u));
    else if (c == ' ')
      out += '-';
  }
  return out;
}

bool has_anchor(const source_file& file, std::string_view anchor) {
  const auto lines = lines_of(file.text);
  return std::any_of(lines.begin(), lines.end(), [anchor](std::string_view line) {
    return line.starts_with('#') && anchor_of(line) == anchor;
  });
}

void check_link(const tree& t, const source_file& file, const std::string& link, std::size_t line,
                findings& out) {
  if (link.find("://") != std::string::npos || link.starts_with("mailto:"))
    return;
  const std::size_t hash = std::min(link.find('#'), link.size());
  std::string path = file.path;
  if (hash > 0)
    path = (std::filesystem::path(file.path).parent_path() / link.substr(0, hash))
               .lexically_normal()
               .generic_string();
  if (!t.exists(path))
    out.push_back({file.path, line, "a link to nowhere: " + link});
  else if (const source_file* target = t.find(path);
           hash < link.size() && (target == nullptr || !has_anchor(*target, link.substr(hash + 1))))
    out.push_back({file.path, line, "no such heading: " + link});
}

void check_links(const tree& t, const source_file& file, findings& out) {
  static const std::regex link{R"(\]\(([^)\s]+)\))"};
  static const std::regex inline_code{"`[^`]*`"};
  bool code = false;
  std::size_t number = 0;
  for (std::string_view raw : lines_of(file.text)) {
    ++number;
    if (raw.starts_with("```"))
      code = !code;
    if (code)
      continue;
    const std::string line = std::regex_replace(std::string(raw), inline_code, "code");
    for (std::sregex_iterator it(line.begin(), line.end(), link), end; it != end; ++it)
      check_link(t, file, (*it)[1].str(), number, out);
  }
}

/// The events that the code logs: the literal behind a call that logs, wherever it is broken over
/// lines.
names logged_events(const tree& t) {
  static const std::regex call{
      R"re(\b(?:debug|info|warn|error|event|write)\((?:[^;"]*,)?\s*"([a-z]+\.[a-z_]+)")re"};
  names out;
  for (const source_file& file : t.files)
    if (file.is_cpp() && (file.path.starts_with("actors/") || file.path.starts_with("runtime/")))
      out.merge(matches(file.text, call));
  return out;
}

/// The table of events and the code say the same.
void check_events(const tree& t, findings& out) {
  static const std::regex row{R"re(^\| `([a-z]+\.[a-z_]+)` \|.*)re"};
  const source_file* file = t.find("actors/README.md");
  if (file == nullptr)
    return;
  names unlisted = logged_events(t);
  const names logged = unlisted;
  std::size_t number = 0;
  for (std::string_view line : lines_of(file->text)) {
    ++number;
    std::match_results<std::string_view::const_iterator> found;
    if (!std::regex_match(line.begin(), line.end(), found, row))
      continue;
    if (!logged.contains(found[1].str()))
      out.push_back({file->path, number, "nothing logs the event " + found[1].str()});
    unlisted.erase(found[1].str());
  }
  for (const std::string& event : unlisted)
    out.push_back({file->path, 0, "does not list the event " + event});
}

} // namespace

findings check_documents(const tree& t) {
  findings out;
  for (const source_file& file : t.files) {
    if (!file.path.ends_with(".md"))
      continue;
    check_commands(t, file, out);
    check_links(t, file, out);
  }
  check_events(t, out);
  return out;
}

findings check_root(const tree& t) {
  static const names known{
      ".ci",     ".clang-format", ".gitignore", "ARCHITECTURE.md", "CHANGELOG.md",
      "LICENSE", "README.md",     "STYLE.md",   "CMakeLists.txt",  "CMakePresets.json",
      "actors",  "aggregation",   "benchmarks", "deploy",          "messages",
      "privacy", "runtime",       "tests"};
  findings out;
  for (const std::string& name : t.root_entries)
    if (!known.contains(name))
      out.push_back({name, 0, "does not belong into the root; eight folders hold everything"});
  for (const std::string& name : known)
    if (!std::binary_search(t.root_entries.begin(), t.root_entries.end(), name))
      out.push_back({name, 0, "is missing from the root"});
  return out;
}

} // namespace godwit::tidy
