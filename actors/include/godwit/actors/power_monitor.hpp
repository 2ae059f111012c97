// The actor that watches the device's power and tells the trainer whether it may work.
#pragma once

#include <memory>

#include <caf/actor_system.hpp>

#include <godwit/actors/log.hpp>
#include <godwit/actors/machines/power.hpp>
#include <godwit/actors/power_source.hpp>
#include <godwit/messages/interfaces.hpp>

namespace godwit {

struct power_monitor_setup {
  power::rules rules;
  duration every = std::chrono::seconds(5);
  std::shared_ptr<power_source> source;
  std::shared_ptr<event_log> log;
};

power_monitor_actor spawn_power_monitor(caf::actor_system&, power_monitor_setup);

} // namespace godwit
