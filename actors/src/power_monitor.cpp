#include <godwit/actors/power_monitor.hpp>

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

namespace godwit {
namespace {

struct monitor_state {
  power_monitor_setup setup;
  power::machine machine;
  std::shared_ptr<const edge_roles> roles;
  std::optional<std::string> told; ///< what the trainer knows: the mode and the reason
};
using self_ptr = power_monitor_actor::stateful_pointer<monitor_state>;

void look(self_ptr self) {
  auto& state = self->state;
  auto reading = state.setup.source->read();
  if (!reading)
    state.setup.log->warn("power.unreadable", {{"detail", reading.why().detail}});
  else
    state.machine.apply(*reading, self->clock().now().time_since_epoch());
  const std::string mode(power::name(state.machine.current()));
  const std::string reason(state.machine.ineligible_because().value_or(std::string_view{}));
  if (auto known = mode + '/' + reason; state.told != known) {
    state.told = known;
    self->send(state.roles->trainer, eligibility_changed{reason, mode});
  }
  self->delayed_send(self, state.setup.every, power_alarm{});
}

power_monitor_actor::behavior_type power_monitor(self_ptr self, power_monitor_setup setup) {
  self->state.machine = power::machine(setup.rules);
  self->state.setup = std::move(setup);
  return {
      [self](const std::shared_ptr<const edge_roles>& roles) {
        self->state.roles = roles;
        look(self);
      },
      [self](const power_alarm&) { look(self); },
  };
}

} // namespace

power_monitor_actor spawn_power_monitor(caf::actor_system& system, power_monitor_setup setup) {
  return system.spawn(power_monitor, std::move(setup));
}

} // namespace godwit
