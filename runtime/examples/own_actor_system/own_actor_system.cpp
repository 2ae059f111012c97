// How does a host with an actor system of its own run godwit's roles in it, and talk to them?
//
// A server and two edges live in one system here, beside an actor of the host's own, which asks the
// coordinator how things stand and keeps track of it. They speak over mutual TLS, as they would on
// three machines.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <godwit/runtime/actors.hpp>

#include "host_messages.hpp"

namespace {

using namespace std::chrono_literals;

struct host_settings : caf::actor_system_config {
  host_settings() {
    add_message_types<caf::id_block::godwit>();
    add_message_types<caf::id_block::host>();
  }
};

using watcher_actor =
    caf::typed_actor<caf::reacts_to<look>, caf::replies_to<ask_sightings>::with<sightings>>;

struct watcher_state {
  sightings seen;
  godwit::coordinator_actor coordinator;
};
using watcher_ptr = watcher_actor::stateful_pointer<watcher_state>;

/// Asks the coordinator, takes in what it says, and goes on with `then`. A server that has ended
/// answers nothing.
template <class Then>
void look_at_server(watcher_ptr self, Then then) {
  self->request(self->state.coordinator, 5s, godwit::status_query{})
      .then(
          [self, then](const godwit::status_reply& now) mutable {
            auto& seen = self->state.seen;
            seen.round = std::max(seen.round, now.round);
            seen.edge_count = std::max(seen.edge_count, now.edges_present);
            then();
          },
          [](const caf::error&) {});
}

watcher_actor::behavior_type watcher(watcher_ptr self, godwit::coordinator_actor coordinator) {
  self->state.coordinator = std::move(coordinator);
  self->send(self, look{});
  return {
      [self](const look&) {
        look_at_server(self, [self] { self->delayed_send(self, 20ms, look{}); });
      },
      [self](const ask_sightings&) -> caf::result<sightings> {
        auto answer = self->make_response_promise<sightings>();
        look_at_server(self, [self, answer]() mutable { answer.deliver(self->state.seen); });
        return answer;
      },
  };
}

godwit::tls_config tls_of(const std::filesystem::path& keys, const std::string& name) {
  return {.certificate = keys / (name + ".pem"),
          .key = keys / (name + ".key"),
          .authority = keys / "ca.pem"};
}

godwit::server_config server_of(const std::filesystem::path& keys,
                                const std::filesystem::path& out) {
  godwit::server_config config;
  config.listen = "127.0.0.1:0"; // any free port
  config.tls = tls_of(keys, "server");
  config.state = out / "state";
  config.out = out / "run";
  config.job.model = "softmax";
  config.job.rounds = 3;
  config.job.round = {.cohort = 2, .cohort_min = 2, .over_selection = 1.0, .deadline = 20s};
  config.job.client.learning_rate = 0.01F;
  config.test_data.source = "synthetic";
  return config;
}

godwit::edge_config edge_of(const std::filesystem::path& keys, const std::string& name,
                            std::uint16_t port) {
  godwit::edge_config config;
  config.server = "127.0.0.1:" + std::to_string(port);
  config.tls = tls_of(keys, name);
  config.state = keys / ("state-" + name);
  config.model = "softmax";
  config.data.source = "synthetic";
  config.power.source = "none";
  return config;
}

int complain(const std::string& sentence) {
  std::fprintf(stderr, "own_actor_system: %s\n", sentence.c_str());
  return 1;
}

int run(caf::actor_system& system, const std::filesystem::path& keys,
        const std::filesystem::path& out) {
  auto server = godwit::server_actors::spawn(system, server_of(keys, out), {});
  if (!server)
    return complain(server.why().detail);
  auto first = godwit::edge_actors::spawn(system, edge_of(keys, "edge-01", (*server)->port()), {});
  if (!first)
    return complain(first.why().detail);
  auto second = godwit::edge_actors::spawn(system, edge_of(keys, "edge-02", (*server)->port()), {});
  if (!second)
    return complain(second.why().detail);
  auto watching = system.spawn(watcher, (*server)->roles().coordinator);

  const bool is_done = (*server)->wait(60s);
  caf::scoped_actor self{system};
  self->request(watching, 5s, ask_sightings{})
      .receive(
          [](const sightings& seen) {
            std::printf("the watcher saw %u edges and round %llu\n", seen.edge_count,
                        static_cast<unsigned long long>(seen.round));
          },
          [](const caf::error&) {});
  caf::anon_send_exit(watching, caf::exit_reason::user_shutdown);
  std::printf("%s\n", (*server)->outcome().c_str());
  return is_done ? 0 : complain("the run did not come to its end");
}

} // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: own_actor_system KEYS OUT\n"
                         "  KEYS  what `godwit keys all --folder KEYS --edges 2` made\n"
                         "  OUT   a folder for the server's state and the run's results\n");
    return 64;
  }
  host_settings settings;
  caf::actor_system system(settings);
  return run(system, argv[1], argv[2]);
}
