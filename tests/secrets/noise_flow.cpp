// Does any branch or address in the drawing of noise depend on the stream, and so on the samples?
// Run in valgrind, as secret_flow.cpp is. Which proposals are refused is not secret
// (privacy/NOISE.md, section 5): so the verdicts, and nothing else, are made public.
#include <algorithm>
#include <array>
#include <cstdio>
#include <span>
#include <vector>

#include <valgrind/memcheck.h>

#include "noise/proposals.hpp"

using namespace godwit;
using namespace godwit::noise;

namespace {

/// Whether all of it is marked: then the secrets did flow through what made it.
template <class Content>
bool is_marked(const Content& content) {
  const auto memory = std::as_bytes(std::span(content));
  std::vector<unsigned char> marks(memory.size());
  VALGRIND_GET_VBITS(memory.data(), marks.data(), marks.size());
  return std::any_of(marks.begin(), marks.end(), [](unsigned char mark) { return mark != 0; });
}

bool judge_marked(const rows& table, judge_function judge) {
  std::vector<std::byte> group(group_bytes, std::byte{1});
  VALGRIND_MAKE_MEM_UNDEFINED(group.data(), group.size());
  proposals found;
  judge(table, group.data(), found);
  const bool have_flown = is_marked(found.values) && is_marked(found.areas) &&
                          is_marked(found.draws) && is_marked(found.verdicts);
  VALGRIND_MAKE_MEM_DEFINED(found.verdicts.data(), found.verdicts.size());
  std::array<std::int64_t, group_size> taken_values;
  take(found, taken_values);
  return have_flown && is_marked(taken_values);
}

} // namespace

int main() {
  if (!RUNNING_ON_VALGRIND) {
    std::puts("only valgrind can tell: run it in valgrind");
    return 1;
  }
  bool have_flown = true;
  for (const auto kind :
       {noise_kind::discrete_gaussian, noise_kind::discrete_laplace, noise_kind::skellam})
    for (const double scale : {0.5, 3.0, 200.0})
      for (const auto& one : available_judges()) {
        std::printf("law %d, %s\n", static_cast<int>(kind), one.name);
        have_flown = judge_marked(make_rows({kind, scale}), one.judge) && have_flown;
      }
  std::puts(have_flown ? "secrets flowed through" : "the secrets' marks got lost on the way");
  return have_flown ? 0 : 1;
}
