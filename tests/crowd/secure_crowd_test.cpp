// Is the sum that a server opens over a hundred real edges, in one process and over TLS, that of
// exactly those whose masked vectors came, whoever stopped when?
#include <algorithm>
#include <chrono>
#include <cmath>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <caf/actor_system.hpp>
#include <doctest/doctest.h>

#include <godwit/runtime/actors.hpp>

#include "adversarial/keys.hpp"
#include "adversarial/recorded_log.hpp"
#include "node_system.hpp"
#include "storage/safetensors.hpp"
#include "support/scratch_folder.hpp"
#include "training/model.hpp"

using namespace godwit;
using namespace std::chrono_literals;
using adversarial::keys;
using adversarial::recorded_log;

namespace {

constexpr int edge_count = 100;
constexpr double clip = 8;
constexpr int bits = 24;

/// Lets trainings end: at once, or those of the slow ones when it is opened.
class gate {
public:
  void open() {
    const std::scoped_lock lock(mutex_);
    is_open_ = true;
    changed_.notify_all();
  }
  void pass(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, stop, [this] { return is_open_; });
  }

private:
  std::mutex mutex_;
  std::condition_variable_any changed_;
  bool is_open_ = false;
};

/// What all edges found as the round's model.
struct first_model {
  std::mutex mutex;
  std::vector<float> values;
};

/// Adds numbers of its own to the model.
class own_numbers final : public trainer {
public:
  own_numbers(int index, gate* held, first_model& first)
      : index_(index), held_(held), first_(first) {
    auto network = make_model("softmax", {28, 28}, 10);
    REQUIRE(network.has_value());
    layout_ = (*network)->layout();
  }
  const model_layout& layout() const override { return layout_; }
  std::uint64_t example_count() const override { return 10; }
  attempt<training_outcome> train(std::span<float> parameters, const training_plan&,
                                  const std::stop_token& stop) override {
    {
      const std::scoped_lock lock(first_.mutex);
      first_.values.assign(parameters.begin(), parameters.end());
    }
    for (std::size_t i = 0; i < parameters.size(); ++i)
      parameters[i] += static_cast<float>(number(index_, i));
    if (held_)
      held_->pass(stop);
    return training_outcome{.example_count = 10, .step_count = 1, .loss = 0.5};
  }
  attempt<evaluation> evaluate(std::span<const float>) override { return evaluation{}; }

  /// In -2 ..= 2: another one for each edge and coordinate.
  static double number(int index, std::size_t i) {
    return std::remainder(0.37 * (index + 1) + 0.011 * static_cast<double>(i), 4.0);
  }

private:
  int index_;
  gate* held_;
  first_model& first_;
  model_layout layout_;
};

std::string name_of(int index) {
  return "edge-" + std::to_string(index + 1);
}

/// A hundred edges and their server, in one round.
class crowd {
public:
  crowd(const std::string& profile, std::chrono::seconds deadline) {
    server_config config;
    config.listen = "127.0.0.1:0";
    config.tls = keys().of(role::server, "hub");
    config.state = folder_ / "state";
    config.out = folder_ / "run";
    config.job.model = "softmax";
    config.job.rounds = 1;
    config.job.federated_evaluate_every = 0;
    config.job.round = {
        .cohort = edge_count, .cohort_min = 60, .over_selection = 1.0, .deadline = deadline};
    config.job.secure_sum.profile = profile;
    config.job.secure_sum.clip = clip;
    config.job.secure_sum.bits = bits;
    config.job.secure_sum.dropping = 0.2;
    config.test_data.source = "none";
    config.wait_for_edges = edge_count;
    server_options options;
    options.log = log;
    auto started = server_actors::spawn(system_, config, std::move(options));
    REQUIRE_MESSAGE(started.has_value(), (started ? "" : started.why().detail));
    server = std::move(*started);
  }
  ~crowd() { slow.open(); }

