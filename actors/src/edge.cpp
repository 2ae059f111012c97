#include <godwit/actors/edge.hpp>

#include <algorithm>
#include <utility>

#include <caf/send.hpp>

#include <godwit/actors/keeper.hpp>
#include <godwit/actors/masker.hpp>
#include <godwit/actors/model_shelf.hpp>
#include <godwit/actors/power_monitor.hpp>
#include <godwit/actors/sharer.hpp>
#include <godwit/actors/uplink.hpp>

namespace godwit {
namespace {

constexpr std::uint64_t letters_bytes_min = 64 * 1024; ///< beside the largest update
constexpr std::uint64_t letters_bytes_max = std::uint64_t{1} << 30;

std::uint64_t update_bytes(const edge_setup& setup) {
  return setup.greeting.parameter_count * sizeof(float);
}

/// What is in the journal, as far as this edge can go on with it.
attempt<outbox::past> recall(const edge_setup& setup) {
  auto found =
      outbox::recall(setup.found, [&](std::uint64_t place) { return setup.journal->body(place); });
  if (!found)
    return found;
  const auto& own = setup.greeting.client;
  if (found->mailbox != 0 && found->client != own)
    return failure{.code = failure_code::bad_config,
                   .detail = "the journal is that of the edge " + found->client.name +
                             ", and this is " + own.name + "; give each edge a folder of its own"};
  if (setup.mail.bytes_max < update_bytes(setup) + letters_bytes_min)
    return failure{.code = failure_code::bad_config,
                   .detail = "mailbox.bytes is " + std::to_string(setup.mail.bytes_max) +
                             ", and an update of this model alone has " +
                             std::to_string(update_bytes(setup)) + " bytes; allow at least " +
                             std::to_string(update_bytes(setup) + letters_bytes_min)};
  if (!found->update_lost.empty())
    setup.log->warn("update.lost", {{"detail", found->update_lost}});
  if (found->task && found->task->task.model.byte_count != update_bytes(setup)) {
    setup.log->warn("task.dropped", {{"round", found->task->task.round},
                                     {"why", "it is of another model than this edge trains"}});
    found->task.reset();
    found->update.reset();
  }
  return found;
}

std::optional<training::restored> work_in(const outbox::past& found) {
  if (!found.task)
    return {};
  const auto& [task, taken_at] = *found.task;
  const auto ends = taken_at + training::lease_of(task);
  return training::restored{task, found.update, std::max(ends - found.last, duration{})};
}

uplink_setup uplink_of(edge_setup& setup, outbox::past found, duration time_offset) {
  uplink_setup made;
  made.greeting = std::move(setup.greeting);
  made.links = std::move(setup.links);
  made.log = setup.log;
  made.mail.age_max = setup.mail.age_max;
  made.past = std::move(found);
  made.seed = setup.seed;
  made.time_offset = time_offset;
  made.wants_secure_sums = setup.wants_secure_sums;
  if (setup.sync.mode == sync_mode::scheduled)
    made.windows = sync_windows{std::move(setup.dials), setup.sync.every, setup.sync.lasts};
  return made;
}

masker_actor sharer_of(caf::actor_system& system, const edge_setup& setup,
                       const outbox::past& found) {
  return spawn_sharer(system, {.self = setup.greeting.client,
                               .parameter_count = setup.greeting.parameter_count,
                               .log = setup.log,
                               .draw = setup.draw,
                               .check = setup.check_trustees,
                               .past = found.secure});
}

} // namespace

attempt<std::shared_ptr<const edge_roles>> spawn_edge(caf::actor_system& system, edge_setup setup) {
  auto found = recall(setup);
  if (!found)
    return found.why();
  const auto log = setup.log;
  const bool disk_is_detached = setup.is_detached && setup.disk_has_thread;
  const auto letters_bytes = setup.mail.bytes_max - update_bytes(setup);
  auto roles = std::make_shared<edge_roles>();
  auto [trainer, worker] =
      spawn_edge_trainer(system, std::move(setup.engine),
                         {.log = log,
                          .rules = {.stops_offline = setup.sync.mode == sync_mode::online,
                                    .examples = setup.examples,
                                    .updates = setup.updates},
                          .told = found->told,
                          .restored = work_in(*found),
                          .masked = found->secure ? found->secure->round : round_id{},
                          .patience = setup.patience,
                          .is_detached = setup.is_detached});
  roles->trainer = trainer;
  roles->worker = setup.worker ? setup.worker : worker;
  roles->masker = spawn_masker(system, {.self = setup.greeting.client,
                                        .parameter_count = setup.greeting.parameter_count,
                                        .log = log,
                                        .draw = setup.draw,
                                        .weakest = setup.weakest_sum,
                                        .attest = std::move(setup.attest),
                                        .check = std::move(setup.check_evidence),
                                        .past = found->secure});
  roles->sharer = sharer_of(system, setup, *found);
  // By its own clock an edge is as old as its journal.
  const auto time_offset = found->last - system.clock().now().time_since_epoch();
  auto with = uplink_of(setup, std::move(*found), time_offset);
  with.mail.bytes_max = static_cast<std::uint32_t>(std::min(letters_bytes, letters_bytes_max));
  roles->uplink = spawn_uplink(system, std::move(with));
  roles->keeper = spawn_keeper(
      system, {.journal = std::move(setup.journal),
               .checkpoints = nullptr,
               .log = log,
               .on_trouble =
                   [uplink = roles->uplink](const std::optional<failure>& why) {
                     caf::anon_send(uplink, store_trouble{why ? why->detail : std::string{}});
                   },
               .is_detached = disk_is_detached});
  if (setup.models)
    roles->shelf = spawn_model_shelf(
        system, {.store = std::move(setup.models), .log = log, .is_detached = disk_is_detached});
  roles->power = spawn_power_monitor(system, {.rules = setup.rules,
                                              .every = setup.power_every,
                                              .source = std::move(setup.power),
                                              .log = log});
  const std::shared_ptr<const edge_roles> known = roles;
  caf::anon_send(roles->masker, known);
  caf::anon_send(roles->sharer, known);
  caf::anon_send(roles->uplink, known);
  caf::anon_send(roles->worker, known);
  caf::anon_send(roles->trainer, known);
  caf::anon_send(roles->power, known);
  return known;
}

} // namespace godwit
