// How does the server of a simulation learn of the devices' own lives? As a real one does: by
// connections that come and go, and by what edges say of their power.
#include "simulation/server_side.hpp"

#include <godwit/messages/check.hpp>

namespace godwit::simulated {

void server_side::begin_lives() {
  lives_.emplace(setup_.config.devices, setup_.config.seed, clients_.size(), time_);
}

void server_side::on_life(const event& what) {
  if (what.what == happening::census)
    return count();
  if (what.what == happening::comes_or_goes) {
    lives_->come_or_go(what.client, clients_.take_trained(what.client));
    lives_->is_there(what.client) ? come(what.client) : go(what.client);
  } else {
    const auto before = lives_->ineligible_because(what.client);
    if (!lives_->look(what, clients_.take_trained(what.client)) ||
        lives_->ineligible_because(what.client) == before ||
        !members_.is_present(clients_.name_of(what.client)))
      return;
    tell_eligibility(what.client);
  }
  feed(edges_present());
}

void server_side::come(std::uint32_t client) {
  if (clients_.has_vanished(client))
    return; // not before the round ends
  enrol(client);
  if (round_.open_round() != nullptr)
    feed(round::edge_back{clients_.name_of(client), true});
}

void server_side::go(std::uint32_t client) {
  if (!members_.lose(clients_.name_of(client)))
    return;
  clients_.leave(client);
  if (round_.open_round() != nullptr)
    feed(round::edge_lost{clients_.name_of(client)});
}

/// Tells both sides whether the client may work: the server as a status, the client's own machine
/// as its power monitor does.
void server_side::tell_eligibility(std::uint32_t client) {
  const std::string reason(lives_->ineligible_because(client).value_or(std::string_view{}));
  const auto& name = clients_.name_of(client);
  const auto told =
      members_.update(name, {.eligible = static_cast<std::uint8_t>(reason.empty() ? 1 : 0),
                             .reason = reason,
                             .power_mode = std::string(power::name(lives_->mode_of(client)))});
  GODWIT_CHECK(told.has_value(), "the status of a client came that is not there");
  clients_.tell(name, training::eligibility{reason});
}

void server_side::count() {
  census_.add(time_.now(), members_.present_count(), members_.candidate_count());
  time_.add(time_.now() + census_.every(), happening::census);
}

} // namespace godwit::simulated
