#include <godwit/messages/check.hpp>

#include <cstdio>
#include <cstdlib>

namespace godwit {

void check_failed(const char* condition, const char* why, const char* file, int line) {
  std::fprintf(stderr, "godwit: bug: %s (%s) at %s:%d\n", why, condition, file, line);
  std::fflush(stderr);
  std::abort();
}

} // namespace godwit
