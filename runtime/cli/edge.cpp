// godwit edge: takes part until it is stopped.
#include <cstdio>
#include <cstdlib>
#include <memory>

#include <godwit/runtime/node.hpp>

#include "commands.hpp"
#include "config/load.hpp"
#include "signals.hpp"

namespace godwit::cli {
namespace {

/// Botan would lock half a megabyte for secrets, with 600 system calls. An edge's one secret is its
/// key, which OpenSSL keeps; Botan only digests and reads certificates here.
void lock_no_memory() {
  ::setenv("BOTAN_MLOCK_POOL_SIZE", "0", 0);
}

} // namespace

int run(const edge_command& command) {
  lock_no_memory();
  auto loaded = config::load_edge_config(command.config, {.overrides = command.over.all()});
  if (!loaded) {
    std::fprintf(stderr, "%s", config::text(loaded.why()).c_str());
    return exit_config;
  }
  catch_signals();
  const auto log = log_of(command.log);
  auto edge = edge_node::start(*loaded, {.log = log, .engine = nullptr});
  if (!edge)
    return complain(edge.why().detail,
                    edge.why().code == failure_code::bad_config ? exit_config : exit_failed);
  wait_until_asked_to_stop();
  log->info("edge.stopping");
  return exit_done;
}

} // namespace godwit::cli
