// An edge, put together: the one place that knows all of its parts.
#include <godwit/runtime/actors.hpp>

#include <exception>

#include <caf/send.hpp>

#include <godwit/actors/edge_trainer.hpp>
#include <godwit/actors/power_monitor.hpp>
#include <godwit/actors/uplink.hpp>
#include <godwit/messages/limits.hpp>

#include "config/address.hpp"
#include "data/load.hpp"
#include "data/partition.hpp"
#include "edge_name.hpp"
#include "end_roles.hpp"
#include "link_adapters.hpp"
#include "own_certificate.hpp"
#include "power/source.hpp"
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

} // namespace

struct edge_actors::parts {
  caf::actor_system& system;
  std::shared_ptr<link_adapter<transport::dialler>> links;
  std::shared_ptr<const edge_roles> roles;
  std::unique_ptr<transport::dialler> dialler;

  ~parts() {
    links->attach(nullptr);
    dialler.reset();
    end_roles(system, roles->uplink, roles->trainer, roles->worker, roles->power);
  }
};

namespace {

transport::dialler_events events_for(uplink_actor uplink, std::shared_ptr<event_log> log) {
  return {
      .connected =
          [uplink](transport::link_id link, const transport::peer& peer) {
            caf::anon_send(uplink, opened(link, peer));
          },
      .received =
          [uplink](transport::link_id link, transport::incoming&& frame) {
            caf::anon_send(uplink, framed(link, std::move(frame)));
          },
      .drained = [uplink](transport::link_id link) { caf::anon_send(uplink, link_drained{link}); },
      .disconnected =
          [uplink, log](const transport::disconnection& end) {
            log->info("link.down", {{"reason", end.reason}, {"retry_ms", end.next_try.count()}});
            if (end.link != 0)
              caf::anon_send(uplink, link_closed{end.link, end.reason});
          },
  };
}

/// What the actors of an edge are made of, once nothing can fail any more.
struct outfit {
  hello greeting;
  edge_trainer_setup training;
  std::shared_ptr<trainer> engine;
  power::rules rules;
  std::shared_ptr<power_source> power;
};

std::shared_ptr<const edge_roles> spawn_roles(caf::actor_system& system, outfit with,
                                              std::shared_ptr<link_port> links) {
  const auto log = with.training.log;
  auto roles = std::make_shared<edge_roles>();
  auto [trainer, worker] = spawn_edge_trainer(system, std::move(with.engine), with.training);
  roles->trainer = trainer;
  roles->worker = worker;
  roles->uplink = spawn_uplink(
      system, {.greeting = std::move(with.greeting), .links = std::move(links), .log = log});
  roles->power = spawn_power_monitor(
      system, {.rules = with.rules, .source = std::move(with.power), .log = log});
  const std::shared_ptr<const edge_roles> known = roles;
  caf::anon_send(roles->uplink, known);
  caf::anon_send(roles->worker, known);
  caf::anon_send(roles->trainer, known);
  caf::anon_send(roles->power, known);
  return known;
}

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

/// Everything that can fail before there is an actor: the keys, the data, the power source.
attempt<outfit> fit_out(const edge_config& config, edge_options options) {
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
  auto power = make_power_source(config.power);
  if (!power)
    return power.why();
  outfit made;
  made.greeting = std::move(*greeting);
  made.training.log = std::move(options.log);
  made.training.patience = options.patience;
  made.engine = std::move(engine);
  made.power = std::move(*power);
  made.rules.battery_min_percent = config.power.battery_min;
  return made;
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
  auto with = fit_out(config, std::move(options));
  if (!with)
    return with.why();
  const auto seed = std::hash<client_id>{}(with->greeting.client);
  auto links = std::make_shared<link_adapter<transport::dialler>>();
  auto roles = spawn_roles(system, std::move(*with), links);
  auto made = std::unique_ptr<parts>(new parts{system, links, std::move(roles), nullptr});
  auto dialler = transport::dialler::start({.host = where->host,
                                            .port = where->port,
                                            .certificate = config.tls.certificate,
                                            .key = config.tls.key,
                                            .authority = config.tls.authority,
                                            .server_name = {},
                                            .identify = identify,
                                            .seed = seed},
                                           events_for(made->roles->uplink, log));
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
