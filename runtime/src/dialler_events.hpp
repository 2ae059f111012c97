// How does what a dialler tells reach the actor that speaks through it?
#pragma once

#include <memory>
#include <utility>

#include <caf/send.hpp>

#include <godwit/actors/log.hpp>

#include "link_adapters.hpp"
#include "transport/dialler.hpp"

namespace godwit {

/// `actor` takes link_opened, link_frame, link_drained and link_closed; a lost link is logged.
template <class Actor>
transport::dialler_events dialler_events_for(Actor actor, std::shared_ptr<event_log> log) {
  return {
      .connected =
          [actor](transport::link_id link, const transport::peer& peer) {
            caf::anon_send(actor, opened(link, peer));
          },
      .received =
          [actor](transport::link_id link, transport::incoming&& frame) {
            caf::anon_send(actor, framed(link, std::move(frame)));
          },
      .drained = [actor](transport::link_id link) { caf::anon_send(actor, link_drained{link}); },
      .disconnected =
          [actor, log = std::move(log)](const transport::disconnection& end) {
            log->info("link.down", {{"reason", end.reason}, {"retry_ms", end.next_try.count()}});
            if (end.link != 0)
              caf::anon_send(actor, link_closed{end.link, end.reason});
          },
  };
}

} // namespace godwit
