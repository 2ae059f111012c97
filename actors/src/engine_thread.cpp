#include "engine_thread.hpp"

#include <condition_variable>
#include <mutex>

namespace godwit {

/// Where the thread finds its work; it and the caller own it together.
class engine_thread::desk {
public:
  explicit desk(std::shared_ptr<trainer> engine) : engine_(std::move(engine)) {}

  /// The life of the thread.
  void serve() {
    std::unique_lock lock(mutex_);
    for (;;) {
      changed_.wait(lock, [this] { return next_ || is_over_; });
      if (!next_)
        return;
      auto work = std::exchange(next_, nullptr);
      lock.unlock();
      work(*engine_);
      work = nullptr;
      lock.lock();
      is_busy_ = false;
      changed_.notify_all();
    }
  }

  bool put(std::function<void(trainer&)> work) {
    std::scoped_lock lock(mutex_);
    if (is_busy_)
      return false;
    next_ = std::move(work);
    is_busy_ = true;
    changed_.notify_all();
    return true;
  }
  /// Waits for the work's end, without a bound until it is asked to stop. False: it goes on.
  bool wait(const std::stop_token& stop, std::chrono::nanoseconds patience) {
    std::unique_lock lock(mutex_);
    const auto is_done = [this] { return !is_busy_; };
    return changed_.wait(lock, stop, is_done) || changed_.wait_for(lock, patience, is_done);
  }
  /// No more work. Whether the last one still goes on.
  bool close() {
    std::scoped_lock lock(mutex_);
    is_over_ = true;
    changed_.notify_all();
    return is_busy_;
  }

private:
  std::shared_ptr<trainer> engine_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::function<void(trainer&)> next_;
  bool is_busy_ = false;
  bool is_over_ = false;
};

engine_thread::engine_thread(std::shared_ptr<trainer> engine, std::chrono::nanoseconds patience)
    : desk_(std::make_shared<desk>(std::move(engine))), patience_(patience),
      thread_([shared = desk_] { shared->serve(); }) {}

engine_thread::~engine_thread() {
  if (desk_->close())
    thread_.detach();
  else
    thread_.join();
}

attempt<done> engine_thread::hand_over(std::function<void(trainer&)> work,
                                       const std::stop_token& stop) {
  if (stop.stop_requested())
    return failure{.code = failure_code::cancelled, .detail = "not wanted any more"};
  if (!desk_->put(std::move(work)))
    return failure{.code = failure_code::training,
                   .retry = true,
                   .detail = "the trainer still goes on with an earlier task, although it was "
                             "asked to stop; a trainer has to look at its stop token now and then"};
  if (!desk_->wait(stop, patience_))
    return failure{.code = failure_code::training,
                   .detail = "the trainer did not end when it was asked to stop"};
  return done{};
}

} // namespace godwit
