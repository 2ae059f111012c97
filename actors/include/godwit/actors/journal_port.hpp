// How a node's keeper reaches the disk: a port, so that tests and simulations can play the disk.
#pragma once

#include <cstdint>
#include <span>

#include <godwit/messages/journal.hpp>
#include <godwit/messages/result.hpp>

namespace godwit {

/// A node's journal. Blocking; called from one thread at a time.
class journal_port {
public:
  virtual ~journal_port() = default;
  /// Writes the records behind what is there. They are durable when it returns. On a failure none
  /// of them counts, and the same call may be made again: no_space where the disk is full.
  virtual attempt<done> keep(std::span<const journal_record> records) = 0;
  /// Starts the journal anew with these records in the place of all others, or fails and leaves it
  /// as it is.
  virtual attempt<done> restart(std::span<const journal_record> records) = 0;
  /// The body of a record that was there when the journal was opened. Fails with corrupt where it
  /// is not what was written.
  virtual attempt<shared_bytes> body(std::uint64_t place) = 0;
};

} // namespace godwit
