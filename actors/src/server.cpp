#include <godwit/actors/server.hpp>

#include <utility>

#include <caf/send.hpp>

#include <godwit/actors/aggregator.hpp>
#include <godwit/actors/evaluator.hpp>
#include <godwit/actors/gateway.hpp>
#include <godwit/actors/keeper.hpp>
#include <godwit/actors/round_scheduler.hpp>
#include <godwit/actors/secure_aggregator.hpp>
#include <godwit/actors/shared_aggregator.hpp>

namespace godwit {
namespace {

/// All but whom it tells of a disk that takes nothing.
keeper_setup keeper_of(const server_setup& with, bool begins_anew) {
  return {.journal = with.journal,
          .checkpoints = with.checkpoints,
          .releases = with.releases,
          .log = with.coordinator.log,
          .first =
              begins_anew ? std::optional(beginning_behind(with.coordinator.state)) : std::nullopt,
          .on_trouble = {},
          .is_detached = with.is_detached};
}

/// Goes on with the sum of the open round.
aggregator_actor aggregator_of(caf::actor_system& system, const server_setup& with,
                               resumed_server& before, server_roles& made,
                               const std::shared_ptr<event_log>& log) {
  if (auto* noisy = std::get_if<private_sum>(&before.sum))
    return spawn_private_aggregator(system, {.sum = std::move(*noisy),
                                             .round = before.open,
                                             .keys = *with.ledger,
                                             .keeper = made.keeper,
                                             .log = log});
  if (auto* shared = std::get_if<shared_bodies>(&before.sum)) {
    made.sum_leader = spawn_shared_aggregator(system, {.bodies = std::move(*shared),
                                                       .round = before.open,
                                                       .terms = std::move(before.open_terms),
                                                       .draw = with.draw,
                                                       .log = log});
    return made.sum_leader;
  }
  if (auto* plain = std::get_if<fixed_point_sum>(&before.sum))
    return spawn_aggregator(system, std::move(*plain), before.open);
  secure_aggregator_setup secure{.sum = std::move(std::get<secure_sum::body_sum>(before.sum)),
                                 .round = before.open,
                                 .log = log};
  if (with.noised)
    secure.noised.emplace(noised_releases{.rules = *with.noised,
                                          .cohort = with.round.cohort,
                                          .keys = *with.ledger,
                                          .keeper = made.keeper});
  return spawn_secure_aggregator(system, std::move(secure));
}

} // namespace

attempt<std::shared_ptr<const server_roles>> spawn_server(caf::actor_system& system,
                                                          server_setup with) {
  auto before = resume(with.coordinator.state, with.round, with.found, *with.journal, with.privacy);
  if (!before)
    return before.why();
  with.coordinator.state.members = std::move(before->members);
  with.coordinator.resumes_round = before->open.value != 0;
  with.coordinator.is_detached = with.is_detached;
  auto made = std::make_shared<server_roles>();
  made->selector = spawn_client_selector(system, with.selector);
  made->scheduler = spawn_round_scheduler(system, {.machine = std::move(before->machine),
                                                   .began_at = before->at,
                                                   .client = with.client,
                                                   .seed = with.seed,
                                                   .weighs_by_examples = with.weighs_by_examples,
                                                   .server_name = with.coordinator.server_name,
                                                   .draw = with.draw,
                                                   .check = with.check_evidence,
                                                   .log = with.coordinator.log});
  if (with.evaluator)
    made->evaluator = spawn_evaluator(system, std::move(with.evaluator), with.is_detached);
  made->gateway = spawn_gateway(
      system, {.links = with.links,
               .tokens = with.coordinator.tokens,
               .log = with.coordinator.log,
               .trustees = {with.coordinator.trustees.begin(), with.coordinator.trustees.end()}});
  auto keeping = keeper_of(with, before->begins_anew);
  const auto log = with.coordinator.log;
  made->coordinator = spawn_coordinator(system, std::move(with.coordinator)); // a whole model
  keeping.on_trouble = [coordinator = made->coordinator](const std::optional<failure>& why) {
    caf::anon_send(coordinator, store_trouble{why ? why->detail : std::string()});
  };
  made->keeper = spawn_keeper(system, std::move(keeping));
  made->aggregator = aggregator_of(system, with, *before, *made, log);
  const std::shared_ptr<const server_roles> known = made;
  caf::anon_send(known->gateway, known);
  if (known->evaluator)
    caf::anon_send(known->evaluator, known);
  if (known->sum_leader)
    caf::anon_send(known->sum_leader, known);
  caf::anon_send(known->coordinator, known);
  caf::anon_send(known->scheduler, known); // last: it may have a round to go on with
  return known;
}

} // namespace godwit
