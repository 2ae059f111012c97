// How a host with an actor system of its own runs godwit's roles in it. Brings CAF; a host without
// one takes <godwit/runtime/node.hpp>.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <caf/actor_system.hpp>

#include <godwit/messages/interfaces.hpp>
#include <godwit/runtime/node.hpp>

namespace godwit {

// The host's system has to know godwit's messages:
//
//   settings.add_message_types<caf::id_block::godwit>();
//
// and the host's own type-id block begins behind it:
//
//   CAF_BEGIN_TYPE_ID_BLOCK(my_host, caf::id_block::godwit::end)
//
// The system must outlive what is spawned in it. Both destructors wait for the roles, so they must
// not run in one of the system's actors. What is sent to the roles is what <interfaces.hpp> lists;
// whatever comes from the network has been decoded and checked before it gets there.

/// The roles of a server, in the host's system, and the port that they listen on.
class server_actors {
public:
  /// Fails like server_node::start.
  static attempt<std::unique_ptr<server_actors>> spawn(caf::actor_system&, const server_config&,
                                                       server_options);
  /// Stops listening, ends the roles and waits for them.
  ~server_actors();
  server_actors(const server_actors&) = delete;
  server_actors& operator=(const server_actors&) = delete;

  /// The roles, to talk to: a status_query to the coordinator, for instance.
  const server_roles& roles() const noexcept;
  // As in server_node:
  std::uint16_t port() const noexcept;
  std::vector<round_record> rounds() const;
  bool wait(std::chrono::milliseconds at_most) const;
  std::string outcome() const;
  const std::filesystem::path& folder() const noexcept;

private:
  struct parts;
  explicit server_actors(std::unique_ptr<parts>);
  std::unique_ptr<parts> parts_;
};

/// The roles of an edge, in the host's system, and their link to the server.
class edge_actors {
public:
  /// Fails like edge_node::start.
  static attempt<std::unique_ptr<edge_actors>> spawn(caf::actor_system&, const edge_config&,
                                                     edge_options);
  /// Hangs up, ends the roles and waits for them: like edge_node's, within the trainer's patience.
  ~edge_actors();
  edge_actors(const edge_actors&) = delete;
  edge_actors& operator=(const edge_actors&) = delete;

  /// The roles, to talk to and to watch.
  const edge_roles& roles() const noexcept;

private:
  struct parts;
  explicit edge_actors(std::unique_ptr<parts>);
  std::unique_ptr<parts> parts_;
};

} // namespace godwit
