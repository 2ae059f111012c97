// What does the round's scheduler remember beside its machine?
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <godwit/actors/machines/durable_round.hpp>
#include <godwit/actors/round_scheduler.hpp>
#include <godwit/messages/bytes.hpp>
#include <godwit/messages/journal.hpp>

namespace godwit {

/// A line, and what waits for it.
struct unwritten {
  journal_record record;
  durable::owed later;
};

struct scheduler_state {
  scheduler_setup setup;
  std::shared_ptr<const server_roles> roles;
  instant clock_at_start{};                  ///< the actors' clock when this process began
  std::map<client_id, shared_bytes> arrived; ///< complete updates on their way to the aggregator
  std::string phase;
  round_id ending;                    ///< a round whose checkpoint is not durable yet; 0: none
  std::vector<durable::owed> at_end;  ///< what waits for it
  std::vector<unwritten> lines;       ///< not written yet; behind that checkpoint, if there is one
  instant written_at{};               ///< when the last line was handed over
  bool is_marking = false;            ///< an alarm for the next mark of time is set
  std::size_t unwritten_bytes = 0;    ///< of the updates among them
  std::uint32_t unwritten_count = 0;  ///< of updates that are not durable, these and the keeper's
  std::vector<round::grant> deferred; ///< places that such updates still take
  bool is_alarmed = false;            ///< an alarm for the lines and for the progress is set

  durable::machine& machine() const noexcept { return *setup.machine; }
};

} // namespace godwit
