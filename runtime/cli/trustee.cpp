// godwit trustee: holds its part of another owner's sums until it is stopped.
#include <cstdio>
#include <memory>

#include <godwit/runtime/node.hpp>

#include "commands.hpp"
#include "config/load.hpp"
#include "signals.hpp"

namespace godwit::cli {

int run(const trustee_command& command) {
  auto loaded = config::load_trustee_config(command.config, {.overrides = command.set});
  if (!loaded) {
    std::fprintf(stderr, "%s", config::text(loaded.why()).c_str());
    return exit_config;
  }
  catch_signals();
  const auto log = log_of(command.log);
  auto trustee = trustee_node::start(*loaded, log);
  if (!trustee)
    return complain(trustee.why().detail,
                    trustee.why().code == failure_code::bad_config ? exit_config : exit_failed);
  wait_until_asked_to_stop();
  log->info("trustee.stopping");
  return exit_done;
}

} // namespace godwit::cli