  /// `is_slow`: its training ends when `slow` opens.
  void add(int index, bool is_slow, const std::string& secure_sum) {
    edge_config config;
    config.server = "127.0.0.1:" + std::to_string(server->port());
    config.state = folder_ / name_of(index);
    config.tls = keys().edge(name_of(index));
    config.model = "softmax";
    config.power.source = "none";
    config.secure_sum = secure_sum;
    edge_options options;
    options.log = edge_log;
    options.engine = std::make_shared<own_numbers>(index, is_slow ? &slow : nullptr, first);
    options.disk_has_thread = false;
    auto started = edge_actors::spawn(system_, config, std::move(options));
    REQUIRE_MESSAGE(started.has_value(), (started ? "" : started.why().detail));
    edges[static_cast<std::size_t>(index)] = std::move(*started);
  }
  void stop(int index) { edges[static_cast<std::size_t>(index)].reset(); }

  /// The committed model against the first one and the mean of these edges' numbers.
  void check_sum(const std::set<int>& survivors) {
    const bool is_done = server->wait(60s);
    REQUIRE_MESSAGE(is_done, log->everything());
    REQUIRE(server->rounds().size() == 1);
    CHECK_MESSAGE(server->rounds()[0].outcome == "committed", log->everything());
    CHECK(server->rounds()[0].reporters == survivors.size());
    const auto made = read_safetensors(server->folder() / "model.safetensors");
    REQUIRE(made);
    REQUIRE(made->parameters.size() == first.values.size());
    double worst = 0;
    for (std::size_t i = 0; i < first.values.size(); ++i) {
      double mean = 0;
      for (const int index : survivors)
        mean += own_numbers::number(index, i);
      mean /= static_cast<double>(survivors.size());
      worst = std::max(worst, std::abs(made->parameters[i] - first.values[i] - mean));
    }
    MESSAGE("largest difference ", worst, " of ", survivors.size(), " edges");
    // A step of the grid, and what float32 loses of numbers of this size.
    CHECK(worst < 2 * clip / ((1 << bits) - 1) + 1e-6);
  }

private:
  scratch_folder folder_;
  node_settings settings_{4};
  caf::actor_system system_{settings_};

public:
  std::shared_ptr<recorded_log> log = std::make_shared<recorded_log>();
  std::shared_ptr<recorded_log> edge_log = std::make_shared<recorded_log>(); ///< of all edges
  gate slow;
  first_model first;
  std::unique_ptr<server_actors> server;
  std::vector<std::unique_ptr<edge_actors>> edges{edge_count};
};

std::set<int> all_but(int begin, int end) {
  std::set<int> left;
  for (int i = 0; i < edge_count; ++i)
    if (i < begin || i >= end)
      left.insert(i);
  return left;
}

} // namespace

TEST_CASE("a hundred edges of which some stop before sharing, some before and some behind their "
          "vector: the sum is that of those whose vectors came") {
  crowd flock("semi_honest", 32s);
  constexpr int early = 5, middle = 9, late = 12; // 0-4, 5-8 and 9-11; 12 and 13 are slow
  for (int i = 0; i < edge_count; ++i)
    flock.add(i, i < middle || i == late || i == late + 1, "required");
  REQUIRE(flock.log->wait("round.phase", {"phase=recruiting"}));
  for (int i = 0; i < early; ++i)
    flock.stop(i);
  REQUIRE(flock.edge_log->wait("secure_sum.shared", {}, edge_count - early));
  for (int i = early; i < middle; ++i)
    flock.stop(i);
  REQUIRE(flock.edge_log->wait("update.counted", {}, edge_count - late - 2 + late - middle));
  for (int i = middle; i < late; ++i)
    flock.stop(i);
  flock.slow.open();
  flock.check_sum(all_but(0, middle));
}

TEST_CASE("a hundred edges that trust the server with nothing, some of which stop: the same") {
  crowd flock("malicious", 32s);
  constexpr int middle = 6, late = 9; // 0-5 and 6-8; 9 and 10 are slow
  for (int i = 0; i < edge_count; ++i)
    flock.add(i, i < middle || i == late || i == late + 1, "malicious");
  REQUIRE(flock.edge_log->wait("secure_sum.shared", {}, edge_count));
  for (int i = 0; i < middle; ++i)
    flock.stop(i);
  REQUIRE(flock.edge_log->wait("update.counted", {}, edge_count - middle - 2));
  for (int i = middle; i < late; ++i)
    flock.stop(i);
  flock.slow.open();
  flock.check_sum(all_but(0, middle));
}
