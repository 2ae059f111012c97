// What do the host's own actors say among themselves, and how does its block of types stand beside
// godwit's?
#pragma once

#include <cstdint>

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/type_id.hpp>

#include <godwit/messages/interfaces.hpp>

/// INTERNAL: time to look again.
struct look {};
/// How far is the run? Answered with `sightings`.
struct ask_sightings {};
/// What the watcher has seen: the furthest round, and how many edges were there at once.
struct sightings {
  std::uint64_t round = 0;
  std::uint32_t edge_count = 0;
};

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(look)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(ask_sightings)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sightings)
CAF_BEGIN_TYPE_ID_BLOCK(host, caf::id_block::godwit::end)
CAF_ADD_TYPE_ID(host, (look))
CAF_ADD_TYPE_ID(host, (ask_sightings))
CAF_ADD_TYPE_ID(host, (sightings))
CAF_END_TYPE_ID_BLOCK(host)
