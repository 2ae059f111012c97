// How does one round of a secure sum go when both sides are the real machines, and the test is the
// network between them? Every message stays where a test can read, change or withhold it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <numeric>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <godwit/actors/machines/secure_sum_client.hpp>
#include <godwit/actors/machines/secure_sum_server.hpp>
#include <godwit/privacy/digest.hpp>

#include "support/masked_body.hpp"

namespace godwit::secure_sum {

/// What a client brings along.
struct sum_member {
  client_id id;
  std::shared_ptr<const signing_key> identity;
  bytes seed;
  sha256_digest evidence{};
  sum_input input;
};

/// 32 bytes that stand for chance.
inline bytes seeded_bytes(const std::string& label) {
  const auto digest = sha256(as_bytes(label));
  return {digest.begin(), digest.end()};
}

/// Which effect of a kind is among these; nothing where there is none.
template <class Wanted, class Effect>
std::optional<Wanted> find_effect(const std::vector<Effect>& effects) {
  for (const auto& effect : effects)
    if (const auto* found = std::get_if<Wanted>(&effect))
      return *found;
  return {};
}

/// A client, and what went between it and the server: from the server as it arrived, or is about
/// to.
struct sum_seat {
  sum_member member;
  std::optional<client::machine> machine{};
  std::vector<client::input> kept{};           ///< what it took, and finds again after a crash
  std::optional<client::keep_answer> answer{}; ///< likewise
  bytes advert{}, roster{}, sealed{}, delivered{}, body{}, survivors{}, request{}, unmasked{};
  std::optional<signature> proof{}, statement{};
};

/// Seats stand in the order of the names, so that where all take part a seat is the index.
class sum_round {
public:
  using names = std::set<std::string>;

  sum_round(const terms& rules, std::vector<sum_member> members, graph_rule rule = choose_graph)
      : rule_(rule) {
    std::sort(members.begin(), members.end(),
              [](const auto& one, const auto& other) { return one.id < other.id; });
    std::vector<client_id> ids;
    for (const auto& member : members)
      ids.push_back(member.id);
    auto opened = server::machine::open({rules, ids, rule});
    REQUIRE(opened);
    server_.emplace(std::move(*opened));
    for (auto& member : members) {
      seats_.push_back({.member = std::move(member)});
      start(seats_.size() - 1);
    }
  }

  // -- the round, step by step; who is named in `without` says nothing in that step

  void advertise(const names& without = {}) {
    for (auto& seat : seats_)
      if (!without.contains(seat.member.id.name))
        REQUIRE(say(server::advert_received{seat.member.id, seat.advert, true}));
    close<server::advertising>(server::roster_closed{});
  }
  void share(const names& without = {}) {
    for (std::size_t i = 0; i < seats_.size(); ++i) {
      if (seats_[i].roster.empty() || without.contains(seats_[i].member.id.name))
        continue;
      REQUIRE(hear(i, roster_of(i)));
      REQUIRE(say(server::shares_received{seats_[i].member.id, seats_[i].sealed}));
    }
    close<server::sharing>(server::shares_closed{});
  }
  /// Clients make their bodies; those in `without` keep theirs.
  void mask(const names& without = {}) {
    for (std::size_t i = 0; i < seats_.size(); ++i) {
      auto& seat = seats_[i];
      if (seat.delivered.empty())
        continue;
      make_body(i);
      if (!without.contains(seat.member.id.name))
        REQUIRE(say(server::body_arrived{seat.member.id, sha256(seat.body), seat.proof}));
    }
    close<server::masking>(server::bodies_closed{});
  }
  /// Profile malicious: who survived is told and signed.
  void agree(const names& without = {}) {
    for (std::size_t i = 0; i < seats_.size(); ++i) {
      auto& seat = seats_[i];
      if (seat.survivors.empty() || without.contains(seat.member.id.name))
        continue;
      REQUIRE(hear(i, client::survivors_told{seat.survivors}));
      REQUIRE(say(server::consistency_received{seat.member.id, *seat.statement}));
    }
    close<server::agreeing>(server::consistency_closed{});
  }
  void unmask(const names& without = {}) {
    for (std::size_t i = 0; i < seats_.size(); ++i) {
      auto& seat = seats_[i];
      if (seat.request.empty() || without.contains(seat.member.id.name))
        continue;
      REQUIRE(hear(i, client::unmask_asked{seat.request}));
      if (std::holds_alternative<server::unmasking>(server_->current())) // else it has enough
        REQUIRE(say(server::unmask_received{seat.member.id, seat.unmasked}));
    }
    close<server::unmasking>(server::unmasking_closed{});
  }

  // -- one input at a time

