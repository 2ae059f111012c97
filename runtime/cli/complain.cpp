// How every subcommand says what went wrong, and how options become overrides.
#include <cstdio>

#include "commands.hpp"

namespace godwit::cli {

int complain(const std::string& sentence, int status) {
  std::fprintf(stderr, "godwit: %s\n", sentence.c_str());
  return status;
}

std::vector<std::string> overrides::all() const {
  auto list = set;
  if (seed)
    list.push_back("seed=" + std::to_string(*seed));
  if (out)
    list.push_back("out=" + out->string());
  return list;
}

} // namespace godwit::cli
