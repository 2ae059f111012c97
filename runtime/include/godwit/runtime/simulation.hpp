// How a program runs a whole federation by itself: the machines of server and edges in one process,
// under a virtual clock, with real training.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <godwit/actors/log.hpp>
#include <godwit/messages/enrolment.hpp>
#include <godwit/messages/result.hpp>
#include <godwit/runtime/config.hpp>
#include <godwit/runtime/record.hpp>

namespace godwit {

/// What a simulation needs beside its configuration.
struct simulation_options {
  std::shared_ptr<event_log> log; ///< null: silence
  /// Called from the thread that runs the simulation: now and then in a round with null, and once
  /// after each round with its record. Its elapsed time is the real one, the deadline's the virtual
  /// one.
  std::function<void(const status_reply&, const round_record* newest)> progress;
  std::string command = "simulate"; ///< what the report says it was
};

/// How a simulation ended.
struct simulation_outcome {
  std::string reason;           ///< "all rounds are done", "the target accuracy is reached",
                                ///< "gave up: no round could be opened for 7 days", ...
  std::filesystem::path folder; ///< where report, models and rounds.jsonl are
  std::string model_sha256;     ///< of the final parameters, 64 hex digits
  round_record last;
  std::vector<std::string> problems; ///< what could not be written, as sentences
  std::uint64_t update_count = 0;    ///< updates that counted, over all rounds
  double wall_seconds = 0; ///< real time, from the first invitation to the last round's end
  std::uint32_t client_count = 0;
  std::vector<presence_count> presence; ///< empty where all are always there, on mains
};

/// Runs the whole job and writes its run folder. A secure sum adds up what edges would upload, with
/// their noise where they add some, in the same ring and without masks, which would cancel; traffic
/// is counted as that of plain updates. The model's bits depend on the configuration and
/// its seed alone: not on the number of threads, and not on the virtual clock either wherever the
/// same clients report. Fails like load_dataset, partition, make_model and run_folder::open (a
/// folder that holds a run is left as it is), and with bad_config where there are too few clients
/// for any round.
attempt<simulation_outcome> run_simulation(const simulation_config&,
                                           const simulation_options& = {});

} // namespace godwit
