// How do the actors of a whole flock run in one thread, under virtual time, in an order that the
// seed decides?
#pragma once

#include <deque>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <caf/actor.hpp>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scheduler/test_coordinator.hpp>

#include <godwit/messages/interfaces.hpp>

#include "chance.hpp"
#include "timeline.hpp"

namespace godwit::faults {

class clockwork final : public timeline {
public:
  explicit clockwork(std::uint64_t seed);
  clockwork(const clockwork&) = delete;
  clockwork& operator=(const clockwork&) = delete;

  caf::actor_system& system() noexcept { return system_; }
  instant now() const override;
  void at(instant when, std::function<void()> what) override;
  void soon(std::function<void()> what) override { soon_.push_back(std::move(what)); }

  /// Runs until `is_over`, or until that moment.
  void run(const std::function<bool()>& is_over, instant end);
  /// So many messages were handled.
  std::uint64_t delivered() const noexcept { return delivered_; }
  /// Messages have gone round in circles without any time passing.
  bool is_stuck() const noexcept { return is_stuck_; }

  /// Their messages wait: the process is suspended.
  void freeze(const std::vector<caf::actor>& actors);
  void thaw(const std::vector<caf::actor>& actors);
  /// Ends them, before anything else happens.
  void end(const std::vector<caf::actor>& actors);
  /// For a canary: no deadline's alarm is ever delivered.
  void withhold_deadlines();

private:
  using scheduler = caf::scheduler::test_coordinator;

  struct settings : caf::actor_system_config {
    settings();
  };

  bool deliver_one();
  void deliver_all();
  void fire_timer();

  settings settings_;
  caf::actor_system system_;
  scheduler& scheduler_;
  chance order_;
  std::multimap<instant, std::function<void()>> events_;
  std::deque<std::function<void()>> soon_;
  std::set<caf::resumable*> frozen_;
  caf::actor sink_; ///< for what is withheld
  std::uint64_t delivered_ = 0;
  bool is_stuck_ = false;
};

} // namespace godwit::faults
