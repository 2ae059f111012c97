// The command line of the checks: tidy ROOT CHECK. Prints what is wrong, one line each, as
// path:line: message.
#include <cstdio>
#include <exception>
#include <functional>
#include <map>
#include <string>

#include "tidy/checks.hpp"

namespace {

using namespace godwit::tidy;
using check = std::function<std::optional<findings>(const tree&)>;

constexpr int exit_skipped = 77; ///< as tests/tidy/CMakeLists.txt tells ctest

const std::map<std::string, check>& checks() {
  static const std::map<std::string, check> table{
      {"floors", check_floors}, {"words", check_words}, {"length", check_length},
      {"text", check_text},     {"root", check_root},   {"documents", check_documents},
      {"format", check_format}, {"shell", check_shell},
  };
  return table;
}

int run(const std::string& root, const std::string& name) {
  const auto found = checks().find(name);
  if (found == checks().end()) {
    std::fprintf(stderr, "no such check: %s\n", name.c_str());
    return 64;
  }
  const tree t = read_tree(root);
  const std::optional<findings> wrong = found->second(t);
  if (!wrong) {
    std::printf("skipped: the tool that %s asks is not installed in the version it needs\n",
                name.c_str());
    return exit_skipped;
  }
  for (const finding& one : *wrong)
    std::printf("%s:%zu: %s\n", one.path.c_str(), one.line, one.message.c_str());
  std::printf("%s: %zu files read, %zu things wrong\n", name.c_str(), t.files.size(),
              wrong->size());
  return wrong->empty() && !t.files.empty() ? 0 : 1;
}

} // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: tidy ROOT CHECK\nchecks:");
    for (const auto& [name, unused] : checks())
      std::fprintf(stderr, " %s", name.c_str());
    std::fprintf(stderr, "\n");
    return 64;
  }
  try {
    return run(argv[1], argv[2]);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "tidy: %s\n", e.what());
    return 66;
  }
}
