// What does an uplink keep in mind, and which parts of it work on that?
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <godwit/actors/machines/outbox.hpp>
#include <godwit/actors/machines/secure_calls.hpp>
#include <godwit/actors/machines/transfer.hpp>
#include <godwit/actors/uplink.hpp>

namespace godwit::uplinks {

/// An update on its way to the server.
struct sending {
  round_id round;
  transfer::emission rest;
};

/// Memory of a model that is kept for the next one.
constexpr std::size_t idle_bytes_max = 16 * 1024 * 1024;

struct uplink_state {
  uplink_setup setup;
  std::shared_ptr<const edge_roles> roles;
  std::uint64_t link = 0; ///< 0: none
  bool is_enrolled = false;
  std::string token;
  instant renews_at{}; ///< of the alarms that are set, the one that counts
  std::optional<outbox::machine> outbox;
  std::optional<instant> wakes_at;   ///< by the edge's time: when the mailbox is looked after
  block_pool models{idle_bytes_max}; ///< for what is being received
  std::optional<model_id> wanted;    ///< by the trainer
  std::optional<transfer::reception> coming;
  std::optional<sending> going;
  std::optional<secure_task> secure; ///< goes with the acceptance of its task
  std::optional<secure_word> proof;  ///< goes with the offer of its round's update
  secure_calls::listener calls;
  model_fetched cached;            ///< the newest model, kept for the next request
  edge_status status;              ///< said again on each connection
  std::uint64_t dropped_count = 0; ///< letters, by this process
  std::string trouble;             ///< why nothing can be written; empty: it can
  bool is_window = false;          ///< of a schedule, it is time to be connected
};
using self_ptr = uplink_actor::stateful_pointer<uplink_state>;

inline instant now(self_ptr self) {
  return self->clock().now().time_since_epoch();
}
/// The edge's own time: it goes on where the process before left off.
inline instant edge_time(self_ptr self) {
  return now(self) + self->state.setup.time_offset;
}

/// Over the link, if there is one.
void say(self_ptr self, edge_message message, shared_bytes body = {});

/// Does what the outbox wants done.
void act(self_ptr self, const std::vector<outbox::effect>& effects);
/// The mailbox's alarm.
void look_after_mail(self_ptr self);

// -- models: from memory, from the shelf, or from the server
void fetch(self_ptr self, const fetch_model& in);
void forget(self_ptr self, const forget_model& in);
void take_chunk(self_ptr self, const model_chunk& in, const shared_bytes& body);
void fail_fetch(self_ptr self);

} // namespace godwit::uplinks
