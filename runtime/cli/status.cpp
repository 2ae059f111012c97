// godwit status: how does a running server stand?
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <godwit/runtime/node.hpp>

#include "commands.hpp"
#include "key_files.hpp"

namespace godwit::cli {
namespace {

void print_json(const status_reply& x) {
  nlohmann::ordered_json json{{"job", x.job},
                              {"phase", x.phase},
                              {"note", x.note},
                              {"round", x.round},
                              {"committed", x.committed_count},
                              {"rounds", x.round_limit},
                              {"edges_present", x.edges_present},
                              {"edges_known", x.edges_known},
                              {"invited", x.invited},
                              {"accepted", x.accepted},
                              {"reported", x.reported},
                              {"cohort", x.cohort},
                              {"milliseconds_to_deadline", x.milliseconds_to_deadline},
                              {"elapsed_milliseconds", x.elapsed_milliseconds},
                              {"bytes_up", x.bytes_up},
                              {"bytes_down", x.bytes_down},
                              {"refused", x.refused_count}};
  if (x.has_loss != 0)
    json["loss"] = x.loss;
  if (x.has_accuracy != 0)
    json["accuracy"] = x.accuracy;
  fmt::print("{}\n", json.dump());
}

void print_text(const status_reply& x) {
  fmt::print("job        {}\n", x.job);
  fmt::print("phase      {}{}\n", x.phase, x.note.empty() ? "" : " (" + x.note + ")");
  fmt::print("round      {} ({} of {} done)\n", x.round, x.committed_count, x.round_limit);
  fmt::print("edges      {} here, {} known\n", x.edges_present, x.edges_known);
  fmt::print("cohort     {} invited, {} accepted, {} reported, {} needed\n", x.invited, x.accepted,
             x.reported, x.cohort);
  if (x.milliseconds_to_deadline > 0)
    fmt::print("deadline   in {:.1f} s\n", static_cast<double>(x.milliseconds_to_deadline) / 1000);
  if (x.has_loss != 0)
    fmt::print("loss       {:.4f}\n", x.loss);
  if (x.has_accuracy != 0)
    fmt::print("accuracy   {:.4f}\n", x.accuracy);
  fmt::print("traffic    {} bytes up, {} bytes down\n", x.bytes_up, x.bytes_down);
  fmt::print("refused    {}\n", x.refused_count);
  fmt::print("running    {:.0f} s\n", static_cast<double>(x.elapsed_milliseconds) / 1000);
}

} // namespace

int run(const status_command& command) {
  const key_folder keys(command.folder, {});
  auto reply = ask_status(command.server, keys.tls(command.person), std::chrono::seconds(5));
  if (!reply)
    return complain(reply.why().detail, exit_unavailable);
  if (command.as_json)
    print_json(*reply);
  else
    print_text(*reply);
  return exit_done;
}

} // namespace godwit::cli
