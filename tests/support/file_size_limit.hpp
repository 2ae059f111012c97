// How is a full disk played where none can be mounted? By a limit for the length of files.
#pragma once

#include <csignal>

#include <sys/resource.h>

#include <doctest/doctest.h>

namespace godwit {

/// Keeps this process from writing longer files, as a full disk would.
class file_size_limit {
public:
  explicit file_size_limit(rlim_t size) : old_handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    REQUIRE(::getrlimit(RLIMIT_FSIZE, &old_) == 0);
    const rlimit smaller{size, old_.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &smaller) == 0);
  }
  file_size_limit(const file_size_limit&) = delete;
  file_size_limit& operator=(const file_size_limit&) = delete;
  ~file_size_limit() {
    ::setrlimit(RLIMIT_FSIZE, &old_);
    std::signal(SIGXFSZ, old_handler_);
  }

private:
  rlimit old_{};
  void (*old_handler_)(int);
};

} // namespace godwit
