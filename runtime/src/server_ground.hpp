// What does a server stand on, before there is an actor?
#pragma once

#include <cstdint>
#include <memory>

#include <godwit/actors/server.hpp>
#include <godwit/messages/result.hpp>
#include <godwit/runtime/config.hpp>

#include "config/address.hpp"
#include "storage/state_folder.hpp"

namespace godwit {

/// Everything that can fail: the rules, the keys, the data, the disk.
struct groundwork {
  config::host_port where;
  server_setup server;                  ///< all but the links, the observer and the log
  std::shared_ptr<state_folder> folder; ///< the lock on what the server writes
  bool goes_on = false;                 ///< something of the job was there already
  std::uint64_t torn_bytes = 0; ///< that were cut off the journal: written when the power went
};

/// Fails like server_node::start.
attempt<groundwork> lay_ground(const server_config&);

} // namespace godwit
