// From the roster to the sealed shares, and the others' shares opened.
#include <algorithm>
#include <utility>

#include <godwit/messages/check.hpp>
#include <godwit/privacy/canonical.hpp>
#include <godwit/privacy/shamir.hpp>

#include "client_steps.hpp"

namespace godwit::secure_sum::client {

result<accepted_roster> check_roster(const roster_told& in, const roster_expectation& expected) {
  auto told = decode_roster(in.roster);
  if (!told)
    return told.why();
  const auto n = told->size;
  if (n < expected.terms.clients_min)
    return refusal::too_few;
  if (n > expected.terms.clients_max)
    return refusal::wrong_roster;
  const auto choice = expected.rule(n, expected.terms.fractions, expected.terms.profile);
  if (!choice)
    return refusal::too_few;
  const auto due =
      mask_graph(expected.terms_hash, told->root, n, choice->degree).neighbours(told->own_index);
  const auto is_due = [](const roster_entry& x, std::uint32_t index) { return x.index == index; };
  if (!std::equal(told->neighbours.begin(), told->neighbours.end(), due.begin(), due.end(), is_due))
    return refusal::wrong_roster;
  if (auto checked = check(*told, expected.own, expected.terms_hash); !checked)
    return checked.why();
  for (const auto index : due)
    if (std::find(in.proven.begin(), in.proven.end(), index) == in.proven.end())
      return refusal::unproven_key;
  return accepted_roster{std::move(*told), *choice};
}

result<joined> join_roster(const accepted_roster& accepted, const client_draws& drawn,
                           const terms& rules) {
  const auto& [told, choice] = accepted;
  joined made;
  made.root = told.root;
  made.index = told.own_index;
  made.threshold = choice.threshold;
  const auto count = static_cast<std::uint32_t>(told.neighbours.size());
  shamir::coefficient_source source(drawn.shares.reveal().first<mask_key_bytes>());
  const auto self_shares = shamir::split(drawn.self.reveal(), choice.threshold, count, source);
  const auto pair_shares = shamir::split(drawn.pairwise.reveal(), choice.threshold, count, source);
  sealed_shares sealed;
  sealed.root = told.root;
  sealed.commitment = commitment_of(drawn.self.reveal());
  for (std::size_t i = 0; i < count; ++i) {
    const auto& near = told.neighbours[i];
    const auto channel = agree(drawn.channel.reveal(), near.advert.channel);
    const auto pair = agree(drawn.pairwise.reveal(), near.advert.pairwise);
    if (!channel || !pair)
      return refusal::weak_key;
    const box_label label{told.root, rules.round, told.own_index, near.index};
    canonical::writer both;
    both.reserve(share_pair_bytes);
    both.raw(self_shares.reveal().subspan(i * shamir::share_bytes, shamir::share_bytes))
        .raw(pair_shares.reveal().subspan(i * shamir::share_bytes, shamir::share_bytes));
    const secret shares(both.take());
    const auto key = channel_key(channel->reveal(), told.root, label.from, label.to);
    sealed.boxes.push_back({near.index, seal_shares(key.reveal(), label, shares.reveal())});
    made.neighbours.emplace(
        near.index,
        neighbour{near.advert.client, near.advert.identity,
                  channel_key(channel->reveal(), told.root, label.to, label.from),
                  pair_key(pair->reveal(), told.root, label.from, label.to, rules.round)});
  }
  made.sealed = encode(sealed);
  return made;
}

result<std::map<std::uint32_t, secret>> open_delivered(const joined& here, bytes_view content,
                                                       round_id round) {
  const auto delivered = decode_delivered_shares(content);
  if (!delivered)
    return delivered.why();
  if (delivered->root != here.root)
    return refusal::wrong_roster;
  if (delivered->boxes.size() < here.threshold)
    return refusal::too_few;
  std::map<std::uint32_t, secret> shares;
  for (const auto& [from, sealed] : delivered->boxes) {
    const auto near = here.neighbours.find(from);
    if (near == here.neighbours.end())
      return refusal::wrong_share;
    auto opened = open_shares(near->second.channel_from.reveal(),
                              {here.root, round, from, here.index}, sealed);
    if (!opened)
      return opened.why();
    shares.emplace(from, std::move(*opened));
  }
  return shares;
}

} // namespace godwit::secure_sum::client
