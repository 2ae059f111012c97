#include "signals.hpp"

#include <cerrno>
#include <csignal>

#include <sys/eventfd.h>

namespace godwit::cli {
namespace {

volatile std::sig_atomic_t stop_signal = 0;
volatile std::sig_atomic_t stop_event = -1;

void note_signal(int signal) {
  const int before = errno;
  stop_signal = signal;
  ::eventfd_write(stop_event, 1);
  errno = before;
}

} // namespace

void catch_signals() {
  if (stop_event == -1)
    stop_event = ::eventfd(0, EFD_CLOEXEC);
  struct sigaction action {};
  action.sa_handler = note_signal;
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

bool is_asked_to_stop() noexcept {
  return stop_signal != 0;
}

void wait_until_asked_to_stop() {
  eventfd_t count = 0;
  while (!is_asked_to_stop() && ::eventfd_read(stop_event, &count) != 0 && errno == EINTR) {
  }
}

} // namespace godwit::cli
