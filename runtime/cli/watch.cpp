#include "watch.hpp"

#include <cstdio>
#include <optional>

#include <fmt/format.h>

#include "signals.hpp"
#include "telemetry/live_view.hpp"

namespace godwit::cli {
bool is_live(const log_choice& choice) {
  return choice.format == "text" && look_at_terminal(stderr).terminal;
}

attempt<std::shared_ptr<log_sink>> open_log(const log_choice& choice,
                                            const std::filesystem::path& folder) {
  log_options options;
  options.format = parse_log_format(choice.format).value_or(log_format::text);
  options.least = parse_log_level(choice.level).value_or(log_level::info);
  options.colours = look_at_terminal(stderr).colours;
  const bool live = is_live(choice);
  if (live) {
    std::error_code ignored;
    std::filesystem::create_directories(folder, ignored);
  }
  auto sink = open_run_log(live, folder, options);
  if (!sink)
    return sink.why();
  return std::shared_ptr<log_sink>(std::move(*sink));
}

run_status run_status_of(const status_reply& reply) {
  run_status now;
  now.phase = reply.phase == "waiting" ? reply.note : reply.phase;
  now.round = reply.round;
  now.round_limit = static_cast<std::uint32_t>(reply.round_limit);
  now.edges_connected = reply.edges_present;
  now.invited = reply.invited;
  now.accepted = reply.accepted;
  now.reported = reply.reported;
  now.needed = reply.cohort;
  now.seconds_to_deadline = static_cast<double>(reply.milliseconds_to_deadline) / 1000;
  now.elapsed_seconds = static_cast<double>(reply.elapsed_milliseconds) / 1000;
  if (reply.committed_count > 0 && reply.committed_count < reply.round_limit)
    now.seconds_left = now.elapsed_seconds / static_cast<double>(reply.committed_count) *
                       static_cast<double>(reply.round_limit - reply.committed_count);
  if (reply.has_loss != 0)
    now.loss = reply.loss;
  if (reply.has_accuracy != 0)
    now.accuracy = reply.accuracy;
  now.bytes_up = reply.bytes_up;
  now.bytes_down = reply.bytes_down;
  now.refused = reply.refused_count;
  return now;
}

bool watch(const server_node& server, log_sink& log, const log_choice& choice,
           const std::function<bool()>& goes_on) {
  const auto already = server.rounds();
  std::optional<live_view> view;
  const bool live = is_live(choice);
  view.emplace(live ? stderr : stdout, log, already.empty() ? 0 : already.back().round);
  bool is_done = false;
  while (!is_done && !is_asked_to_stop()) {
    is_done = server.wait(std::chrono::milliseconds(200));
    if (!is_done && goes_on && !goes_on())
      break;
    auto status = run_status_of(server.status());
    status.notice = log.last_problem();
    view->show(status, server.rounds());
  }
  view->close();
  return is_done;
}

void print_results(const std::string& outcome, const std::filesystem::path& folder,
                   const std::vector<round_record>& rounds) {
  fmt::print("\n{}\n", outcome);
  if (!rounds.empty()) {
    const auto& last = rounds.back();
    if (last.test_accuracy)
      fmt::print("  central test accuracy  {:.4f}\n", *last.test_accuracy);
    fmt::print("  rounds                 {}\n", last.round);
    fmt::print("  model SHA-256          {}\n", last.model_sha256);
  }
  const auto where = std::filesystem::absolute(folder).lexically_normal();
  fmt::print("  report                 {}\n", (where / "report.html").string());
  fmt::print("  model                  {}\n", (where / "model.safetensors").string());
  fmt::print("                         {}\n", (where / "model.npz").string());
  fmt::print("  a line a round         {}\n", (where / "rounds.jsonl").string());
  std::fflush(stdout);
}

} // namespace godwit::cli
