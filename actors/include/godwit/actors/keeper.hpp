// The actor that writes a node's journal: what was asked while it wrote makes the next group.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include <caf/actor_system.hpp>

#include <godwit/actors/journal_port.hpp>
#include <godwit/actors/log.hpp>
#include <godwit/messages/checkpoint.hpp>
#include <godwit/messages/interfaces.hpp>

namespace godwit {

class checkpoint_store;
class release_file;

struct keeper_setup {
  std::shared_ptr<journal_port> journal;
  std::shared_ptr<checkpoint_store> checkpoints; ///< null on an edge
  std::shared_ptr<release_file> releases = {};   ///< null where nothing is released with noise
  std::shared_ptr<event_log> log;
  /// Goes before whatever is written first.
  std::optional<journal_record> first = {};
  /// Called from the keeper when a write has failed, and with nothing when one goes well again.
  std::function<void(const std::optional<failure>&)> on_trouble;
  /// False: in the scheduler's threads, for a system whose scheduler decides the order, or whose
  /// threads may as well wait for the disk.
  bool is_detached = true;
};

/// The line that says behind which checkpoint a server's journal goes on.
journal_record beginning_behind(const checkpoint&);

/// Runs in a thread of its own, if it is detached: it waits for the disk. What cannot be written is
/// tried again each second; until then nothing is answered, and what comes behind it waits in
/// order.
keeper_actor spawn_keeper(caf::actor_system&, keeper_setup);

} // namespace godwit
