#include "simulation/worker_pool.hpp"

#include <utility>

#include <godwit/messages/check.hpp>

namespace godwit::simulated {

class worker_pool::task {
public:
  enum class stage { waiting, running, done, dropped };
  explicit task(work what) : what_(std::move(what)) {}
  work what_;
  stage at_ = stage::waiting;
};

worker_pool::worker_pool(std::vector<std::unique_ptr<model>> workspaces)
    : workspaces_(std::move(workspaces)) {
  GODWIT_CHECK(!workspaces_.empty(), "a pool without a workspace cannot work");
  for (std::size_t i = 1; i < workspaces_.size(); ++i)
    threads_.emplace_back([this, i] { serve(*workspaces_[i]); });
}

worker_pool::~worker_pool() {
  {
    std::scoped_lock lock(mutex_);
    is_over_ = true;
  }
  submitted_.notify_all();
  for (auto& thread : threads_)
    thread.join();
}

worker_pool::handle worker_pool::submit(work what) {
  auto made = std::make_shared<task>(std::move(what));
  std::unique_lock lock(mutex_);
  while (!queue_.empty() && queue_.front()->at_ != task::stage::waiting)
    queue_.pop_front(); // the owner did it, or nobody wants it any more
  queue_.push_back(made);
  const bool wakes = sleeping_count_ > 0;
  lock.unlock();
  if (wakes)
    submitted_.notify_one();
  return made;
}

void worker_pool::complete(const handle& wanted) {
  std::unique_lock lock(mutex_);
  GODWIT_CHECK(wanted->at_ != task::stage::dropped, "a dropped task was waited for");
  while (wanted->at_ != task::stage::done) {
    const auto next = wanted->at_ == task::stage::waiting ? wanted : take_waiting();
    if (next) {
      run(lock, next, *workspaces_.front());
    } else {
      owner_sleeps_ = true;
      done_.wait(lock);
      owner_sleeps_ = false;
    }
  }
}

void worker_pool::drop(const handle& unwanted) {
  std::scoped_lock lock(mutex_);
  if (unwanted->at_ != task::stage::waiting)
    return;
  unwanted->at_ = task::stage::dropped;
  unwanted->what_ = nullptr;
}

worker_pool::handle worker_pool::take_waiting() {
  while (!queue_.empty()) {
    auto next = std::move(queue_.front());
    queue_.pop_front();
    if (next->at_ == task::stage::waiting)
      return next;
  }
  return nullptr;
}

void worker_pool::run(std::unique_lock<std::mutex>& lock, const handle& next, model& workspace) {
  next->at_ = task::stage::running;
  lock.unlock();
  next->what_(workspace);
  next->what_ = nullptr;
  lock.lock();
  next->at_ = task::stage::done;
  if (owner_sleeps_)
    done_.notify_one();
}

void worker_pool::serve(model& workspace) {
  std::unique_lock lock(mutex_);
  while (!is_over_) {
    if (const auto next = take_waiting()) {
      run(lock, next, workspace);
      continue;
    }
    ++sleeping_count_;
    submitted_.wait(lock);
    --sleeping_count_;
  }
}

} // namespace godwit::simulated
