#include <godwit/actors/evaluator.hpp>

#include <exception>

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

namespace godwit {
namespace {

struct evaluator_state {
  std::shared_ptr<const server_roles> roles;
};
using self_ptr = evaluator_actor::stateful_pointer<evaluator_state>;

/// Whatever the port does, the coordinator gets an answer.
model_evaluated evaluate(central_evaluator& held_out, const evaluate_model& in) {
  try {
    if (auto result = held_out.evaluate(*in.parameters))
      return {in.round, *result, {}};
    else
      return {in.round, {}, result.why().detail};
  } catch (const std::exception& e) {
    return {in.round, {}, e.what()};
  }
}

evaluator_actor::behavior_type evaluator(self_ptr self,
                                         std::shared_ptr<central_evaluator> held_out) {
  return {
      [self, held_out](const evaluate_model& in) {
        self->send(self->state.roles->coordinator, evaluate(*held_out, in));
      },
      [self](const std::shared_ptr<const server_roles>& roles) { self->state.roles = roles; },
  };
}

} // namespace

evaluator_actor spawn_evaluator(caf::actor_system& system,
                                std::shared_ptr<central_evaluator> held_out, bool is_detached) {
  if (!is_detached)
    return system.spawn(evaluator, std::move(held_out));
  return system.spawn<caf::detached>(evaluator, std::move(held_out));
}

} // namespace godwit
