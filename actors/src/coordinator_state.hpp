// What does the coordinator know, and how does it say how things stand?
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <godwit/actors/coordinator.hpp>
#include <godwit/actors/machines/trustee_roll.hpp>

namespace godwit {

using parameters_ptr = std::shared_ptr<const std::vector<float>>;

/// What a round leaves to be done when it is over.
struct ending {
  std::shared_ptr<const round_report> report;
  bool knows_traffic = false;
  bool awaits_evaluation = false;
  bool is_being_kept = false; ///< the checkpoint is on its way to the disk
  std::optional<evaluation> central;
  std::optional<clip_norms> clip;  ///< where the norm of private updates adapts itself
  std::optional<tree_place> place; ///< of a private mean, where its noise is a tree's
};

struct coordinator_state {
  coordinator_setup setup;
  std::shared_ptr<const server_roles> roles;
  membership::machine members;
  trustee_roll trustees;
  job::machine job;
  parameters_ptr current; ///< the last committed model
  model_id current_id;
  parameters_ptr made; ///< the open round's, until it is committed
  model_id made_id;
  ending end;
  round_progress progress;
  traffic before, now; ///< at the start of the round, at the last look
  traffic earlier;     ///< of the processes before this one
  instant started_at{};
  status_reply shown;  ///< what does not change from moment to moment
  std::string trouble; ///< why the disk takes nothing; empty: it does

  /// The run's length, over all of its processes.
  duration elapsed(instant at) const { return at - started_at + duration(setup.state.elapsed_ns); }
};

/// The state of the run now; `total` is the traffic of this process.
status_reply status_of(const coordinator_state&, const traffic& total, instant now);

} // namespace godwit
