// How do tests run actors one message at a time, under a clock that only they move?
#pragma once

#include <chrono>
#include <cstddef>
#include <limits>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/atom.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <caf/send.hpp>

#include <godwit/messages/interfaces.hpp>

namespace godwit {

/// An actor system on CAF's deterministic scheduler. Everything runs in the test's own thread.
class deterministic {
public:
  deterministic()
      : system_(settings_), scheduler_(dynamic_cast<scheduler_type&>(system_.scheduler())) {
    scheduler_.clock().current_time += std::chrono::hours(1);
  }
  deterministic(const deterministic&) = delete;
  deterministic& operator=(const deterministic&) = delete;

  caf::actor_system& system() noexcept { return system_; }

  /// Delivers messages until there is none, or so many; no timer fires.
  void deliver(std::size_t count_max = std::numeric_limits<std::size_t>::max()) {
    for (std::size_t i = 0; i < count_max && scheduler_.try_run_once(); ++i) {
    }
  }

  /// Lets time pass: each timer fires at its moment, and what follows from it is done before the
  /// next one.
  void pass(std::chrono::nanoseconds span) {
    auto& clock = scheduler_.clock();
    const auto end = clock.now() + span;
    deliver();
    while (clock.has_pending_timeout() && clock.schedule().begin()->first <= end) {
      clock.trigger_timeout();
      deliver();
    }
    clock.current_time = end;
  }

  /// Says a message to an actor, and lets everything follow from it.
  template <class Actor, class Message>
  void tell(const Actor& to, Message message) {
    caf::anon_send(to, std::move(message));
    deliver();
  }

  /// Ends an actor; its state is dropped.
  template <class Actor>
  void end(const Actor& which) {
    if (which)
      caf::anon_send_exit(which, caf::exit_reason::user_shutdown);
    deliver();
  }

private:
  using scheduler_type = caf::scheduler::test_coordinator;

  struct settings : caf::actor_system_config {
    settings() {
      add_message_types<caf::id_block::godwit>();
      set("scheduler.policy", caf::atom("testing"));
      set("logger.verbosity", caf::atom("quiet"));
    }
  };

  settings settings_;
  caf::actor_system system_;
  scheduler_type& scheduler_;
};

} // namespace godwit
