#include "clockwork.hpp"

#include <algorithm>

#include <caf/atom.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>

namespace godwit::faults {
namespace {

/// More messages without a moment between them than any flock of these tests has to say.
constexpr std::uint64_t messages_at_once_max = 1'000'000;

caf::resumable* job_of(const caf::actor& which) {
  return dynamic_cast<caf::resumable*>(caf::actor_cast<caf::abstract_actor*>(which));
}

} // namespace

clockwork::settings::settings() {
  add_message_types<caf::id_block::godwit>();
  set("scheduler.policy", caf::atom("testing"));
  set("logger.verbosity", caf::atom("quiet"));
}

clockwork::clockwork(std::uint64_t seed)
    : system_(settings_), scheduler_(dynamic_cast<scheduler&>(system_.scheduler())),
      order_(seed, "order") {
  scheduler_.clock().current_time += std::chrono::hours(1);
}

instant clockwork::now() const {
  return scheduler_.clock().now().time_since_epoch();
}

void clockwork::at(instant when, std::function<void()> what) {
  events_.emplace(std::max(when, now()), std::move(what));
}

/// One message of one actor. Which actor's turn it is, is open: in a process it depends on threads.
bool clockwork::deliver_one() {
  auto& jobs = scheduler_.jobs;
  const auto may_run = [this](caf::resumable* job) { return !frozen_.contains(job); };
  auto next = jobs.end();
  if (!jobs.empty()) {
    const auto from =
        jobs.begin() + static_cast<std::ptrdiff_t>(order_.is(0.5) ? 0 : order_.below(jobs.size()));
    next = std::find_if(from, jobs.end(), may_run);
    if (next == jobs.end())
      next = std::find_if(jobs.begin(), from, may_run);
    if (next == from && !may_run(*next))
      next = jobs.end();
  }
  if (next == jobs.end())
    return false;
  auto* job = *next;
  jobs.erase(next);
  jobs.push_front(job);
  scheduler_.run_once();
  ++delivered_;
  return true;
}

void clockwork::deliver_all() {
  const auto first = delivered_;
  for (bool is_more = true; is_more && !is_stuck_;) {
    while (!soon_.empty()) {
      const auto what = std::move(soon_.front());
      soon_.pop_front();
      what();
    }
    is_more = deliver_one() || !soon_.empty();
    is_stuck_ = delivered_ - first > messages_at_once_max;
  }
}

void clockwork::fire_timer() {
  auto& clock = scheduler_.clock();
  auto& first = *clock.schedule().begin()->second;
  using timers = caf::detail::simple_actor_clock;
  if (sink_ && first.subtype == timers::actor_msg_type) {
    auto& message = static_cast<timers::actor_msg&>(first);
    if (message.content->content().match_elements<round_alarm>())
      message.receiver = caf::actor_cast<caf::strong_actor_ptr>(sink_);
  }
  clock.trigger_timeout();
}

void clockwork::run(const std::function<bool()>& is_over, instant end) {
  auto& clock = scheduler_.clock();
  deliver_all();
  while (!is_over() && !is_stuck_) {
    const bool has_timer = clock.has_pending_timeout();
    const auto timer =
        has_timer ? instant(clock.schedule().begin()->first.time_since_epoch()) : instant::max();
    const auto event = events_.empty() ? instant::max() : events_.begin()->first;
    if (std::min(timer, event) > end) {
      clock.current_time = std::max(clock.current_time, caf::actor_clock::time_point(end));
      return;
    }
    if (event <= timer) {
      clock.current_time = std::max(clock.current_time, caf::actor_clock::time_point(event));
      auto what = std::move(events_.begin()->second);
      events_.erase(events_.begin());
      what();
    } else {
      fire_timer();
    }
    deliver_all();
  }
}

void clockwork::freeze(const std::vector<caf::actor>& actors) {
  for (const auto& each : actors)
    frozen_.insert(job_of(each));
}

void clockwork::thaw(const std::vector<caf::actor>& actors) {
  for (const auto& each : actors)
    frozen_.erase(job_of(each));
}

void clockwork::end(const std::vector<caf::actor>& actors) {
  thaw(actors);
  std::set<caf::resumable*> ending;
  for (const auto& each : actors) {
    caf::anon_send_exit(each, caf::exit_reason::kill);
    ending.insert(job_of(each));
  }
  delivered_ +=
      scheduler_.run_jobs_filtered([&](caf::resumable* job) { return ending.contains(job); });
}

void clockwork::withhold_deadlines() {
  sink_ = system_.spawn(
      [](caf::event_based_actor*) -> caf::behavior { return {[](const round_alarm&) {}}; });
}

} // namespace godwit::faults
