#include "signals.hpp"

#include <csignal>

namespace godwit::cli {
namespace {

volatile std::sig_atomic_t stop_signal = 0;

void note_signal(int signal) {
  stop_signal = signal;
}

} // namespace

void catch_signals() {
  struct sigaction action {};
  action.sa_handler = note_signal;
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

bool is_asked_to_stop() noexcept {
  return stop_signal != 0;
}

} // namespace godwit::cli
