// How does CAF run where a node has an actor system to itself?
#pragma once

#include <cstddef>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>

#include <godwit/messages/interfaces.hpp>

namespace godwit {

/// CAF's settings for a node: so many threads, which sleep until there is work.
struct node_settings : caf::actor_system_config {
  explicit node_settings(std::size_t thread_count) {
    add_message_types<caf::id_block::godwit>();
    set("scheduler.policy", caf::atom("sharing"));
    set("scheduler.max-threads", thread_count);
    set("logger.verbosity", caf::atom("quiet"));
  }
};

/// An actor system with the settings that it lives by.
class node_system {
public:
  explicit node_system(std::size_t thread_count) : settings_(thread_count), system_(settings_) {}
  caf::actor_system& operator*() noexcept { return system_; }

private:
  node_settings settings_;
  caf::actor_system system_;
};

} // namespace godwit
