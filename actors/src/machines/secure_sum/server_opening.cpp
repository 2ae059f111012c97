// Shares come back; with enough of them, and all secrets right, the sum is opened.
#include <algorithm>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include <godwit/actors/machines/secure_sum_server.hpp>
#include <godwit/messages/check.hpp>
#include <godwit/privacy/client_draws.hpp>
#include <godwit/privacy/key_agreement.hpp>

#include "server_steps.hpp"

namespace godwit::secure_sum::server {
namespace {

using effects = std::vector<effect>;

std::uint32_t position_in(const std::vector<std::uint32_t>& ascending, std::uint32_t x) {
  const auto at = std::lower_bound(ascending.begin(), ascending.end(), x);
  GODWIT_CHECK(at != ascending.end() && *at == x, "a share comes back from a neighbour");
  return static_cast<std::uint32_t>(at - ascending.begin());
}

/// Whether every secret could be opened now.
bool is_enough(const joined& here) {
  return std::all_of(here.clients.begin(), here.clients.end(), [&](const participant& x) {
    return !has_shared(x) || x.returned.size() >= here.threshold;
  });
}

/// Finds secrets one after the other, and whose shares were wrong.
class opener {
public:
  explicit opener(const joined& here) : here_(here), recovery_(here.threshold) {}

  /// b_u for one who survived, s_sk_u for one who did not; nothing where it cannot be had.
  std::optional<secret> secret_of(std::uint32_t u) {
    auto shares = here_.clients[u].returned;
    std::sort(shares.begin(), shares.end(),
              [](const auto& one, const auto& other) { return one.x < other.x; });
    // Who lied once is asked last: to find out liars is dear, and one may lie about everybody.
    auto trusted = shares;
    std::erase_if(trusted, [&](const auto& x) { return liars_.contains(giver_of(u, x.x)); });
    if (trusted.size() < shares.size())
      if (auto found = recovered_from(trusted, u))
        return found;
    return recovered_from(shares, u);
  }

  const std::set<std::uint32_t>& liars() const noexcept { return liars_; }

private:
  std::uint32_t giver_of(std::uint32_t owner, std::uint32_t x) const {
    return here_.neighbours[owner][x - 1];
  }

  std::optional<secret> recovered_from(std::span<const shamir::held_share> shares,
                                       std::uint32_t u) {
    const auto& owner = here_.clients[u];
    auto found = recovery_.recover(shares, [&](bytes_view candidate) {
      return has_survived(owner) ? commitment_of(candidate) == owner.sealed->commitment
                                 : public_part(candidate) == owner.advert.pairwise;
    });
    if (!found)
      return {};
    for (const auto x : found->wrong_xs)
      liars_.insert(giver_of(u, x));
    return std::move(found->value);
  }

  const joined& here_;
  shamir::recovery recovery_;
  std::set<std::uint32_t> liars_;
};

} // namespace

result<effects> machine::on(const unmask_received& in) {
  if (!members_.contains(in.client))
    return refusal::not_invited;
  auto* who = participant_in(phase_, in.client);
  auto* here = std::get_if<unmasking>(&phase_);
  if (!here) {
    const auto* done_with = std::get_if<opened>(&phase_);
    if (done_with && std::find(done_with->survivors.begin(), done_with->survivors.end(),
                               in.client) != done_with->survivors.end())
      return effects{}; // it was not needed any more
    return refusal::wrong_phase;
  }
  if (!who || !has_survived(*who) || (!here->statements.empty() && !who->statement))
    return refusal::wrong_phase;
  if (who->answer) {
    if (*who->answer == in.content)
      return effects{};
    return refusal::duplicate;
  }
  const auto given = decode_unmask_shares(in.content);
  if (!given)
    return given.why();
  if (given->root != here->tree->root())
    return refusal::wrong_roster;
  const auto index = here->index_of.at(in.client);
  const auto asked = request_for(*here, index);
  if (given->shares.size() != asked.dropped.size() + asked.alive.size())
    return refusal::wrong_share;
  auto share = given->shares.begin();
  for (const auto* owners : {&asked.dropped, &asked.alive})
    for (const auto owner : *owners)
      here->clients[owner].returned.push_back(
          {1 + position_in(here->neighbours[owner], index), *share++});
  who->answer = in.content;
  who->is_gone = false;
  effects out;
  if (!here->was_tried && is_enough(*here)) {
    if (open_sum_of(*here, out)) {
      phase_ = opened{std::get<open_sum>(out.back()).survivors};
      return out;
    }
    here->was_tried = true; // a wrong share among as few as can be: wait for the others
  }
  end_step_if_complete(out);
  return out;
}

result<effects> machine::on(const unmasking_closed&) {
  if (!std::holds_alternative<unmasking>(phase_))
    return refusal::wrong_phase;
  effects out;
  close_unmasking(out);
  return out;
}

void machine::close_unmasking(effects& out) {
  const auto& here = std::get<unmasking>(phase_);
  if (!is_enough(here))
    return give_up("too few survivors gave their shares back", out);
  if (!open_sum_of(here, out))
    return give_up("more shares were wrong than can be found", out);
  phase_ = opened{std::get<open_sum>(out.back()).survivors};
}

/// Appends open_sum; says false and appends nothing where a secret cannot be had.
bool machine::open_sum_of(const unmasking& here, effects& out) const {
  open_sum made;
  made.root = here.tree->root();
  opener open_secrets(here);
  for (std::uint32_t u = 0; u < here.clients.size(); ++u) {
    const auto& x = here.clients[u];
    if (!has_shared(x))
      continue;
    auto found = open_secrets.secret_of(u);
    if (!found)
      return false;
    if (has_survived(x)) {
      made.masks.push_back({std::move(*found), true});
      made.survivors.push_back(x.client);
      continue;
    }
    for (const auto v : here.neighbours[u]) { // y_v holds +mask if u > v
      if (!has_survived(here.clients[v]))
        continue;
      const auto agreed = agree(found->reveal(), here.clients[v].advert.pairwise);
      GODWIT_CHECK(agreed.has_value(), "no weak key comes into a roster");
      made.masks.push_back(
          {pair_key(agreed->reveal(), here.tree->root(), u, v, terms_.round), u > v});
    }
  }
  for (const auto u : open_secrets.liars())
    made.liars.push_back(here.clients[u].client);
  out.push_back(std::move(made));
  return true;
}

} // namespace godwit::secure_sum::server
