// How does a line of a journal read?
#pragma once

#include <cstdint>
#include <string>

#include <godwit/messages/edge_journal.hpp>
#include <godwit/messages/server_journal.hpp>

namespace godwit {

/// "   12.345 s  edge-01  update_offer: round 3, 600 examples, ...". `body_bytes`: of its record.
std::string in_words(const server_line&, std::uint64_t body_bytes);
std::string in_words(const edge_line&, std::uint64_t body_bytes);

} // namespace godwit
