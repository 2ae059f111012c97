#include "server_ground.hpp"

#include <string>
#include <utility>
#include <vector>

#include <godwit/privacy/entropy.hpp>

#include "data/load.hpp"
#include "data/partition.hpp"
#include "first_model.hpp"
#include "held_out.hpp"
#include "own_certificate.hpp"
#include "privacy_accounts.hpp"
#include "server_plan.hpp"
#include "storage/checkpoint_file.hpp"
#include "storage/journal_file.hpp"
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

failure another_job(const checkpoint& state, const server_config& config) {
  return {.code = failure_code::bad_config,
          .detail = "the state folder holds the job \"" + state.job + "\" (model " + state.model +
                    ", seed " + std::to_string(state.seed) + "), and the configuration says \"" +
                    config.job.name + "\" (model " + config.job.model + ", seed " +
                    std::to_string(config.seed) + "); name another state folder for another job"};
}

attempt<checkpoint> fresh_checkpoint(const server_config& config, const model* network) {
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

/// Where a job goes on, or begins.
struct beginning {
  checkpoint state;
  bool goes_on = false;
};

/// A job of which nothing has happened yet begins as the configuration says now.
attempt<beginning> begin(const server_config& config, const model* network,
                         checkpoint_file& checkpoints, bool journal_is_empty) {
  auto kept = checkpoints.load();
  if (!kept)
    return kept.why();
  if (*kept && ((*kept)->round.value > 0 || !journal_is_empty)) {
    auto& state = **kept;
    if (state.job != config.job.name || state.model != config.job.model ||
        state.seed != config.seed || (network && state.layout != network->layout()))
      return another_job(state, config);
    if (state.mailbox == 0) // it was written before there were letters
      state.mailbox = random_number();
    return beginning{std::move(state), true};
  }
  auto fresh = fresh_checkpoint(config, network);
  if (!fresh)
    return fresh.why();
  fresh->mailbox = random_number();
  // Before the first round, so that its letters are this mailbox's also after a crash.
  if (auto saved = checkpoints.save(*fresh, fresh->parameters); !saved)
    return saved.why();
  return beginning{std::move(*fresh), false};
}

/// What the configuration and the state say of a server.
server_setup setup_of(const server_config& config, const std::string& server_name, checkpoint state,
                      selection::rule how) {
  const auto count = parameter_count(state.layout);
  const auto& rules = config.job.round;
  server_setup made;
  made.coordinator.job = job_plan_of(config.job, config.wait_for_edges);
  made.coordinator.membership = {config.job.model, count};
  made.coordinator.state = std::move(state);
  made.coordinator.cohort = rules.cohort;
  made.coordinator.evaluate_every = config.job.evaluate_every;
  made.coordinator.federated_evaluate_every = config.job.federated_evaluate_every;
  made.round = round_plan_of(config.job, count, server_name);
  made.selector = {.how = how,
                   .cohort = rules.cohort,
                   .over_selection = rules.over_selection,
                   .seed = config.seed};
  made.client = client_plan_of(config.job);
  made.seed = config.seed;
  made.weighs_by_examples = how != selection::rule::by_size;
  return made;
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
  auto folder = state_folder::open(config.state, "server");
  if (!folder)
    return folder.why();
  auto opened = journal_file::open((*folder)->files());
  if (!opened)
    return opened.why();
  auto checkpoints = std::make_shared<checkpoint_file>((*folder)->files());
  auto begun = begin(config, ready->network.get(), *checkpoints, opened->records.empty());
  if (!begun)
    return begun.why();
  auto tokens = open_token_service(config.state, *server_name, config.token_lifetime);
  if (!tokens)
    return tokens.why();
  const auto count = parameter_count(begun->state.layout);
  if (auto possible = check_distributed(config.job, count); !possible)
    return possible.why();
  auto accounts = open_accounts(config, begun->state, (*folder)->files());
  if (!accounts)
    return accounts.why();
  auto server = setup_of(config, *server_name, std::move(begun->state), *how);
  if (*accounts)
    keep_accounts(server, config.job, std::move(**accounts));
  server.coordinator.server_name = *server_name;
  if (config.job.shared_sum.scheme != "none")
    server.coordinator.trustees = trustee_names(config.job.shared_sum);
  server.coordinator.step = std::move(*step);
  server.coordinator.tokens = *tokens;
  server.checkpoints = std::move(checkpoints);
  server.journal = std::make_shared<journal_file>(std::move(opened->journal));
  server.found = std::move(opened->records);
  server.evaluator = std::move(ready->evaluator);
  if (config.job.secure_sum.profile == "malicious") {
    auto check = check_with(config.tls);
    if (!check)
      return check.why();
    server.check_evidence = std::move(*check);
  }
  return groundwork{.where = *where,
                    .server = std::move(server),
                    .folder = std::move(*folder),
                    .goes_on = begun->goes_on,
                    .torn_bytes = opened->torn_bytes};
}

} // namespace godwit
