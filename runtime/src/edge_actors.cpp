// An edge, put together: the one place that knows all of its parts.
#include <godwit/runtime/actors.hpp>

#include <exception>

#include <caf/send.hpp>

#include <godwit/actors/edge.hpp>
#include <godwit/messages/limits.hpp>
#include <godwit/privacy/entropy.hpp>

#include "config/address.hpp"
#include "data/load.hpp"
#include "data/partition.hpp"
#include "dialler_events.hpp"
#include "edge_limits.hpp"
#include "edge_name.hpp"
#include "end_roles.hpp"
#include "link_adapters.hpp"
#include "own_certificate.hpp"
#include "power/source.hpp"
#include "storage/journal_file.hpp"
#include "storage/model_files.hpp"
#include "storage/state_folder.hpp"
#include "training/local_trainer.hpp"
#include "transport/dialler.hpp"

namespace godwit {
namespace {

/// The built-in trainer over the configured data, with a part kept aside for evaluation.
attempt<std::shared_ptr<trainer>> built_in_trainer(const edge_config& config,
                                                   const std::string& own) {
  auto data = load_dataset(config.data, split::train);
  if (!data)
    return data.why();
  auto parts = split_held_out(all_examples(*data), config.evaluation_percent, held_out_seed(own));
  auto made = make_trainer(config.model, std::move(parts.train), std::move(parts.held_out));
  if (!made)
    return made.why();
  return std::shared_ptr<trainer>(std::move(*made));
}

/// Links, and when to dial, over a dialler that is there later than the actors are.
class dialler_adapter final : public link_adapter<transport::dialler>, public dial_port {
public:
  void dial() override {
    with_transport([](transport::dialler& x) { x.reconnect_now(); });
  }
  void rest() override {
    with_transport([](transport::dialler& x) { x.rest(); });
  }
};

} // namespace

struct edge_actors::parts {
  caf::actor_system& system;
  std::shared_ptr<state_folder> state; ///< locked
  std::shared_ptr<dialler_adapter> links;
  std::shared_ptr<const edge_roles> roles;
  std::unique_ptr<transport::dialler> dialler;

