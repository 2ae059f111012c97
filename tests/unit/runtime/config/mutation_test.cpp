// Does any text, however broken, end in a configuration or in problems, and never in anything else?
#include <algorithm>
#include <array>
#include <cstddef>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "config/effective.hpp"
#include "config_support.hpp"

using namespace config_test;
using namespace godwit::config;

namespace {

constexpr std::array<std::string_view, 40> fragments{
    ":",        ": ",          "\n",     "  ",    "- ",    "{",
    "}",        "[",           "]",      ",",     "&a ",   "*a",
    "!!str ",   "? ",          "|\n",    ">\n",   "\"",    "'",
    "#",        "%YAML 1.2\n", "---\n",  "...\n", "\t",    "\r",
    "\\x41",    "\\",          "<<: *a", "~",     "null",  "@",
    "`",        "%TAG ! x\n",  "!<",     "-1",    "1e308", "99999999999999999999",
    "\xC3\xBC", "\xFF",        "job:",   "seed: "};

/// Changes a text in one to eight places, as a careless or a hostile hand would.
std::string mutate(std::string text, std::mt19937_64& draw) {
  const auto below = [&draw](std::size_t bound) {
    return static_cast<std::size_t>(draw() % bound);
  };
  for (auto left = 1 + below(8); left > 0 && !text.empty(); --left) {
    const auto at = below(text.size());
    const auto length = 1 + below(std::min<std::size_t>(40, text.size() - at));
    switch (below(6)) {
    case 0:
      text.erase(at, length);
      break;
    case 1:
      text.insert(at, fragments[below(fragments.size())]);
      break;
    case 2:
      text[at] = static_cast<char>(draw() & 0xFFU);
      break;
    case 3:
      text.insert(below(text.size()), text.substr(at, length));
      break;
    case 4:
      text.resize(at);
      break;
    default:
      text.replace(at, length, fragments[below(fragments.size())]);
    }
  }
  return text;
}

/// What must hold of every answer.
template <class Config>
void check_answer(const std::string& text, const loaded<Config>& read,
                  loaded<Config> (*read_again)(std::string_view, const std::filesystem::path&,
                                               const load_options&)) {
  INFO(text);
  if (read) {
    const auto again = read_again(to_yaml(*read), "again.yml", no_files);
    REQUIRE(again);
    CHECK(*again == *read);
    return;
  }
  REQUIRE_FALSE(read.why().empty());
  CHECK(read.why().size() <= problem_count_max + 1);
  for (const auto& what : read.why()) {
    CHECK(what.file == "a.yml");
    CHECK(what.line >= 0);
    CHECK_FALSE(what.found.empty());
    CHECK_FALSE(what.accepted.empty());
  }
}

} // namespace

TEST_CASE("mutated examples are read or refused, and what is read can be written and read again") {
  const auto folder = project_root() / "deploy/config";
  const std::vector<std::string> examples{read_all(folder / "server.yml"),
                                          read_all(folder / "edge.yml"),
                                          read_all(folder / "simulation.yml")};
  std::mt19937_64 draw(20'240'607);
  std::size_t usable = 0;
  for (int i = 0; i < 3000; ++i) {
    const auto text = mutate(examples[static_cast<std::size_t>(i) % 3], draw);
    if (i % 3 == 0) {
      const auto read = read_server_config(text, "a.yml", no_files);
      usable += read ? 1 : 0;
      check_answer(text, read, &read_server_config);
    } else if (i % 3 == 1) {
      const auto read = read_edge_config(text, "a.yml", no_files);
      usable += read ? 1 : 0;
      check_answer(text, read, &read_edge_config);
    } else {
      const auto read = read_simulation_config(text, "a.yml", no_files);
      usable += read ? 1 : 0;
      check_answer(text, read, &read_simulation_config);
    }
  }
  // Both answers must occur often, or the mutations say little.
  CHECK(usable > 100);
  CHECK(usable < 2500);
}

TEST_CASE("texts of YAML's own signs are read or refused") {
  std::mt19937_64 draw(7);
  for (int i = 0; i < 3000; ++i) {
    std::string text;
    for (auto left = 1 + draw() % 24; left > 0; --left)
      text += fragments[draw() % fragments.size()];
    check_answer(text, read_simulation_config(text, "a.yml", no_files), &read_simulation_config);
    CHECK_NOTHROW(check_text(text, "a.yml", no_files));
  }
}
