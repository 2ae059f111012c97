// A whole federation in one process: the data is dealt, the flock and its server are put together,
// the job is run.
#include <godwit/runtime/simulation.hpp>

#include <algorithm>
#include <exception>
#include <thread>
#include <utility>

#include <godwit/runtime/version.hpp>

#include "config/effective.hpp"
#include "data/load.hpp"
#include "data/partition.hpp"
#include "edge_limits.hpp"
#include "edge_name.hpp"
#include "first_model.hpp"
#include "recording/run_recorder.hpp"
#include "report/run_folder.hpp"
#include "server_plan.hpp"
#include "simulation/central_evaluation.hpp"
#include "simulation/devices.hpp"
#include "simulation/flock.hpp"
#include "simulation/server_side.hpp"
#include "simulation/side_by_side.hpp"
#include "simulation/worker_pool.hpp"

namespace godwit {
namespace {

using namespace simulated;

/// The data, dealt.
struct dealt_data {
  std::shared_ptr<const dataset> data; ///< of the members
  examples test;
  std::vector<simulated::member> members;
  std::vector<std::string> names;                       ///< [client]
  std::vector<std::vector<std::uint64_t>> label_counts; ///< [client][class]
};

attempt<dealt_data> deal(const simulation_config& config) {
  auto train = load_dataset(config.data, split::train);
  if (!train)
    return train.why();
  auto test = load_dataset(config.data, split::test);
  if (!test)
    return test.why();
  auto parts = partition(*train, config.partition, config.seed);
  if (!parts)
    return parts.why();
  const auto count = static_cast<std::uint32_t>(parts->size());
  if (const auto needed = effective_cohort_min(config.job.round); count < needed)
    return failure{.code = failure_code::bad_config,
                   .detail = "there are " + std::to_string(count) + " clients, and a round needs " +
                             std::to_string(needed) + " of them; lower job.round.cohort_min"};
  dealt_data made{
      .data = {}, .test = all_examples(*test), .members = {}, .names = {}, .label_counts = {}};
  *parts = side_by_side(*parts);
  made.data = parts->front().data;
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto& held = (*parts)[i];
    made.names.push_back(edge_name(i, count));
    made.label_counts.push_back(label_counts(held));
    auto own = split_held_out(held, config.evaluation_percent, held_out_seed(made.names.back()));
    made.members.push_back({.id = client_id{made.names.back()},
                            .train = std::make_shared<examples>(std::move(own.train)),
                            .held_out = std::make_shared<examples>(std::move(own.held_out))});
  }
  return made;
}

/// One workspace for each thread.
attempt<std::vector<std::unique_ptr<model>>> make_workspaces(const simulation_config& config,
                                                             const dataset& data) {
  const auto count =
      config.threads != 0 ? config.threads : std::max(1U, std::thread::hardware_concurrency());
  std::vector<std::unique_ptr<model>> made;
  for (std::uint32_t i = 0; i < count; ++i) {
    auto one = make_model(config.job.model, data.shape, data.class_count);
    if (!one)
      return one.why();
    made.push_back(std::move(*one));
  }
  return made;
}

attempt<std::unique_ptr<run_recorder>> open_recorder(const simulation_config& config,
                                                     const simulation_options& options,
                                                     const model_layout& layout,
                                                     const dealt_data& data, event_log& log) {
  auto folder = run_folder::open(config.out, false, &log);
  if (!folder)
    return folder.why();
  const auto yaml = config::to_yaml(config);
  if (auto written = folder->write_config(yaml); !written)
    return written.why();
  const bool is_private = config.job.privacy.mechanism != "none";
  run_facts facts{.title = config.job.name + ": " + config.job.model + ", " + config.job.strategy,
                  .command = options.command,
                  .version = version,
                  .seed = config.seed,
                  .parameter_count = parameter_count(layout),
                  .round_limit = config.job.rounds,
                  .client_count = static_cast<std::uint32_t>(data.names.size()),
                  .target_accuracy = config.job.target_accuracy,
                  .epsilon_limit = is_private ? config.job.privacy.epsilon : 0,
                  .delta = is_private ? config.job.privacy.delta : 0,
                  .config_yaml = yaml,
                  .label_counts = data.label_counts,
                  .client_names = data.names,
                  .started = {},
                  .has_virtual_time = true,
                  .presence = {}};
  return std::make_unique<run_recorder>(std::move(*folder), std::move(facts), layout, log);
}

attempt<simulation_outcome> simulate(const simulation_config& config,
                                     const simulation_options& options, event_log& log) {
  auto how = selection::rule_of(config.job.selection);
  if (!how)
    return how.why();
  auto step = make_strategy(config.job.strategy);
  if (!step)
    return step.why();
  auto data = deal(config);
  if (!data)
    return data.why();
  auto workspaces = make_workspaces(config, *data->data);
  if (!workspaces)
    return workspaces.why();
  worker_pool pool(std::move(*workspaces));
  const auto layout = pool.workspace().layout();
  auto first = first_model(config.job, &pool.workspace(), config.seed);
  if (!first)
    return first.why();
  auto& initial = first->parameters;
  if (auto possible = check_distributed(config.job, initial.size()); !possible)
    return possible.why();
  auto recorder = open_recorder(config, options, layout, *data, log);
  if (!recorder)
    return recorder.why();
  timeline time;
  const devices speeds(config.seed, initial.size(), config.drop_out,
                       profile_of(config.devices.profile), config.devices.model_scale);
  const auto window =
      round_plan_of(config.job, initial.size()).upload_count_max + 4 * pool.thread_count();
  training::plan rules{.examples = example_rules_of(config.example_limit),
                       .updates = update_rules_of(config.update_limit)};
  for (const auto& each : data->members) {
    rules.examples.example_count = each.train->size();
    if (auto sound = check(rules.examples); !sound)
      return failure{.code = sound.why().code, .detail = each.id.name + ": " + sound.why().detail};
  }
  flock clients(std::move(data->members), speeds, window, rules, pool, time, log);
  central_evaluation judge(pool, data->test);
  server_side server({.config = config,
                      .options = options,
                      .how = *how,
                      .step = std::move(*step),
                      .parameters = std::move(initial)},
                     time, clients, judge, **recorder, log);
  server.run();
  clients.say_told();
  (*recorder)->set_presence(server.presence());
  return simulation_outcome{.reason = server.reason(),
                            .folder = (*recorder)->folder().path(),
                            .model_sha256 = hex(server.current().sha256),
                            .last = server.last(),
                            .problems = (*recorder)->finish(server.parameters()),
                            .update_count = server.update_count(),
                            .wall_seconds = server.wall_seconds(),
                            .client_count = clients.size(),
                            .presence = server.presence()};
}

} // namespace

attempt<simulation_outcome> run_simulation(const simulation_config& config,
                                           const simulation_options& options) {
  silent_log silence;
  try {
    return simulate(config, options, options.log ? *options.log : silence);
  } catch (const std::exception& e) {
    return failure{.code = failure_code::io,
                   .detail = std::string("the simulation cannot go on: ") + e.what()};
  }
}

} // namespace godwit
