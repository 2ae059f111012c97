// How does CAF run where a node has an actor system to itself?
#pragma once

#include <algorithm>
#include <cstddef>
#include <thread>

#include <sched.h>

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

/// How many cores this process may use; 0: not known. The library's count is of those that the
/// machine has, whatever a container or `taskset` leaves of them.
inline std::size_t core_count() {
  cpu_set_t ours;
  if (::sched_getaffinity(0, sizeof ours, &ours) == 0)
    return static_cast<std::size_t>(CPU_COUNT(&ours));
  return std::thread::hardware_concurrency();
}

/// As many threads as there are cores for this process, and at most so many: on one core a second
/// thread only makes for switches.
inline std::size_t threads_at_most(std::size_t count_max) {
  const auto cores = core_count();
  return cores == 0 ? count_max : std::min<std::size_t>(count_max, cores);
}

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
