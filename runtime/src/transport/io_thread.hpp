// On which thread does the network run, and how do other threads hand it work?
// Private to the transport: this header knows Asio.
#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>

#include "transport/frame.hpp"
#include "transport/link_limits.hpp"

namespace godwit::transport {

/// One io_context and the one thread that runs it. Signals are left to the other threads; so a
/// write to a lost peer is an error here, and never a SIGPIPE.
class io_thread {
public:
  io_thread() : work_(asio::make_work_guard(context_)) {}
  ~io_thread();
  io_thread(const io_thread&) = delete;
  io_thread& operator=(const io_thread&) = delete;

  asio::io_context& context() noexcept { return context_; }
  void start();
  /// Waits until nothing is left to do. Not to be called from the thread itself.
  void finish();

private:
  asio::io_context context_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  std::thread thread_;
};

/// What another thread asks of a link: to send a frame, or to close it.
struct order {
  link_id link = 0;
  std::optional<outgoing> frame; ///< none: close
  std::string reason;
};

/// Orders from any thread, taken in batches, so that a burst of frames costs one wake-up.
class inbox {
public:
  /// True if the taker must be woken: nothing was waiting.
  bool add(order one) {
    const std::lock_guard held(guard_);
    orders_.push_back(std::move(one));
    return orders_.size() == 1;
  }
  std::vector<order> take() {
    const std::lock_guard held(guard_);
    return std::exchange(orders_, {});
  }

private:
  std::mutex guard_;
  std::vector<order> orders_;
};

} // namespace godwit::transport
