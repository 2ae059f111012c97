// A trustee, put together, with an actor system to itself.
#include <godwit/runtime/node.hpp>

#include <utility>

#include <caf/send.hpp>

#include <godwit/actors/trustee.hpp>

#include "config/address.hpp"
#include "dialler_events.hpp"
#include "end_roles.hpp"
#include "link_adapters.hpp"
#include "node_system.hpp"
#include "own_certificate.hpp"
#include "storage/journal_file.hpp"
#include "storage/state_folder.hpp"
#include "transport/dialler.hpp"

namespace godwit {

struct trustee_node::parts {
  node_system system{1};
  std::shared_ptr<state_folder> state; ///< locked
  std::shared_ptr<link_adapter<transport::dialler>> links =
      std::make_shared<link_adapter<transport::dialler>>();
  std::shared_ptr<const trustee_roles> roles;
  std::unique_ptr<transport::dialler> dialler;

  ~parts() {
    links->attach(nullptr);
    dialler.reset();
    if (roles)
      end_roles(*system, roles->trustee, roles->keeper);
  }
};

attempt<std::unique_ptr<trustee_node>> trustee_node::start(const trustee_config& config,
                                                           std::shared_ptr<event_log> log) {
  const auto where = config::parse_address(config.server);
  if (!where)
    return failure{.code = failure_code::bad_config,
                   .detail = "server: \"" + config.server + "\" is no address"};
  auto own = own_name(config.tls, role::trustee);
  if (!own)
    return own.why();
  auto attest = attest_sealing_with(config.tls);
  if (!attest)
    return attest.why();
  auto check = check_trustees_with(config.tls);
  if (!check)
    return check.why();
  auto made = std::make_unique<parts>();
  auto state = state_folder::open(config.state, "trustee");
  if (!state)
    return state.why();
  made->state = std::move(*state);
  auto opened = journal_file::open(made->state->files());
  if (!opened)
    return opened.why();
  if (opened->torn_bytes > 0)
    log->warn("journal.torn", {{"bytes", opened->torn_bytes}});
  const auto seed = std::hash<std::string>{}(*own);
  auto roles = spawn_trustee(*made->system,
                             {.plan = {.self = std::move(*own),
                                       .clients_min = config.clients_min,
                                       .is_proven = std::move(*check)},
                              .attest = std::move(*attest),
                              .links = made->links,
                              .journal = std::make_shared<journal_file>(std::move(opened->journal)),
                              .found = std::move(opened->records),
                              .log = log});
  if (!roles)
    return roles.why();
  made->roles = std::move(*roles);
  auto dialler = transport::dialler::start({.host = where->host,
                                            .port = where->port,
                                            .certificate = config.tls.certificate,
                                            .key = config.tls.key,
                                            .authority = config.tls.authority,
                                            .server_name = {},
                                            .identify = identify,
                                            .backoff_max = std::chrono::milliseconds(2'000),
                                            .seed = seed},
                                           dialler_events_for(made->roles->trustee, log));
  if (!dialler)
    return dialler.why();
  made->dialler = std::move(*dialler);
  made->links->attach(made->dialler.get());
  return std::unique_ptr<trustee_node>(new trustee_node(std::move(made)));
}

trustee_node::trustee_node(std::unique_ptr<parts> made) : parts_(std::move(made)) {}
trustee_node::~trustee_node() = default;

} // namespace godwit
