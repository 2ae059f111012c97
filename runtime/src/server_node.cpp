// A server, put together: the one place that knows all of its parts.
#include <atomic>
#include <condition_variable>
#include <mutex>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scoped_actor.hpp>

#include <godwit/actors/aggregator.hpp>
#include <godwit/actors/client_selector.hpp>
#include <godwit/actors/coordinator.hpp>
#include <godwit/actors/evaluator.hpp>
#include <godwit/actors/gateway.hpp>
#include <godwit/actors/round_scheduler.hpp>
#include <godwit/runtime/node.hpp>
#include <godwit/runtime/version.hpp>

#include "config/address.hpp"
#include "config/effective.hpp"
#include "data/load.hpp"
#include "data/partition.hpp"
#include "first_model.hpp"
#include "held_out.hpp"
#include "link_adapters.hpp"
#include "own_certificate.hpp"
#include "recording/run_recorder.hpp"
#include "server_plan.hpp"
#include "state_folder.hpp"
#include "token_service.hpp"
#include "transport/listener.hpp"

namespace godwit {
namespace {

/// Passes the coordinator's news to the recorder, and to whoever waits for the end.
class node_observer final : public run_observer {
public:
  explicit node_observer(std::unique_ptr<run_recorder> recorder) : recorder_(std::move(recorder)) {}

  void round_over(const round_facts& facts) override { recorder_->add(facts); }
  void finished(const std::string& reason, std::span<const float> parameters) override {
    std::string outcome = reason;
    for (const auto& problem : recorder_->finish(parameters))
      outcome += "; " + problem;
    std::scoped_lock lock(mutex_);
    outcome_ = outcome;
    is_done_ = true;
    changed_.notify_all();
  }
  void failed(const failure&) override {}

  bool wait(std::chrono::milliseconds at_most) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, at_most, [this] { return is_done_; });
  }
  std::string outcome() {
    std::scoped_lock lock(mutex_);
    return outcome_;
  }
  run_recorder& recorder() noexcept { return *recorder_; }

private:
  std::unique_ptr<run_recorder> recorder_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::string outcome_;
  bool is_done_ = false;
};

struct actor_config : caf::actor_system_config {
  actor_config() {
    add_message_types<caf::id_block::godwit>();
    set("scheduler.policy", caf::atom("sharing")); // waiting threads sleep until there is work
    set("scheduler.max-threads", std::size_t{2});
    set("logger.verbosity", caf::atom("quiet"));
  }
};

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

struct server_node::parts {
  std::shared_ptr<event_log> log;
  std::shared_ptr<state_folder> store;
  std::shared_ptr<node_observer> observer;
  std::shared_ptr<link_adapter<transport::listener>> links;
  actor_config settings;
  std::unique_ptr<caf::actor_system> system;
  std::shared_ptr<const server_roles> roles;
  std::unique_ptr<transport::listener> listener;
  std::filesystem::path folder;

  ~parts() {
    links->attach(nullptr);
    listener.reset();
    if (roles) {
      for (auto& actor : {caf::actor_cast<caf::actor>(roles->coordinator),
                          caf::actor_cast<caf::actor>(roles->scheduler),
                          caf::actor_cast<caf::actor>(roles->selector),
                          caf::actor_cast<caf::actor>(roles->aggregator),
                          caf::actor_cast<caf::actor>(roles->evaluator),
                          caf::actor_cast<caf::actor>(roles->gateway)})
        if (actor)
          caf::anon_send_exit(actor, caf::exit_reason::kill);
      roles.reset();
    }
    system.reset();
  }
};

