// A letter: what must not be lost between an edge and its server, and how its place in the order is
// told.
#pragma once

#include <cstdint>

#include <godwit/messages/fields.hpp>

namespace godwit {

/// Names one end's mailbox: random, never 0. A new one says that what was in the old one is gone.
using mailbox_id = std::uint64_t;

/// A letter's place in its mailbox. It is taken where `previous` <= the newest number taken <
/// `number`.
struct stamp {
  std::uint64_t number = 0;   ///< 0: no letter
  std::uint64_t previous = 0; ///< of the letter before it that still exists; 0: none
  friend bool operator==(const stamp&, const stamp&) = default;
  static auto fields(auto& self, auto&& visit) { return visit(self.number, self.previous); }
};

} // namespace godwit
