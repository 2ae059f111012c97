// What does a server say of a round, when it opens it and when it invites?
#pragma once

#include <string>

#include <godwit/actors/machines/round.hpp>
#include <godwit/actors/round_scheduler.hpp>
#include <godwit/messages/link.hpp>

namespace godwit {

/// The invitation of one client: its own seed, and the terms of the secure sum, if there is one.
server_message invitation_of(const scheduler_setup& setup, const model_id& model,
                             const round::invite& x);

/// The encoded terms of this round's secure or shared sum, with a fresh nonce; empty without one.
std::string terms_of_round(const scheduler_setup& setup, const start_round& in);

/// Takes from an advert the evidence that does not hold: it is as good as none.
void drop_unproven(const scheduler_setup& setup, const client_id& client, secure_word& word);

/// Whether the content can be a body of this round; of a plain sum the aggregator says so.
bool is_well_packed(const round::plan& rules, bytes_view content);

} // namespace godwit
