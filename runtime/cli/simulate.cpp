// godwit simulate: a whole federation in one process, under a virtual clock.
#include <cstdio>
#include <optional>

#include <fmt/format.h>

#include <godwit/runtime/simulation.hpp>

#include "commands.hpp"
#include "config/load.hpp"
#include "report/flock_summary.hpp"
#include "telemetry/live_view.hpp"
#include "watch.hpp"

namespace godwit::cli {

int run(const simulate_command& command) {
  auto overrides = command.over.all();
  if (command.threads)
    overrides.push_back("threads=" + std::to_string(*command.threads));
  auto loaded = config::load_simulation_config(command.config, {.overrides = overrides});
  if (!loaded) {
    std::fprintf(stderr, "%s", config::text(loaded.why()).c_str());
    return exit_config;
  }
  auto log = open_log(command.log, loaded->out);
  if (!log)
    return complain(log.why().detail, exit_failed);
  const bool live = is_live(command.log);
  std::optional<live_view> view;
  view.emplace(live ? stderr : stdout, **log);
  std::vector<round_record> rounds;
  simulation_options options;
  options.log = *log;
  options.progress = [&](const status_reply& status, const round_record* newest) {
    if (newest != nullptr)
      rounds.push_back(*newest);
    auto now = run_status_of(status);
    now.notice = (*log)->last_problem();
    view->show(now, rounds);
  };
  auto outcome = run_simulation(*loaded, options);
  view->close();
  if (!outcome)
    return complain(outcome.why().detail,
                    outcome.why().code == failure_code::bad_config ? exit_config : exit_failed);
  print_results(outcome->reason, outcome->folder, rounds);
  fmt::print("\nWhat the flock did\n{}",
             flock_text(rounds, outcome->client_count, outcome->presence));
  std::fflush(stdout);
  for (const auto& problem : outcome->problems)
    complain(problem, exit_failed);
  return outcome->problems.empty() ? exit_done : exit_failed;
}

} // namespace godwit::cli
