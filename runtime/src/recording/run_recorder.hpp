// What does a run write down while it goes on, and what does it leave at its end?
#pragma once

#include <mutex>
#include <span>
#include <string>
#include <vector>

#include <godwit/actors/log.hpp>
#include <godwit/actors/server_ports.hpp>
#include <godwit/messages/model.hpp>
#include <godwit/runtime/record.hpp>

#include "report/run_folder.hpp"

namespace godwit {

/// Writes a round's line as soon as it is over, and the report and the model files at the end. Safe
/// from several threads: the coordinator's writes, a live view reads.
class run_recorder {
public:
  /// `resumed`: the rounds that the folder holds already.
  run_recorder(run_folder folder, run_facts facts, model_layout layout, event_log& log,
               std::vector<round_record> resumed = {});

  /// A line that cannot be written is written with the next one that can.
  void add(const round_facts& facts);

  /// Writes model.safetensors, model.npz and report.html. Returns what could not be written, as
  /// sentences.
  std::vector<std::string> finish(std::span<const float> parameters);

  /// The rounds so far.
  std::vector<round_record> rounds() const;
  void set_client_count(std::uint32_t count);
  void set_labels(std::vector<std::string> names, std::vector<std::vector<std::uint64_t>> counts);
  /// For the report: who was there in the course of a simulation.
  void set_presence(std::vector<presence_count> counts);
  const run_folder& folder() const noexcept { return folder_; }

private:
  attempt<done> write_lines();

  run_folder folder_;
  run_facts facts_;
  model_layout layout_;
  event_log& log_;
  mutable std::mutex mutex_;
  std::vector<round_record> rounds_;
  std::size_t written_count_; ///< of the rounds: so many have their lines
};

} // namespace godwit
