// How does a round's input become a line of the journal, and a line an input again?
#pragma once

#include <optional>

#include <godwit/actors/machines/durable_round.hpp>

namespace godwit::durable {

server_line line_of(const round::input&, const origin& from, const model_id& model,
                    std::uint64_t weight, instant now);

/// Nothing for a line that is no input of the round's.
std::optional<round::input> input_of(const server_line&);

/// The letter that the line came by, if it came by one.
origin origin_of(const server_line&);

/// The round that an edge's word is about; 0 for an input that is none.
round_id round_of(const round::input&);

} // namespace godwit::durable