namespace {

/// The run folder, with the rounds that a resumed job has already, and none behind its checkpoint.
attempt<std::unique_ptr<run_recorder>> open_recorder(const server_config& config,
                                                     const server_options& options,
                                                     const checkpoint& state, event_log& log) {
  const bool resumes = state.round.value > 0;
  auto folder = run_folder::open(config.out, resumes, &log);
  if (!folder)
    return folder.why();
  std::vector<round_record> rounds;
  if (resumes) {
    if (auto cut = folder->truncate_after(state.round.value); !cut)
      return cut.why();
    auto kept = folder->rounds();
    if (!kept)
      return kept.why();
    rounds = std::move(*kept);
  }
  const auto yaml = config::to_yaml(config);
  if (auto written = folder->write_config(yaml); !written)
    return written.why();
  run_facts facts{.title = config.job.name + ": " + config.job.model + ", " + config.job.strategy,
                  .command = options.command,
                  .version = version,
                  .seed = config.seed,
                  .parameter_count = parameter_count(state.layout),
                  .round_limit = config.job.rounds,
                  .client_count = static_cast<std::uint32_t>(options.client_names.size()),
                  .target_accuracy = config.job.target_accuracy,
                  .config_yaml = yaml,
                  .label_counts = options.label_counts,
                  .client_names = options.client_names,
                  .started = {}};
  return std::make_unique<run_recorder>(std::move(*folder), std::move(facts), state.layout, log,
                                        std::move(rounds));
}

std::shared_ptr<const server_roles>
spawn_roles(caf::actor_system& system, const server_config& config, coordinator_setup coordinator,
            gateway_setup gateway, std::shared_ptr<central_evaluator> evaluator,
            selection::rule how) {
  auto roles = std::make_shared<server_roles>();
  const auto count = parameter_count(coordinator.state.layout);
  roles->selector =
      spawn_client_selector(system, {.how = how,
                                     .cohort = config.job.round.cohort,
                                     .over_selection = config.job.round.over_selection,
                                     .seed = config.seed});
  roles->aggregator = spawn_aggregator(system, count);
  roles->scheduler =
      spawn_round_scheduler(system, {.plan = round_plan_of(config.job, count),
                                     .last = coordinator.state.round,
                                     .client = config.job.client,
                                     .seed = config.seed,
                                     .weighs_by_examples = how != selection::rule::by_size,
                                     .log = coordinator.log});
  if (evaluator)
    roles->evaluator = spawn_evaluator(system, std::move(evaluator));
  roles->gateway = spawn_gateway(system, std::move(gateway));
  roles->coordinator = spawn_coordinator(system, std::move(coordinator));
  const std::shared_ptr<const server_roles> known = roles;
  caf::anon_send(roles->gateway, known);
  caf::anon_send(roles->scheduler, known);
  if (roles->evaluator)
    caf::anon_send(roles->evaluator, known);
  caf::anon_send(roles->coordinator, known);
  return known;
}

transport::listener_events events_for(gateway_actor gateway) {
  return {
      .opened =
          [gateway](transport::link_id link, const transport::peer& peer) {
            caf::anon_send(gateway, opened(link, peer));
          },
      .received =
          [gateway](transport::link_id link, transport::incoming&& frame) {
            caf::anon_send(gateway, framed(link, std::move(frame)));
          },
      .drained =
          [gateway](transport::link_id link) { caf::anon_send(gateway, link_drained{link}); },
      .closed =
          [gateway](transport::link_id link, std::string_view reason) {
            caf::anon_send(gateway, closed(link, reason));
          },
      .rejected =
          [gateway](std::string_view address, std::string_view reason) {
            caf::anon_send(gateway, link_rejected{std::string(address), std::string(reason)});
          },
  };
}

} // namespace

namespace {

/// Everything that can fail before there is an actor: the rules, the keys, the data, the disk.
struct groundwork {
  config::host_port where;
  selection::rule how;
  learning ready;
  std::shared_ptr<state_folder> store;
  coordinator_setup coordinator; ///< all but the observer and the log
};

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
  return groundwork{*where,
                    *how,
                    std::move(*ready),
                    *store,
                    {.server_name = *server_name,
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

} // namespace

attempt<std::unique_ptr<server_node>> server_node::start(const server_config& config,
                                                         server_options options) {
  auto made = std::make_unique<parts>();
  made->log = options.log ? options.log : std::make_shared<silent_log>();
  made->links = std::make_shared<link_adapter<transport::listener>>();
  auto ground = lay_ground(config);
  if (!ground)
    return ground.why();
  made->store = ground->store;
  auto recorder = open_recorder(config, options, ground->coordinator.state, *made->log);
  if (!recorder)
    return recorder.why();
  made->folder = (*recorder)->folder().path();
  made->observer = std::make_shared<node_observer>(std::move(*recorder));
  ground->coordinator.observer = made->observer;
  ground->coordinator.log = made->log;
  made->system = std::make_unique<caf::actor_system>(made->settings);
  gateway_setup gateway{made->links, ground->coordinator.tokens, made->log};
  made->roles = spawn_roles(*made->system, config, std::move(ground->coordinator),
                            std::move(gateway), ground->ready.evaluator, ground->how);
  auto listener = transport::listener::open({.host = ground->where.host,
                                             .port = ground->where.port,
                                             .certificate = config.tls.certificate,
                                             .key = config.tls.key,
                                             .authority = config.tls.authority,
                                             .identify = identify},
                                            events_for(made->roles->gateway));
  if (!listener)
    return listener.why();
  made->listener = std::move(*listener);
  made->links->attach(made->listener.get());
  made->log->info("server.listening",
                  {{"host", ground->where.host}, {"port", made->listener->port()}});
  return std::unique_ptr<server_node>(new server_node(std::move(made)));
}

server_node::server_node(std::unique_ptr<parts> made) : parts_(std::move(made)) {}
server_node::~server_node() = default;

std::uint16_t server_node::port() const noexcept {
  return parts_->listener->port();
}

status_reply server_node::status() const {
  status_reply reply;
  caf::scoped_actor self{*parts_->system};
  self->request(parts_->roles->coordinator, std::chrono::seconds(5), status_query{})
      .receive([&](const status_reply& x) { reply = x; }, [](const caf::error&) {});
  return reply;
}

std::vector<round_record> server_node::rounds() const {
  return parts_->observer->recorder().rounds();
}
bool server_node::wait(std::chrono::milliseconds at_most) const {
  return parts_->observer->wait(at_most);
}
std::string server_node::outcome() const {
  return parts_->observer->outcome();
}
const std::filesystem::path& server_node::folder() const noexcept {
  return parts_->folder;
}

} // namespace godwit