  /// A client takes an input, or refuses it; what it then wants sent lies at its seat.
  result<std::vector<client::effect>> hear(std::size_t i, const client::input& input) {
    auto& seat = seats_.at(i);
    auto effects = seat.machine->apply(input);
    if (!effects)
      return effects;
    if (find_effect<client::keep>(*effects))
      seat.kept.push_back(input);
    if (const auto kept = find_effect<client::keep_answer>(*effects))
      seat.answer = *kept;
    if (const auto sent = find_effect<client::send_shares>(*effects))
      seat.sealed = sent->content;
    if (const auto sent = find_effect<client::send_body>(*effects))
      seat.proof = sent->proof;
    if (const auto sent = find_effect<client::send_consistency>(*effects))
      seat.statement = sent->statement;
    if (const auto sent = find_effect<client::send_unmask_shares>(*effects))
      seat.unmasked = sent->content;
    return effects;
  }
  /// Its body, up to the point where it is to be sent.
  void make_body(std::size_t i) {
    auto& seat = seats_.at(i);
    const auto effects = hear(i, client::shares_delivered{seat.delivered});
    REQUIRE(effects);
    REQUIRE(find_effect<client::make_body>(*effects));
    seat.body = masked_body(*seat.machine, seat.member.input);
    REQUIRE(hear(i, client::body_made{sha256(seat.body)}));
  }
  /// The server takes an input, or refuses it; what it then says lies at the clients' seats.
  result<std::vector<server::effect>> say(const server::input& input) {
    auto effects = server_->apply(input);
    if (!effects)
      return effects;
    for (const auto& effect : *effects)
      std::visit([this](const auto& one) { take(one); }, effect);
    return effects;
  }
  /// The client's process ends, and another one takes up what was kept. PLANTED: where it is told
  /// to forget its answer, it does not know that it has given one.
  void crash(std::size_t i, bool forgets_its_answer = false) {
    auto& seat = seats_.at(i);
    if (seat.answer && !forgets_its_answer) {
      seat.machine.emplace(
          client::machine::answered_before(seat.answer->request, seat.answer->answer));
      return;
    }
    start(i);
    for (const auto& input : seat.kept)
      REQUIRE(seat.machine->apply(input));
  }

  // -- what there is to see

  client::roster_told roster_of(std::size_t i) const {
    const auto decoded = decode_roster(seats_.at(i).roster);
    client::roster_told told{seats_.at(i).roster, {}};
    if (decoded)
      for (const auto& neighbour : decoded->neighbours)
        told.proven.push_back(neighbour.index);
    return told;
  }
  sum_seat& at(std::size_t i) { return seats_.at(i); }
  std::size_t size() const noexcept { return seats_.size(); }
  const server::machine& server() const noexcept { return *server_; }
  const terms& rules() const noexcept { return server_->rules(); }
  const std::optional<server::open_sum>& opening() const noexcept { return opening_; }
  const std::vector<server::exclude>& excluded() const noexcept { return excluded_; }
  const std::string& abandoned() const noexcept { return abandoned_; }
  /// Whose bodies the server has added.
  const std::vector<client_id>& added() const noexcept { return added_; }

  /// What the server opened.
  std::vector<std::uint64_t> sum() {
    REQUIRE(opening_.has_value());
    std::vector<bytes> bodies;
    for (const auto& survivor : opening_->survivors)
      bodies.push_back(seat_of(survivor).body);
    return opened_sum(rules(), bodies, opening_->masks);
  }
  /// The plain sum of what these clients brought along.
  std::vector<std::uint64_t> plain_sum(const std::vector<client_id>& clients) {
    std::vector<std::uint64_t> sum(entry_count(rules()));
    for (const auto& id : clients) {
      const auto& member = seat_of(id).member;
      const auto drawn = draw(member.seed, hash_of_terms(server_->encoded_terms()));
      const auto entries = entries_of(rules(), member.input, drawn.rounding.reveal());
      for (std::size_t lane = 0; lane < sum.size(); ++lane)
        sum[lane] += entries[lane];
    }
    return sum;
  }
  sum_seat& seat_of(const client_id& id) {
    const auto found = std::find_if(seats_.begin(), seats_.end(),
                                    [&](const sum_seat& one) { return one.member.id == id; });
    REQUIRE(found != seats_.end());
    return *found;
  }

private:
  void start(std::size_t i) {
    auto& seat = seats_[i];
    const auto& member = seat.member;
    auto opened = client::machine::open({server_->encoded_terms(), rules().round, rules().model,
                                         member.id, member.identity, member.evidence,
                                         secret(bytes(member.seed)), rule_});
    REQUIRE(opened);
    seat.machine.emplace(std::move(*opened));
    seat.advert = seat.machine->advert();
  }
  /// Ends a step that still waits for somebody.
  template <class Phase>
  void close(const server::input& closing) {
    if (std::holds_alternative<Phase>(server_->current()))
      REQUIRE(say(closing));
  }
  void take(const server::send_roster& said) { seat_of(said.client).roster = said.content; }
  void take(const server::deliver_shares& said) { seat_of(said.client).delivered = said.content; }
  void take(const server::tell_survivors& said) { seat_of(said.client).survivors = said.content; }
  void take(const server::ask_unmask& said) { seat_of(said.client).request = said.content; }
  void take(const server::add_body& said) { added_.push_back(said.client); }
  void take(const server::exclude& said) { excluded_.push_back(said); }
  void take(const server::open_sum& said) {
    opening_.emplace();
    opening_->survivors = said.survivors;
    opening_->liars = said.liars;
    for (const auto& mask : said.masks) {
      const auto key = mask.key.reveal();
      opening_->masks.push_back({secret(bytes(key.begin(), key.end())), mask.is_subtracted});
    }
  }
  void take(const server::abandon& said) { abandoned_ = said.reason; }

  graph_rule rule_;
  std::optional<server::machine> server_;
  std::vector<sum_seat> seats_;
  std::optional<server::open_sum> opening_;
  std::vector<server::exclude> excluded_;
  std::vector<client_id> added_;
  std::string abandoned_;
};

} // namespace godwit::secure_sum
