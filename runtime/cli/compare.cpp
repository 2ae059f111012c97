// godwit compare: how do runs of several configurations differ?
#include <algorithm>
#include <cstdio>

#include <fmt/format.h>

#include "commands.hpp"
#include "report/comparison.hpp"
#include "report/run_folder.hpp"
#include "report/whole_file.hpp"

namespace godwit::cli {
namespace {

/// NAME=FOLDER, or FOLDER, which is then called after itself.
std::pair<std::string, std::filesystem::path> named(const std::string& word) {
  const auto equals = word.find('=');
  if (equals != std::string::npos)
    return {word.substr(0, equals), word.substr(equals + 1)};
  const auto folder = std::filesystem::path(word).lexically_normal();
  return {(folder.has_filename() ? folder : folder.parent_path()).filename().string(), folder};
}

/// The runs in the order given; those of one name are one case.
attempt<std::vector<compared_case>> read(const std::vector<std::string>& words) {
  std::vector<compared_case> cases;
  for (const auto& word : words) {
    const auto [name, folder] = named(word);
    if (name.empty())
      return failure{failure_code::bad_config, false, "\"" + word + "\" has no name before its ="};
    auto rounds = read_rounds(folder / "rounds.jsonl");
    if (!rounds)
      return rounds.why();
    if (rounds->empty())
      return failure{failure_code::not_found, false, folder.string() + " holds no rounds yet"};
    auto known = std::ranges::find(cases, name, &compared_case::name);
    if (known == cases.end())
      known = cases.insert(cases.end(), compared_case{name, {}});
    known->runs.push_back(std::move(*rounds));
  }
  return cases;
}

} // namespace

int run(const compare_command& command) {
  const auto cases = read(command.runs);
  if (!cases)
    return complain(cases.why().detail, exit_failed);
  if (auto written = replace_content(command.out, html_comparison(command.title, *cases)); !written)
    return complain(written.why().detail, exit_failed);
  fmt::print("{}", comparison_table(*cases));
  std::fflush(stdout);
  fmt::print(stderr, "\nThe curves: {}\n", command.out.string());
  return exit_done;
}

} // namespace godwit::cli
