// An edge, put together: the one place that knows all of its parts.
#include <atomic>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/send.hpp>

#include <godwit/actors/edge_trainer.hpp>
#include <godwit/actors/power_monitor.hpp>
#include <godwit/actors/uplink.hpp>
#include <godwit/runtime/node.hpp>

#include "config/address.hpp"
#include "data/load.hpp"
#include "data/partition.hpp"
#include "edge_name.hpp"
#include "link_adapters.hpp"
#include "own_certificate.hpp"
#include "power/source.hpp"
#include "training/local_trainer.hpp"
#include "transport/dialler.hpp"

namespace godwit {
namespace {

struct actor_config : caf::actor_system_config {
  actor_config() {
    add_message_types<caf::id_block::godwit>();
    set("scheduler.policy", caf::atom("sharing")); // waiting threads sleep until there is work
    set("scheduler.max-threads", std::size_t{1});
    set("logger.verbosity", caf::atom("quiet"));
  }
};

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

struct edge_node::parts {
  std::shared_ptr<event_log> log;
  std::shared_ptr<link_adapter<transport::dialler>> links;
  actor_config settings;
  std::unique_ptr<caf::actor_system> system;
  std::shared_ptr<const edge_roles> roles;
  std::unique_ptr<transport::dialler> dialler;

  ~parts() {
    links->attach(nullptr);
    dialler.reset();
    if (roles) {
      for (auto& actor :
           {caf::actor_cast<caf::actor>(roles->uplink), caf::actor_cast<caf::actor>(roles->trainer),
            caf::actor_cast<caf::actor>(roles->worker), caf::actor_cast<caf::actor>(roles->power)})
        caf::anon_send_exit(actor, caf::exit_reason::kill);
      roles.reset();
    }
    system.reset();
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

std::shared_ptr<const edge_roles> spawn_roles(caf::actor_system& system, const hello& greeting,
                                              std::shared_ptr<trainer> engine,
                                              std::shared_ptr<power_source> power,
                                              power::rules rules, std::shared_ptr<link_port> links,
                                              std::shared_ptr<event_log> log) {
  auto roles = std::make_shared<edge_roles>();
  auto [trainer, worker] = spawn_edge_trainer(system, std::move(engine), {.log = log});
  roles->trainer = trainer;
  roles->worker = worker;
  roles->uplink =
      spawn_uplink(system, {.greeting = greeting, .links = std::move(links), .log = log});
  roles->power =
      spawn_power_monitor(system, {.rules = rules, .source = std::move(power), .log = log});
  const std::shared_ptr<const edge_roles> known = roles;
  caf::anon_send(roles->uplink, known);
  caf::anon_send(roles->worker, known);
  caf::anon_send(roles->trainer, known);
  caf::anon_send(roles->power, known);
  return known;
}

} // namespace

attempt<std::unique_ptr<edge_node>> edge_node::start(const edge_config& config,
                                                     edge_options options) {
  auto made = std::make_unique<parts>();
  made->log = options.log ? options.log : std::make_shared<silent_log>();
  made->links = std::make_shared<link_adapter<transport::dialler>>();
  const auto where = config::parse_address(config.server);
  if (!where)
    return failure{.code = failure_code::bad_config,
                   .detail = "server: \"" + config.server + "\" is no address"};
  auto own = own_name(config.tls, role::edge);
  if (!own)
    return own.why();
  auto engine = options.engine;
  if (!engine) {
    auto built = built_in_trainer(config, *own);
    if (!built)
      return built.why();
    engine = *built;
  }
  auto power = make_power_source(config.power);
  if (!power)
    return power.why();
  hello greeting;
  greeting.client = client_id{*own};
  greeting.model = config.model;
  greeting.parameter_count = parameter_count(engine->layout());
  greeting.example_count = engine->example_count();
  power::rules rules;
  rules.battery_min_percent = config.power.battery_min;
  made->system = std::make_unique<caf::actor_system>(made->settings);
  made->roles = spawn_roles(*made->system, greeting, engine, std::move(*power), rules, made->links,
                            made->log);
  auto dialler = transport::dialler::start({.host = where->host,
                                            .port = where->port,
                                            .certificate = config.tls.certificate,
                                            .key = config.tls.key,
                                            .authority = config.tls.authority,
                                            .server_name = {},
                                            .identify = identify,
                                            .seed = std::hash<client_id>{}(greeting.client)},
                                           events_for(made->roles->uplink, made->log));
  if (!dialler)
    return dialler.why();
  made->dialler = std::move(*dialler);
  made->links->attach(made->dialler.get());
  return std::unique_ptr<edge_node>(new edge_node(std::move(made)));
}

edge_node::edge_node(std::unique_ptr<parts> made) : parts_(std::move(made)) {}
edge_node::~edge_node() = default;

} // namespace godwit
