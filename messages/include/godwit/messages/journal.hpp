// What a node writes down before it says or forgets anything: one record, as its journal keeps it.
#pragma once

#include <cstdint>

#include <godwit/messages/bytes.hpp>

namespace godwit {

/// One record. The head holds a few encoded fields, the body, if there is one, what is bulky: an
/// update.
struct journal_record {
  bytes head;
  shared_bytes body;
};

/// A record as it was found when a journal was opened: its head, and where its body lies.
struct found_record {
  bytes head;
  std::uint64_t body_place = 0; ///< for journal_port::body
  std::uint64_t body_bytes = 0; ///< 0: there is none
};

} // namespace godwit
