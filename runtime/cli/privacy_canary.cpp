// godwit privacy canary: edges that learn nothing, and write down what the released models tell of
// them.
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <fstream>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <godwit/messages/model.hpp>
#include <godwit/privacy/entropy.hpp>
#include <godwit/runtime/node.hpp>

#include "canary_trainer.hpp"
#include "config/load.hpp"
#include "data/load.hpp"
#include "data/partition.hpp"
#include "options.hpp"
#include "privacy_audit.hpp"
#include "signals.hpp"
#include "training/local_trainer.hpp"

namespace godwit::cli {
namespace {

/// A line for each sighting, of several canaries, whole at once.
class trial_file {
public:
  explicit trial_file(const std::filesystem::path& path)
      : path_(path.string()), out_(path, std::ios::app) {
    if (out_ && out_.tellp() == std::streampos(0))
      out_ << "canary,in,change\n" << std::flush;
  }
  bool is_good() {
    std::scoped_lock lock(mutex_);
    return out_.good();
  }
  void add(const std::string& canary, const canary_sighting& seen) {
    std::scoped_lock lock(mutex_);
    if (!out_.good())
      return;
    out_ << fmt::format("{},{},{}\n", canary, seen.was_in ? 1 : 0, seen.change) << std::flush;
    if (!out_.good())
      complain(path_ + " cannot be written; what is seen from now on is lost", exit_failed);
  }

private:
  std::mutex mutex_;
  std::string path_;
  std::ofstream out_;
};

/// What the canary looks like to the server: an edge with that model and those data.
attempt<std::shared_ptr<trainer>> looks_of(const edge_config& config) {
  auto data = load_dataset(config.data, split::train);
  if (!data)
    return data.why();
  auto made = make_trainer(config.model, all_examples(*data), all_examples(*data));
  if (!made)
    return made.why();
  return std::shared_ptr<trainer>(std::move(*made));
}

attempt<std::unique_ptr<edge_node>> start(const edge_config& config, std::uint64_t parameter,
                                          const privacy_canary_command& command,
                                          const std::shared_ptr<trial_file>& trials,
                                          const std::shared_ptr<event_log>& log) {
  auto looks = looks_of(config);
  if (!looks)
    return looks.why();
  const auto count = parameter_count((*looks)->layout());
  if (parameter >= count)
    return failure{.code = failure_code::bad_config,
                   .detail = fmt::format("the parameters {} to {} are needed, one for each canary, "
                                         "and the model has {}",
                                         command.parameter,
                                         command.parameter + command.configs.size() - 1, count)};
  const auto name = config.tls.certificate.stem().string();
  auto engine = std::make_shared<canary_trainer>(
      std::move(*looks),
      canary_plan{.parameter = parameter,
                  .norm = static_cast<float>(command.norm),
                  .coin = [] { return (random_bytes(1)[0] & std::byte{1}) != std::byte{}; },
                  .see = [trials, name](const canary_sighting& seen) { trials->add(name, seen); }});
  return edge_node::start(config, {.log = log, .engine = std::move(engine)});
}

} // namespace

int run(const privacy_canary_command& command) {
  if (!(command.norm > 0 && std::isfinite(static_cast<float>(command.norm))))
    return complain(fmt::format("--norm is {:g}, and a finite number above 0 is accepted: a "
                                "multiple of job.privacy.clip_norm",
                                command.norm),
                    exit_usage);
  const auto trials = std::make_shared<trial_file>(command.trials);
  if (!trials->is_good())
    return complain(command.trials.string() + " cannot be written", exit_failed);
  catch_signals();
  const auto log = log_of(command.log);
  std::vector<std::unique_ptr<edge_node>> canaries;
  for (const auto& path : command.configs) {
    const auto loaded = config::load_edge_config(path, {.overrides = command.set});
    if (!loaded) {
      std::fprintf(stderr, "%s", config::text(loaded.why()).c_str());
      return exit_config;
    }
    auto made = start(*loaded, command.parameter + canaries.size(), command, trials, log);
    if (!made)
      return complain(made.why().detail, exit_failed);
    canaries.push_back(std::move(*made));
  }
  wait_until_asked_to_stop();
  return exit_done;
}

void add_privacy_canary(CLI::App& privacy, privacy_canary_command& command, int& status) {
  auto* sub = privacy.add_subcommand(
      "canary", "take part as edges that learn nothing, and note what models tell of them");
  sub->add_option("configs", command.configs, "edge.yml of each canary, all in this process")
      ->required();
  sub->add_option("--trials", command.trials, "the file for what they see; lines are added to it")
      ->required();
  sub->add_option("--norm", command.norm,
                  "of the updates that they send: take ten times job.privacy.clip_norm, and the "
                  "audit sees whether they are cut to it")
      ->required();
  sub->add_option("--parameter", command.parameter,
                  "the parameter that the first canary moves, counted from 0; each has the next")
      ->capture_default_str();
  add_set(*sub, command.set);
  add_log(*sub, command.log);
  sub->footer(
      "In each round each canary tosses a coin and sends a large update of one parameter, or one "
      "of zeros; the next model says what was released. Runs until it is ended. Canaries spend "
      "their own budgets, not other clients', and harm the model; use them on a rehearsal.\n"
      "Example: godwit privacy canary canary-1.yml canary-2.yml --norm 10 --trials trials.csv\n"
      "Then:    godwit privacy audit trials.csv --noise 1 --clip-norm 1 --cohort 10");
  sub->callback([&] { status = run(command); });
}

} // namespace godwit::cli
