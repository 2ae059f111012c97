// How does a host application take part in a federation with a learning engine of its own?
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>

#include <godwit/runtime/node.hpp>

#include "linear_trainer.hpp"

namespace {

/// One line on stderr for each event that matters to this host.
class short_log final : public godwit::event_log {
public:
  bool enabled(godwit::log_level level) const noexcept override {
    return level >= godwit::log_level::info;
  }
  void write(godwit::log_level level, std::string_view event,
             std::span<const godwit::log_field>) noexcept override {
    std::fprintf(stderr, "%s %.*s\n", name(level).data(), static_cast<int>(event.size()),
                 event.data());
  }
};

} // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fprintf(stderr, "usage: host_app SERVER KEYS NAME\n"
                         "  SERVER  host:port of a godwit server\n"
                         "  KEYS    a folder with ca.pem, NAME.pem and NAME.key, of `godwit keys`\n"
                         "  NAME    this edge's name\n");
    return 64;
  }
  const std::filesystem::path keys = argv[2];
  const std::string name = argv[3];

  // Signals are for main alone; threads that are started from here on have them blocked, too.
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  sigaddset(&ends, SIGINT);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);

  godwit::edge_config config;
  config.server = argv[1];
  config.tls = {.certificate = keys / (name + ".pem"),
                .key = keys / (name + ".key"),
                .authority = keys / "ca.pem"};
  config.state = "state-" + name; // its own: what it holds for the server
  config.model = "custom";
  config.power.source = "none";
  auto edge =
      godwit::edge_node::start(config, {.log = std::make_shared<short_log>(),
                                        .engine = std::make_shared<linear_trainer>(name, 500)});
  if (!edge) {
    std::fprintf(stderr, "host_app: %s\n", edge.why().detail.c_str());
    return 1;
  }

  int which = 0;
  sigwait(&ends, &which); // the host's own work; the edge takes part in threads of its own
  edge->reset();
  std::fprintf(stderr, "host_app: stopped\n");
  return 0;
}
