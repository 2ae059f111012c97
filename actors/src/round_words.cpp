#include "round_words.hpp"

#include <algorithm>
#include <chrono>

#include <godwit/actors/machines/secure_body.hpp>
#include <godwit/actors/machines/selection.hpp>

namespace godwit {

server_message invitation_of(const scheduler_setup& setup, const model_id& model,
                             const round::invite& x) {
  invitation message{.round = x.round, .model = model, .plan = setup.client};
  message.plan.seed = selection::training_seed(setup.seed, x.round, x.client);
  message.milliseconds_left = static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(x.left).count());
  message.milliseconds_lease = message.milliseconds_left;
  if (x.terms.empty())
    return message;
  return secure_invitation{std::move(message), x.terms};
}

namespace {

/// With the keys that the trustees have said hello with.
std::string shared_terms(shared_sum::shared_round stated, const scheduler_setup& setup,
                         const start_round& in) {
  stated.terms.round = in.round;
  stated.model = in.model.sha256;
  const auto nonce = setup.draw(stated.terms.nonce.size());
  std::ranges::copy(nonce.reveal(), stated.terms.nonce.begin());
  for (auto& server : stated.servers)
    for (const auto& trustee : in.trustees)
      if (trustee.name == server.name) {
        server.key = trustee.sealing_key;
        server.evidence = trustee.evidence;
      }
  shared_sum::settle_terms(stated);
  return as_text(shared_sum::encode(stated));
}

} // namespace

std::string terms_of_round(const scheduler_setup& setup, const start_round& in) {
  const auto& rules = setup.machine->round().rules();
  if (rules.shared)
    return shared_terms(*rules.shared, setup, in);
  if (!rules.secure)
    return {};
  auto terms = *rules.secure;
  terms.job = setup.server_name;
  terms.round = in.round;
  terms.model = in.model.sha256;
  const auto nonce = setup.draw(terms.server_nonce.size());
  std::ranges::copy(nonce.reveal(), terms.server_nonce.begin());
  return as_text(secure_sum::encode(terms));
}

void drop_unproven(const scheduler_setup& setup, const client_id& client, secure_word& word) {
  if (word.evidence.empty())
    return;
  const auto given = secure_sum::decode_advert(as_bytes(word.content));
  if (!given || given->client != client ||
      !secure_sum::is_proven(*given, as_bytes(word.evidence), setup.check))
    word.evidence.clear();
}

bool is_well_packed(const round::plan& rules, bytes_view content) {
  return !rules.secure || secure_sum::check_body(*rules.secure, content);
}

} // namespace godwit
