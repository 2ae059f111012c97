// On which thread does the network run, and how do other threads hand it work?
#include "transport/io_thread.hpp"

#include <csignal>
#include <pthread.h>
#include <sched.h>

#include <godwit/messages/check.hpp>

namespace godwit::transport {

io_thread::~io_thread() {
  finish();
}

namespace {

/// Whoever hands this thread work shall go on and hand it more, and not make way for it: where all
/// share one core, a burst then costs one turn and goes out in one record. That it is refused, or
/// unknown to the system, does no harm.
void let_work_gather() {
#ifdef SCHED_BATCH
  const sched_param none{};
  pthread_setschedparam(pthread_self(), SCHED_BATCH, &none);
#endif
}

} // namespace

void io_thread::start() {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before); // the new thread inherits the mask
  thread_ = std::thread([this] {
    let_work_gather();
    context_.run();
  });
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

void io_thread::finish() {
  if (!thread_.joinable())
    return;
  GODWIT_CHECK(thread_.get_id() != std::this_thread::get_id(),
               "a transport was destroyed by its own event");
  work_.reset();
  thread_.join();
}

} // namespace godwit::transport
