// Where an edge reads its power state from: a port that a host application may replace.
#pragma once

#include <godwit/messages/power.hpp>
#include <godwit/messages/result.hpp>

namespace godwit {

/// Looks at the device. Called from one thread at a time, every few seconds; returns at once.
class power_source {
public:
  virtual ~power_source() = default;
  /// What cannot be known is -1 in the reading. Fails only if looking itself fails.
  virtual attempt<power_reading> read() = 0;
};

} // namespace godwit
