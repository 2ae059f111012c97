#include "server_ground.hpp"

#include <string>
#include <utility>
#include <vector>

#include "data/load.hpp"
#include "data/partition.hpp"
#include "first_model.hpp"
#include "held_out.hpp"
#include "own_certificate.hpp"
#include "server_plan.hpp"
#include "state_folder.hpp"
#include "token_service.hpp"

namespace godwit {
namespace {

/// The held-out set and the network that goes with the job.
struct learning {
  std::unique_ptr<model> network;               ///< null where the model is custom
  std::shared_ptr<central_evaluator> evaluator; ///< null without test data
};

attempt<learning> prepare(const server_config& config) {
  if (config.job.model == "custom")
    return learning{};
  std::vector<std::uint32_t> shape{28, 28};
  std::uint32_t class_count = 10;
  std::shared_ptr<const dataset> test;
  if (config.test_data.source != "none") {
    auto loaded = load_dataset(config.test_data, split::test);
    if (!loaded)
      return loaded.why();
    test = *loaded;
    shape = test->shape;
    class_count = test->class_count;
  }
  auto network = make_model(config.job.model, shape, class_count);
  if (!network)
    return network.why();
  learning made{std::move(*network), nullptr};
  if (test) {
    auto judge = make_model(config.job.model, shape, class_count);
    if (!judge)
      return judge.why();
    made.evaluator = std::make_shared<held_out_evaluator>(std::move(*judge), all_examples(test));
  }
  return made;
}

/// The checkpoint to go on from, or a fresh one.
attempt<checkpoint> begin(const server_config& config, const model* network,
                          const state_folder& store) {
  auto kept = store.load();
  if (!kept)
    return kept.why();
  if (*kept) {
    auto& state = **kept;
    if (state.job != config.job.name || state.model != config.job.model ||
        state.seed != config.seed || (network && state.layout != network->layout()))
      return failure{.code = failure_code::bad_config,
                     .detail = "the state folder holds the job \"" + state.job + "\" (model " +
                               state.model + ", seed " + std::to_string(state.seed) +
                               "), and the configuration says \"" + config.job.name + "\" (model " +
                               config.job.model + ", seed " + std::to_string(config.seed) +
                               "); name another state folder for another job"};
    return std::move(state);
  }
  checkpoint fresh;
  fresh.job = config.job.name;
  fresh.model = config.job.model;
  fresh.seed = config.seed;
  auto first = first_model(config.job, network, config.seed);
  if (!first)
    return first.why();
  fresh.layout = std::move(first->layout);
  fresh.parameters = std::move(first->parameters);
  return fresh;
}

} // namespace

attempt<groundwork> lay_ground(const server_config& config) {
  const auto where = config::parse_address(config.listen);
  if (!where)
    return failure{.code = failure_code::bad_config,
                   .detail = "listen: \"" + config.listen + "\" is no address"};
  auto how = selection::rule_of(config.job.selection);
  if (!how)
    return how.why();
  auto step = make_strategy(config.job.strategy);
  if (!step)
    return step.why();
  auto server_name = own_name(config.tls, role::server);
  if (!server_name)
    return server_name.why();
  auto ready = prepare(config);
  if (!ready)
    return ready.why();
  auto store = state_folder::open(config.state);
  if (!store)
    return store.why();
  auto state = begin(config, ready->network.get(), **store);
  if (!state)
    return state.why();
  auto tokens = open_token_service(config.state, *server_name, config.token_lifetime);
  if (!tokens)
    return tokens.why();
  const auto count = parameter_count(state->layout);
  return groundwork{.where = *where,
                    .how = *how,
                    .evaluator = std::move(ready->evaluator),
                    .coordinator = {.server_name = *server_name,
                                    .job = job_plan_of(config.job, config.wait_for_edges),
                                    .membership = {config.job.model, count},
                                    .state = std::move(*state),
                                    .cohort = config.job.round.cohort,
                                    .evaluate_every = config.job.evaluate_every,
                                    .federated_evaluate_every = config.job.federated_evaluate_every,
                                    .step = std::move(*step),
                                    .store = *store,
                                    .tokens = *tokens,
                                    .observer = nullptr,
                                    .log = nullptr}};
}

} // namespace godwit
