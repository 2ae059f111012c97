// How every round ends: everybody is told, and the record is handed out.
#pragma once

#include <string>

#include <godwit/actors/machines/round.hpp>

namespace godwit::round {

/// When the phases of a round ended.
struct timeline {
  instant recruited_at{}, collected_at{}, released_at{};
};

/// Ends the round: adds `tell` for each client (one that is away may have come back without a
/// word), then `finish`, and moves to idle.
void close(gathering& here, const timeline& times, instant now, bool committed, std::string reason,
           step& out);

} // namespace godwit::round
