#include "simulation/trainings.hpp"

#include <algorithm>
#include <exception>
#include <utility>

#include <godwit/actors/machines/update_budget.hpp>
#include <godwit/aggregation/parameters.hpp>
#include <godwit/messages/check.hpp>
#include <godwit/privacy/digest.hpp>

namespace godwit::simulated {

namespace {

/// What is random of a training with noise. Each plan has a seed of its own, and in a simulation
/// nobody is to be hidden from.
sha256_digest noise_key_of(const training_plan& plan) {
  return sha256(std::as_bytes(std::span(&plan.seed, 1)));
}

} // namespace

struct trainings::job {
  training_plan plan;
  std::shared_ptr<const examples> from;
  parameters_ptr received;
  std::stop_token stop;
  trained_result result{failure{}, {}};
  worker_pool::handle task; ///< null: not begun

  void hide(const sha256_digest& key) {
    const auto own = sha256(key); // another one than the training's
    if (auto hidden = hide_update(result.delta, plan.local, own); !hidden)
      result.outcome = hidden.why();
    else
      result.outcome = training_outcome{.example_count = 1, .step_count = 0, .loss = 0};
  }
  void run(model& workspace) noexcept {
    try {
      result.delta.assign(received->begin(), received->end());
      const auto key = noise_key_of(plan);
      result.outcome = workspace.train(result.delta, *from, plan, {.noise_key = key}, stop);
      subtract(result.delta, *received, result.delta);
      if (result.outcome && plan.local.is_wanted())
        hide(key);
    } catch (const std::exception& e) {
      result.outcome = failure{.code = failure_code::training, .detail = e.what()};
    }
  }
};

trainings::trainings(worker_pool& pool, std::size_t client_count, std::size_t window)
    : pool_(pool), window_(window), jobs_(client_count) {}

trainings::~trainings() {
  begin_round(nullptr, 0);
}

void trainings::begin_round(parameters_ptr model, std::size_t likely_count) {
  stop_.request_stop();
  stop_ = {};
  for (auto& each : jobs_)
    if (each && each->task)
      pool_.drop(each->task);
  std::ranges::fill(jobs_, nullptr);
  order_.clear();
  open_count_ = 0;
  model_ = std::move(model);
  likely_count_ = likely_count;
}

bool trainings::is_later(const turn& one, const turn& other) noexcept {
  return one.when != other.when ? one.when > other.when : one.client > other.client;
}

void trainings::expect(std::uint32_t client, instant when, std::shared_ptr<const examples> from,
                       const training_plan& plan) {
  jobs_[client] = std::make_shared<job>();
  jobs_[client]->plan = plan;
  jobs_[client]->from = std::move(from);
  order_.push_back({when, client});
  std::push_heap(order_.begin(), order_.end(), is_later);
}

void trainings::start(const job_ptr& next) {
  next->received = model_;
  next->stop = stop_.get_token();
  if (!buffers_.empty()) {
    next->result.delta = std::move(buffers_.back());
    buffers_.pop_back();
  }
  ++open_count_;
  next->task = pool_.submit([next](model& workspace) { next->run(workspace); });
}

void trainings::start_some() {
  if (pool_.thread_count() == 1)
    return;
  while (open_count_ < window_ && likely_count_ > 0 && !order_.empty()) {
    std::pop_heap(order_.begin(), order_.end(), is_later);
    const auto& next = jobs_[order_.back().client];
    order_.pop_back();
    if (!next || next->task)
      continue;
    start(next);
    --likely_count_;
  }
}

trained_result trainings::take(std::uint32_t client) {
  const auto wanted = std::exchange(jobs_[client], nullptr);
  GODWIT_CHECK(wanted != nullptr, "an update was taken that nobody expected");
  if (!wanted->task) {
    start(wanted);
    likely_count_ -= std::min<std::size_t>(likely_count_, 1);
  }
  start_some();
  pool_.complete(wanted->task);
  --open_count_;
  return std::move(wanted->result);
}

void trainings::recycle(std::vector<float> buffer) {
  if (buffers_.size() < window_)
    buffers_.push_back(std::move(buffer));
}

void trainings::forget(std::uint32_t client) {
  const auto unwanted = std::exchange(jobs_[client], nullptr);
  if (!unwanted || !unwanted->task)
    return;
  pool_.drop(unwanted->task);
  --open_count_;
}

} // namespace godwit::simulated
