// What does a server of a shared sum make of what all the others have said? One function a phase,
// in their order.
#include <godwit/actors/machines/shared_sum.hpp>

#include <algorithm>
#include <iterator>
#include <utility>

#include <godwit/messages/check.hpp>
#include <godwit/privacy/digest.hpp>

namespace godwit::shared_sum {

/// What a server has said of one kind; a step is taken only when all have.
template <class Message>
const Message& machine::heard(unsigned from) const {
  const auto is_kind = [](const std::optional<message>& one) {
    return one && std::holds_alternative<Message>(*one);
  };
  const auto& all = heard_[from - 1];
  const auto found = std::find_if(all.begin(), all.end(), is_kind);
  GODWIT_CHECK(found != all.end(), "a step was taken before all had spoken");
  return std::get<Message>(**found);
}

/// All holdings are here: what all hold is the list.
void machine::list(effects& out) {
  for (const auto peer : peers()) {
    const auto& theirs = heard<holdings>(peer).held;
    std::vector<holding> both;
    std::set_intersection(list_.begin(), list_.end(), theirs.begin(), theirs.end(),
                          std::back_inserter(both));
    list_ = std::move(both);
  }
  if (list_.size() < terms_.clients_min)
    return give_up(out, reason::too_few);
  agreement own{.list = list_hash(terms_, list_), .coin_commitment = {}};
  if (is_replicated())
    own.coin_commitment = commitment_to(terms_, server_, coin_);
  say_to_all(out, own);
  phase_ = phase::agreeing;
}

/// All agreements are here.
void machine::agree(effects& out) {
  for (const auto peer : peers())
    if (heard<agreement>(peer).list != list_hash(terms_, list_))
      return give_up(out, reason::lists_differ, peer);
  if (!is_replicated())
    return open(out);
  say_to_all(out, coin_);
  phase_ = phase::drawing;
}

/// All coins are here: the fingerprints of what each other server holds too are for it alone.
void machine::compare(effects& out) {
  std::vector<coin> coins;
  for (unsigned server = 1; server <= terms_.server_count; ++server) {
    coins.push_back(server == server_ ? coin_ : heard<coin>(server));
    if (server != server_ &&
        commitment_to(terms_, server, coins.back()) != heard<agreement>(server).coin_commitment)
      return give_up(out, reason::wrong_coin, server);
  }
  const auto joint = joint_coins(list_hash(terms_, list_), coins);
  const auto uploads = listed_uploads();
  for (const auto peer : peers()) {
    const auto theirs = shares_of(terms_, peer);
    const auto own = shares_of(terms_, server_);
    const auto both = *std::find_first_of(own.begin(), own.end(), theirs.begin(), theirs.end());
    std::vector<bytes_view> sent;
    for (const upload* one : uploads)
      sent.push_back(sent_share(terms_, server_, *one, both));
    auto& made = own_fingerprints_[peer - 1];
    made.of_clients = fingerprints(terms_, joint, sent);
    out.emplace_back(say{peer, shared_bytes(encode(terms_, server_, made))});
  }
  phase_ = phase::comparing;
}

/// All fingerprints are here.
void machine::judge(effects& out) {
  for (const auto peer : peers())
    if (heard<fingerprint_list>(peer).of_clients.size() != list_.size())
      return give_up(out, reason::wrong_count, peer);
  verdict own;
  for (std::uint32_t i = 0; i < list_.size(); ++i) {
    const auto theirs = peers();
    if (std::any_of(theirs.begin(), theirs.end(), [&](unsigned peer) {
          return heard<fingerprint_list>(peer).of_clients[i] !=
                 own_fingerprints_[peer - 1].of_clients[i];
        }))
      own.excluded.push_back(i);
  }
  say_to_all(out, own);
  own_verdict_ = std::move(own);
  phase_ = phase::judging;
}

/// All verdicts are here: whoever is on one of them does not count.
void machine::confirm(effects& out) {
  auto excluded = own_verdict_.excluded;
  for (const auto peer : peers()) {
    const auto& theirs = heard<verdict>(peer).excluded;
    if (!theirs.empty() && theirs.back() >= list_.size())
      return give_up(out, reason::wrong_count, peer);
    excluded.insert(excluded.end(), theirs.begin(), theirs.end());
  }
  std::vector<holding> left;
  for (std::uint32_t i = 0; i < list_.size(); ++i) {
    if (std::find(excluded.begin(), excluded.end(), i) == excluded.end())
      left.push_back(list_[i]);
    else
      excluded_.push_back(list_[i].client);
  }
  list_ = std::move(left);
  if (list_.size() < terms_.clients_min)
    return give_up(out, reason::too_few);
  say_to_all(out, confirmation{list_hash(terms_, list_)});
  phase_ = phase::confirming;
}

/// All confirmations are here. Two honest servers compare theirs with each other: from here on both
/// open over the same list, whatever a third one told each of them.
void machine::open_if_confirmed(effects& out) {
  for (const auto peer : peers())
    if (heard<confirmation>(peer).list != list_hash(terms_, list_))
      return give_up(out, reason::lists_differ, peer);
  open(out);
}

void machine::open(effects& out) {
  const auto final_list = list_hash(terms_, list_);
  if (kept_ && *kept_ != final_list)
    return give_up(out, reason::opened_before);
  const auto uploads = listed_uploads();
  for (const auto share : shares_of(terms_, server_))
    own_sums_.push_back(sum_of_share(terms_, server_, share, uploads));
  opening own{.lanes = own_sums_.front(), .next = {}};
  if (is_replicated())
    own.next = sha256(own_sums_.back());
  out.emplace_back(keep_list{final_list});
  const shared_bytes content(encode(terms_, server_, own));
  for (const auto peer : peers())
    if (sees_sum(peer))
      out.emplace_back(say{peer, content});
  uploads_.clear();
  phase_ = sees_sum(server_) ? phase::summing : phase::over;
}

/// The server whose opening differs from what the one before it says of the same share, or from
/// ours.
std::optional<unsigned> machine::other_opening() const {
  for (unsigned share = 1; share <= terms_.server_count; ++share) {
    const unsigned witness = share == 1 ? terms_.server_count : share - 1;
    const auto stated = sha256(share == server_ ? own_sums_.front() : heard<opening>(share).lanes);
    const auto seen = witness == server_ ? sha256(own_sums_.back()) : *heard<opening>(witness).next;
    if (stated != seen)
      return share == server_ ? witness : share;
  }
  return {};
}

/// All openings are here.
void machine::finish(effects& out) {
  if (is_replicated())
    if (const auto other = other_opening())
      return give_up(out, reason::openings_differ, *other);
  std::vector<bytes_view> sums{own_sums_.front()};
  for (const auto peer : peers())
    sums.push_back(heard<opening>(peer).lanes);
  opened result{.sum = sum_of_lanes(terms_, sums), .clients = {}, .excluded = excluded_};
  for (const auto& one : list_)
    result.clients.push_back(one.client);
  out.emplace_back(std::move(result));
  phase_ = phase::over;
}

std::vector<const upload*> machine::listed_uploads() const {
  std::vector<const upload*> out;
  for (const auto& one : list_)
    out.push_back(&uploads_.at(one.client));
  return out;
}

} // namespace godwit::shared_sum
