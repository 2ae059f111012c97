// Who computes? A few threads, each with a network's workspace of its own, and the one that waits
// for them.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "training/model.hpp"

namespace godwit::simulated {

/// Runs pieces of work, those that were handed in first first. All functions are the owner's: one
/// thread calls them, and that thread works too while it waits.
class worker_pool {
public:
  using work = std::function<void(model&)>;
  class task;
  using handle = std::shared_ptr<task>;

  /// One workspace a thread, the first for the owner's: with a single one all work is done in
  /// complete(). Must not be empty.
  explicit worker_pool(std::vector<std::unique_ptr<model>> workspaces);
  /// Waits for what is running; what is waiting is never done.
  ~worker_pool();
  worker_pool(const worker_pool&) = delete;
  worker_pool& operator=(const worker_pool&) = delete;

  /// `what` must not throw, and must live on what it holds itself: it may be run after its handle
  /// is gone.
  handle submit(work what);
  /// Returns when the task is done. A dropped one must not be asked for.
  void complete(const handle&);
  /// Not done if it is not begun yet.
  void drop(const handle&);

  std::size_t thread_count() const noexcept { return workspaces_.size(); }
  const model& workspace() const noexcept { return *workspaces_.front(); }

private:
  void serve(model& workspace);
  void run(std::unique_lock<std::mutex>&, const handle&, model& workspace);
  handle take_waiting();

  std::vector<std::unique_ptr<model>> workspaces_;
  std::mutex mutex_;
  std::condition_variable submitted_, done_;
  std::deque<handle> queue_;
  std::size_t sleeping_count_ = 0;
  bool owner_sleeps_ = false;
  bool is_over_ = false;
  std::vector<std::thread> threads_;
};

} // namespace godwit::simulated
