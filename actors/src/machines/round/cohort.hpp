// What may happen to one client of a cohort, and what the counters say of all of them?
#pragma once

#include <string>

#include <godwit/actors/machines/round.hpp>

namespace godwit::round {

/// The encoded terms of the round's secure sum; empty without one.
std::string terms_in(const gathering& here);

bool is_decided(progress at) noexcept;

/// This client's part, or the reason why it has none in this round.
result<participant*> find(gathering& here, round_id round, const client_id& client);

void invite_one(gathering& here, const client_id& client, instant now, step& out);

/// The client's part is over.
void decide(gathering& here, const client_id& client, participant& who, progress how,
            std::string reason, instant now);

/// An upload loses its place: what has arrived of it is worth nothing any more.
void take_place_back(gathering& here, const client_id& client, participant& who, step& out);

/// Nobody is waiting for an upload any more.
void take_places_back(gathering& here, step& out);

/// Drops a client that can still report, with whatever it was doing.
void drop(gathering& here, const client_id& client, participant& who, std::string reason,
          instant now, step& out);

/// Somebody is out: the next of the reserve takes the place, while there is time enough to train.
void replace(gathering& here, instant now, step& out);

void watch_upload(const plan& rules, const gathering& here, const client_id& client,
                  participant& who, instant now, step& out);

/// Gives the free places to those in line who are there.
void grant_next(const plan& rules, gathering& here, instant now, step& out);

} // namespace godwit::round
