// Whether names say something (STYLE.md, Names).
#include <cctype>
#include <map>
#include <regex>
#include <set>

#include "tidy/checks.hpp"

namespace godwit::tidy {

namespace {

constexpr std::string_view by_work = "name the work it does: bytes, shape, quantile";
constexpr std::string_view by_thing = "name the thing that is shared: limits, ids, layout";
constexpr std::string_view by_role = "name what it keeps track of: membership, ledger, registry";

const std::map<std::string, std::string_view, std::less<>>& banned() {
  static const std::map<std::string, std::string_view, std::less<>> words{
      {"util", by_work},    {"utils", by_work},   {"helper", by_work},
      {"helpers", by_work}, {"common", by_thing}, {"misc", "split it by what the parts are for"},
      {"manager", by_role}, {"managers", by_role}};
  return words;
}

/// Names that are not ours to choose: the standard's, and the mission's own word for the keeper of
/// the budget.
bool excused(const std::string& name) {
  static const std::set<std::string, std::less<>> names{
      "privacy_manager",    "common_type", "common_type_t", "common_reference",
      "common_reference_t", "common_with", "common_view"};
  return names.contains(name);
}

/// snake_case and CamelCase names, cut into lower-case words.
std::vector<std::string> words_of(std::string_view name) {
  std::vector<std::string> out(1);
  char before = '_';
  for (char c : name) {
    const auto u = static_cast<unsigned char>(c);
    if (std::isalnum(u) == 0 ||
        (std::isupper(u) != 0 && std::islower(static_cast<unsigned char>(before)) != 0))
      out.emplace_back();
    if (std::isalnum(u) != 0)
      out.back() += static_cast<char>(std::tolower(u));
    before = c;
  }
  return out;
}

void check_name(const std::string& name, const std::string& path, std::size_t line, findings& out) {
  if (excused(name))
    return;
  for (const std::string& word : words_of(name))
    if (auto at = banned().find(word); at != banned().end())
      out.push_back(
          {path, line, "\"" + name + "\" says \"" + word + "\": " + std::string(at->second)});
}

} // namespace

findings check_words(const tree& t) {
  static const std::regex identifier{"[A-Za-z_][A-Za-z0-9_]*"};
  findings out;
  for (const source_file& file : t.files) {
    std::filesystem::path rest = file.path;
    for (const auto& part : rest)
      check_name(part.stem().string(), file.path, 0, out);
    for (std::sregex_iterator it(file.code.begin(), file.code.end(), identifier), end; it != end;
         ++it)
      check_name(it->str(), file.path, line_at(file.code, static_cast<std::size_t>(it->position())),
                 out);
  }
  return out;
}

} // namespace godwit::tidy
