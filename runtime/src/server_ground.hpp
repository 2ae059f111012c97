// What does a server stand on, before there is an actor?
#pragma once

#include <memory>

#include <godwit/actors/coordinator.hpp>
#include <godwit/actors/machines/selection.hpp>
#include <godwit/actors/server_ports.hpp>
#include <godwit/messages/result.hpp>
#include <godwit/runtime/config.hpp>

#include "config/address.hpp"

namespace godwit {

/// Everything that can fail: the rules, the keys, the data, the disk.
struct groundwork {
  config::host_port where;
  selection::rule how;
  std::shared_ptr<central_evaluator> evaluator; ///< null without test data
  coordinator_setup coordinator;                ///< all but the observer and the log
};

/// Fails like server_node::start.
attempt<groundwork> lay_ground(const server_config&);

} // namespace godwit
