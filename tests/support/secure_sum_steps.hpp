// How is a secure sum taken step by step, each client where the test wants it, with real machines?
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <numeric>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "support/secure_sum_flock.hpp"

namespace godwit::secure_sum {

/// The effects of one kind, in order.
template <class Effect, class Effects>
std::vector<Effect> all_of(const Effects& from) {
  std::vector<Effect> found;
  for (const auto& x : from)
    if (const auto* it = std::get_if<Effect>(&x))
      found.push_back(*it);
  return found;
}

/// A server and its clients, "edge-0" and so on, which have the same indices in a full roster. What
/// the clients said is kept by number, and goes to the server when the test says so.
struct stepped_sum {
  using numbers = std::vector<std::uint32_t>;

  explicit stepped_sum(terms of, std::uint32_t count, graph_rule rule = choose_graph)
      : rules(std::move(of)) {
    std::vector<client_id> members;
    for (std::uint32_t i = 0; i < count; ++i) {
      clients.push_back(make_client(rules, i, rule));
      members.push_back(clients.back().name);
    }
    auto begun = server::machine::open({rules, members, rule});
    REQUIRE(begun);
    machine = std::move(*begun);
  }

  // What the server makes of one input.

  std::vector<server::effect> done(const server::input& in) {
    auto effects = machine->apply(in);
    REQUIRE(effects);
    hear(*effects);
    return std::move(*effects);
  }
  refusal refused(const server::input& in) {
    const auto before = name(machine->current());
    const auto effects = machine->apply(in);
    REQUIRE_FALSE(effects);
    CHECK(name(machine->current()) == before);
    return effects.why();
  }

  // One step each; with all clients, if none are named.

  void advertise(numbers some = {}) {
    for (const auto i : or_all(std::move(some)))
      done(server::advert_received{clients[i].name, clients[i].machine->advert(), true});
  }
  void share(numbers some = {}) {
    for (const auto i : or_all(std::move(some), sealed))
      done(server::shares_received{clients[i].name, sealed.at(i)});
  }
  /// Makes the bodies of all who were delivered shares; none is sent.
  void make_bodies() {
    for (const auto& [i, content] : delivered) {
      auto& who = clients[i];
      const auto body = body_of(*who.machine, who.entries);
      const auto sent = client_hears(i, client::body_made{sha256(body)});
      const auto effect = all_of<client::send_body>(sent).front();
      packed[who.name] = body;
      bodies[i] = {who.name, effect.body, effect.proof};
    }
  }
  void mask(numbers some = {}) {
    make_bodies();
    for (const auto i : or_all(std::move(some), bodies))
      done(bodies.at(i));
  }
  void agree(const numbers& some) {
    for (const auto i : some)
      done(server::consistency_received{clients[i].name, statements.at(i)});
  }
  void unmask(const numbers& some) {
    for (const auto i : some)
      done(server::unmask_received{clients[i].name, answers.at(i)});
  }

  std::vector<client::effect> client_hears(std::uint32_t i, const client::input& in) {
    auto effects = clients[i].machine->apply(in);
    REQUIRE(effects);
    return std::move(*effects);
  }

  /// Lets the clients hear what the server says, once, and keeps what they say.
  void hear(std::vector<server::effect>& effects) {
    for (auto& effect : effects)
      if (const auto* told = std::get_if<server::send_roster>(&effect))
        hear_roster(number_of(told->client), told->content);
      else if (const auto* shares = std::get_if<server::deliver_shares>(&effect))
        hear_shares(number_of(shares->client), shares->content);
      else if (const auto* survivors = std::get_if<server::tell_survivors>(&effect))
        statements[number_of(survivors->client)] =
            all_of<client::send_consistency>(
                client_hears(number_of(survivors->client),
                             client::survivors_told{survivors->content}))
                .front()
                .statement;
      else if (const auto* asked = std::get_if<server::ask_unmask>(&effect))
        hear_request(number_of(asked->client), asked->content);
      else if (const auto* added = std::get_if<server::add_body>(&effect))
        added_bodies.push_back(packed.at(added->client));
      else if (auto* made = std::get_if<server::open_sum>(&effect))
        opened = std::move(*made);
  }

  bool is_plain_sum_of(const numbers& some) const {
    REQUIRE(opened);
    std::vector<std::uint64_t> plain(value_entry_count(rules));
    for (const auto i : some)
      for (std::size_t j = 0; j < plain.size(); ++j)
        plain[j] += clients[i].entries[j];
    return sum_of(rules, added_bodies, *opened) == plain;
  }

  terms rules;
  std::vector<flock_client> clients;
  std::optional<server::machine> machine;
  std::map<std::uint32_t, bytes> rosters, sealed, delivered, requests, answers;
  std::map<std::uint32_t, server::body_arrived> bodies;
  std::map<std::uint32_t, signature> statements;
  std::map<client_id, bytes> packed;
  std::vector<bytes> added_bodies;
  std::optional<server::open_sum> opened;

private:
  numbers or_all(numbers some) const {
    if (some.empty()) {
      some.resize(clients.size());
      std::iota(some.begin(), some.end(), 0U);
    }
    return some;
  }
  template <class Said>
  static numbers or_all(numbers some, const std::map<std::uint32_t, Said>& said) {
    if (some.empty())
      for (const auto& [i, content] : said)
        some.push_back(i);
    return some;
  }
  std::uint32_t number_of(const client_id& client) const {
    return static_cast<std::uint32_t>(std::stoul(client.name.substr(5)));
  }

  void hear_roster(std::uint32_t i, const bytes& content) {
    const auto told = decode_roster(content);
    REQUIRE(told);
    std::vector<std::uint32_t> proven;
    for (const auto& near : told->neighbours)
      proven.push_back(near.index);
    rosters[i] = content;
    sealed[i] = all_of<client::send_shares>(client_hears(i, client::roster_told{content, proven}))
                    .front()
                    .content;
  }
  void hear_shares(std::uint32_t i, const bytes& content) {
    client_hears(i, client::shares_delivered{content});
    delivered[i] = content;
  }
  void hear_request(std::uint32_t i, const bytes& content) {
    requests[i] = content;
    answers[i] = all_of<client::send_unmask_shares>(client_hears(i, client::unmask_asked{content}))
                     .front()
                     .content;
  }
};

} // namespace godwit::secure_sum
