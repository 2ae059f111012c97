// What happens when godwit itself is wrong: a bug stops the process, loudly, in release builds too.
#pragma once

namespace godwit {

/// Prints the condition, its place and the reason to stderr and aborts. Never returns.
[[noreturn]] void check_failed(const char* condition, const char* why, const char* file, int line);

} // namespace godwit

/// States what must be true if our own code is right. Never used for what a peer or the world may
/// do.
#define GODWIT_CHECK(condition, why)                                                               \
  ((condition) ? (void)0 : ::godwit::check_failed(#condition, why, __FILE__, __LINE__))
