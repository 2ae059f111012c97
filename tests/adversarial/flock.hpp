// What is under attack? A real server and two honest edges on loopback, whose training the test
// lets go on or holds.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <godwit/runtime/node.hpp>

#include "adversarial/hostile_edge.hpp"
#include "adversarial/keys.hpp"
#include "adversarial/recorded_log.hpp"
#include "support/scratch_folder.hpp"

namespace godwit::adversarial {

/// Holds the honest edges in their training, so that a round stays open while it is attacked.
class gate {
public:
  /// Lets every edge end its first `call_count` trainings.
  void open(std::uint64_t call_count = std::numeric_limits<std::uint64_t>::max());
  /// An edge's `call`-th training: waits until it may end.
  void pass(std::uint64_t call);
  /// Waits until so many trainings have begun, over all edges.
  void wait_for(std::uint64_t begun_count);

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::uint64_t open_until_ = 0, begun_ = 0;
};

struct flock_plan {
  std::uint32_t wait_for = 2; ///< edges, before the first round
  std::chrono::milliseconds deadline{120'000};
};

/// Three rounds of softmax; a round wants three updates and is content with two when there is
/// nobody else. The two honest edges, "ann" and "bob", add the same update in each round.
class flock {
public:
  explicit flock(flock_plan plan = {});
  ~flock();
  flock(const flock&) = delete;
  flock& operator=(const flock&) = delete;

  std::uint16_t port() const { return server_->port(); }
  std::string address() const { return "127.0.0.1:" + std::to_string(port()); }
  server_node& server() { return *server_; }
  recorded_log& log() { return *log_; }
  gate& work() { return work_; }
  const std::filesystem::path& folder() const { return folder_.path(); }

  std::uint64_t refused_count() const { return server_->status().refused_count; }
  /// Whether somebody was refused with this reason before there was a link, and it was counted.
  void check_rejected(std::string_view reason);
  /// Lets the honest edges work on, and checks that all rounds were committed with their two
  /// updates and ended in the same model as without an attack.
  void check_untouched();
  /// Lets them work on until the job is done.
  std::vector<round_record> finish();

private:
  scratch_folder folder_;
  std::shared_ptr<recorded_log> log_ = std::make_shared<recorded_log>();
  gate work_;
  std::unique_ptr<server_node> server_;
  std::vector<std::unique_ptr<edge_node>> edges_;
};

/// A flock in its first round: both honest edges are training, and stay so until the test lets them
/// go.
struct flock_in_training : flock {
  flock_in_training() { work().wait_for(2); }
};

/// A flock in its first round, to which "mallory" is invited too, who has accepted.
struct infiltrated_flock : flock {
  infiltrated_flock() : infiltrated_flock(flock_plan{.wait_for = 3}) {}
  explicit infiltrated_flock(flock_plan plan)
      : flock(plan), mallory(port(), keys().edge("mallory")) {
    mallory.enrol();
    task = mallory.hear<invitation>();
    mallory.say(invitation_answer{.round = task.round, .accepts = 1, .reason = {}});
    work().wait_for(2);
  }
  /// Takes mallory's acceptance back, and keeps it out of the next rounds.
  void sit_out();
  /// Offers an update and sends all of its bytes when told to.
  void upload(const update_offer& offer, const bytes& update);

  hostile_edge mallory;
  invitation task;
};

} // namespace godwit::adversarial
