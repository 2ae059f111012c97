// What a run leaves behind: one record a round, and the facts about the run. The report,
// rounds.jsonl and the live view all show these, and nothing else.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace godwit {

/// One client's part in one round.
struct client_record {
  std::string client;
  std::string
      outcome; ///< "reported", "declined: <the edge's reason>", "the cohort was complete" or
               ///< "the round was abandoned" (let go without fault), or why it dropped out
  std::uint64_t example_count = 0;
  double loss = 0;    ///< mean training loss (reported ones)
  double seconds = 0; ///< from its invitation to its receipt
  std::optional<double>
      accuracy; ///< on its own held-out examples, where federated evaluation was asked for
};

/// One round, committed or abandoned.
struct round_record {
  std::uint64_t round = 0;
  std::string outcome; ///< "committed", or "abandoned: <reason>"
  double recruiting_seconds = 0, collecting_seconds = 0, releasing_seconds = 0;
  std::uint32_t cohort = 0;    ///< invited
  std::uint32_t reporters = 0; ///< counted
  std::vector<client_record> clients;
  double train_loss = 0;                          ///< weighted mean over the reporters
  std::optional<double> test_loss, test_accuracy; ///< central, on the held-out set
  std::optional<double> federated_accuracy,
      federated_loss;                         ///< weighted mean over the edges that evaluated
  std::uint64_t bytes_up = 0, bytes_down = 0; ///< payload bytes of updates and models
  std::string
      model_sha256; ///< of the released parameters, 64 hex digits; the old model's if abandoned
  double finished_seconds = 0;   ///< since the run began
  std::optional<double> epsilon; ///< with differential privacy: spent by the client that spent most
  std::optional<double> clip_norm; ///< of private updates, where it adapts itself: what they were
                                   ///< cut to
  std::optional<double> noise_variance; ///< of each coordinate of the sum, in squares of the
                                        ///< updates' units, where the reporters have added it
};

/// How many clients were there at one moment of a run.
struct presence_count {
  double seconds = 0; ///< since the run began
  std::uint32_t connected = 0;
  std::uint32_t able = 0; ///< of them: would not decline work
  friend bool operator==(const presence_count&, const presence_count&) = default;
};

/// The facts of a run.
struct run_facts {
  std::string title;   ///< e.g. "fashion-mnist, mlp-2nn, fed_avg"
  std::string command; ///< "demo", "simulate", "server"
  std::string version;
  std::uint64_t seed = 0;
  std::uint64_t parameter_count = 0;
  std::uint32_t round_limit = 0;
  std::uint32_t client_count = 0; ///< known clients
  double target_accuracy = 0;
  double epsilon_limit = 0, delta = 0; ///< of each client; 0: there is no such limit
  std::string config_yaml;             ///< the effective config
  std::vector<std::vector<std::uint64_t>>
      label_counts; ///< [client][class], where known (demo, simulate); else empty
  std::vector<std::string>
      client_names;    ///< whose label_counts these are, in the same order; empty: numbered
  std::string started; ///< UTC, ISO 8601; empty: not shown
  bool has_virtual_time = false;        ///< a simulation's
  std::vector<presence_count> presence; ///< where clients come and go in a simulation; else empty
};

/// What is happening right now, for the live view and `godwit status`.
struct run_status {
  std::string phase; ///< "waiting for edges", "recruiting", "collecting", "releasing", "finished"
  std::uint64_t round = 0;
  std::uint32_t round_limit = 0;
  std::uint32_t edges_connected = 0;
  std::uint32_t invited = 0, accepted = 0, reported = 0, needed = 0;
  double seconds_to_deadline = 0;
  double elapsed_seconds = 0;
  std::optional<double> seconds_left;         ///< estimate until the end of the run
  std::optional<double> loss, accuracy;       ///< newest known
  std::uint64_t bytes_up = 0, bytes_down = 0; ///< whole run
  std::uint64_t refused = 0;                  ///< messages and connections refused so far
  std::string notice; ///< the newest warning or error, one line; empty: none
};

} // namespace godwit
