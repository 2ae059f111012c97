// godwit server: holds a job until it is done.
#include <memory>

#include <malloc.h>

#include "commands.hpp"
#include "config/load.hpp"
#include "signals.hpp"
#include "watch.hpp"

namespace godwit::cli {

int run(const server_command& command) {
  // Models go back to the system when they are dropped, at once and whole, whatever their size:
  // left to itself, the allocator keeps holes of several models' size in each thread's heap.
  ::mallopt(M_MMAP_THRESHOLD, 256 * 1024);
  auto loaded = config::load_server_config(command.config, {.overrides = command.over.all()});
  if (!loaded) {
    std::fprintf(stderr, "%s", config::text(loaded.why()).c_str());
    return exit_config;
  }
  catch_signals();
  auto log = open_log(command.log, loaded->out);
  if (!log)
    return complain(log.why().detail, exit_failed);
  server_options options;
  options.log = *log;
  auto server = server_node::start(*loaded, options);
  if (!server)
    return complain(server.why().detail,
                    server.why().code == failure_code::bad_config ? exit_config : exit_failed);
  const bool is_done = watch(**server, **log, command.log, {});
  if (!is_done)
    return complain(
        "stopped; start it again with the same command to go on from the last finished round",
        exit_done);
  print_results((*server)->outcome(), (*server)->folder(), (*server)->rounds());
  return exit_done;
}

} // namespace godwit::cli