  ~parts() {
    links->attach(nullptr);
    dialler.reset();
    end_roles(system, roles->uplink, roles->trainer, roles->worker, roles->masker, roles->sharer,
              roles->power, roles->keeper, roles->shelf);
  }
};

namespace {

/// What the trainer says about itself, for the greeting. It is the host's own: it may throw, or say
/// what no server would believe.
attempt<hello> greeting_of(const trainer& engine, const std::string& own, std::string model) {
  const auto bad = [](std::string what) {
    return failure{.code = failure_code::training, .detail = "the trainer " + std::move(what)};
  };
  hello greeting;
  try {
    greeting.parameter_count = parameter_count(engine.layout());
    greeting.example_count = engine.example_count();
  } catch (const std::exception& e) {
    return bad(std::string("threw: ") + e.what());
  } catch (...) {
    return bad("threw what is no exception");
  }
  if (greeting.parameter_count == 0 || greeting.parameter_count > limits::parameter_count_max)
    return bad("has " + std::to_string(greeting.parameter_count) +
               " parameters in its layout; there must be 1 to " +
               std::to_string(limits::parameter_count_max));
  if (greeting.example_count > limits::example_count_max)
    return bad("counts " + std::to_string(greeting.example_count) + " examples, more than " +
               std::to_string(limits::example_count_max));
  greeting.client = client_id{own};
  greeting.model = std::move(model);
  return greeting;
}

sync_plan sync_of(const sync_config& config) {
  sync_plan made;
  made.mode = config.mode == "online"      ? sync_mode::online
              : config.mode == "scheduled" ? sync_mode::scheduled
                                           : sync_mode::offline_first;
  made.every = config.every;
  made.lasts = config.lasts;
  return made;
}

/// In which secure sums the edge takes part. Where its certificate is of a kind that others cannot
/// check, it does without those for which they must.
attempt<done> take_part_in_sums(const edge_config& config, edge_setup& made) {
  made.wants_secure_sums = config.secure_sum != "accepted";
  auto trustees = check_trustees_with(config.tls);
  if (trustees) // else it takes part in no shared sum
    made.check_trustees = std::move(*trustees);
  if (config.secure_sum == "malicious")
    made.weakest_sum = secure_sum::profile::malicious;
  auto attest = attest_with(config.tls);
  auto check = check_with(config.tls);
  if (attest && check) {
    made.attest = std::move(*attest);
    made.check_evidence = std::move(*check);
  } else if (config.secure_sum == "malicious") {
    return attest ? check.why() : attest.why();
  }
  return done{};
}

/// The keys, the data, the power source.
attempt<edge_setup> fit_out(const edge_config& config, edge_options options) {
  auto own = own_name(config.tls, role::edge);
  if (!own)
    return own.why();
  auto engine = std::move(options.engine);
  if (!engine) {
    auto built = built_in_trainer(config, *own);
    if (!built)
      return built.why();
    engine = std::move(*built);
  }
  auto greeting = greeting_of(*engine, *own, config.model);
  if (!greeting)
    return greeting.why();
  auto examples = example_rules_of(config.example_limit);
  examples.example_count = greeting->example_count;
  examples.trainer_hides = engine->hides_examples();
  if (auto sound = check(examples); !sound)
    return sound.why();
  auto power = make_power_source(config.power);
  if (!power)
    return power.why();
  edge_setup made;
  made.examples = examples;
  made.updates = update_rules_of(config.update_limit);
  if (made.updates.is_required) // which nothing would hide
    greeting->example_count = 1;
  made.greeting = std::move(*greeting);
  made.log = std::move(options.log);
  made.engine = std::move(engine);
  made.patience = options.patience;
  made.rules.battery_min_percent = config.power.battery_min;
  made.power = std::move(*power);
  made.sync = sync_of(config.sync);
  made.mail = {.bytes_max = config.mailbox.bytes.bytes, .age_max = config.mailbox.age};
  made.seed = random_number();
  made.disk_has_thread = options.disk_has_thread;
  if (auto able = take_part_in_sums(config, made); !able)
    return able.why();
  return made;
}

/// What the edge finds in its state folder.
attempt<done> find_state(const state_folder& folder, edge_setup& setup) {
  auto opened = journal_file::open(folder.files());
  if (!opened)
    return opened.why();
  if (opened->torn_bytes > 0)
    setup.log->warn("journal.torn", {{"bytes", opened->torn_bytes}});
  setup.journal = std::make_shared<journal_file>(std::move(opened->journal));
  setup.found = std::move(opened->records);
  setup.models = std::make_shared<model_files>(folder.files());
  return done{};
}

} // namespace

attempt<std::unique_ptr<edge_actors>>
edge_actors::spawn(caf::actor_system& system, const edge_config& config, edge_options options) {
  const auto where = config::parse_address(config.server);
  if (!where)
    return failure{.code = failure_code::bad_config,
                   .detail = "server: \"" + config.server + "\" is no address"};
  if (!options.log)
    options.log = std::make_shared<silent_log>();
  const auto log = options.log;
  auto setup = fit_out(config, std::move(options));
  if (!setup)
    return setup.why();
  auto state = state_folder::open(config.state, "edge");
  if (!state)
    return state.why();
  if (auto found = find_state(**state, *setup); !found)
    return found.why();
  auto links = std::make_shared<dialler_adapter>();
  setup->links = links;
  setup->dials = links;
  const auto seed = std::hash<client_id>{}(setup->greeting.client);
  const bool is_scheduled = setup->sync.mode == sync_mode::scheduled;
  auto roles = spawn_edge(system, std::move(*setup));
  if (!roles)
    return roles.why();
  auto made =
      std::unique_ptr<parts>(new parts{system, std::move(*state), links, std::move(*roles), {}});
  auto dialler = transport::dialler::start({.host = where->host,
                                            .port = where->port,
                                            .certificate = config.tls.certificate,
                                            .key = config.tls.key,
                                            .authority = config.tls.authority,
                                            .server_name = {},
                                            .identify = identify,
                                            .seed = seed,
                                            .rests_at_first = is_scheduled},
                                           dialler_events_for(made->roles->uplink, log));
  if (!dialler)
    return dialler.why();
  made->dialler = std::move(*dialler);
  made->links->attach(made->dialler.get());
  return std::unique_ptr<edge_actors>(new edge_actors(std::move(made)));
}

edge_actors::edge_actors(std::unique_ptr<parts> made) : parts_(std::move(made)) {}
edge_actors::~edge_actors() = default;

const edge_roles& edge_actors::roles() const noexcept {
  return *parts_->roles;
}

} // namespace godwit
