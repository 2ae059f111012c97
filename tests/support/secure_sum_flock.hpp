// How is a secure sum flown with real machines, so that a test can look at each message, let
// clients die, crash and repeat themselves, and hold the opened sum against the plain one?
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <doctest/doctest.h>

#include "support/secure_sum_clients.hpp"

namespace godwit::secure_sum {

/// Until where a client lives: it does not hear what the next message says.
enum class life : std::uint8_t {
  none,
  to_advert,
  to_shares,
  to_body,
  to_consistency,
  whole,
};

/// What a flight is made of; the rest comes from `seed`.
struct flight_plan {
  terms rules;
  std::vector<life> lives; ///< one a client
  graph_rule rule = choose_graph;
  bool is_rough = false; ///< messages come twice, processes crash and go on from what they kept
  std::uint64_t seed = 0;
};

/// How it ended.
struct flight_end {
  std::optional<std::vector<std::uint64_t>> sum; ///< nothing where it was abandoned
  std::vector<client_id> survivors;
  std::string reason; ///< of abandoning
  std::uint32_t threshold = 0;
  std::map<client_id, std::vector<client_id>> neighbours; ///< of those in the roster
  std::size_t crash_count = 0;
};

/// Flies one secure sum: delivers messages in random order, and closes a step when none is left.
class flight {
public:
  explicit flight(flight_plan plan) : plan_(std::move(plan)), random_(plan_.seed) {
    std::vector<client_id> members;
    for (std::uint32_t i = 0; i < plan_.lives.size(); ++i) {
      clients_.push_back(make_client(plan_.rules, i, plan_.rule));
      members.push_back(clients_.back().name);
      number_of_[members.back()] = i;
      if (plan_.lives[i] != life::none)
        to_server(server::advert_received{members.back(), clients_.back().machine->advert(), true});
    }
    auto opened = server::machine::open({plan_.rules, members, plan_.rule});
    REQUIRE(opened);
    server_ = std::move(*opened);
    members_ = std::move(members);
  }

  flight_end fly() {
    while (!is_over_) {
      if (letters_.empty()) {
        close_step();
        continue;
      }
      const auto at = random_() % letters_.size();
      std::swap(letters_[at], letters_.back());
      auto next = std::move(letters_.back());
      letters_.pop_back();
      if (plan_.is_rough && random_() % 8 == 0)
        letters_.push_back(next); // it comes once more
      std::visit([this](const auto& x) { deliver(x); }, next);
      if (plan_.is_rough && random_() % 16 == 0)
        crash_server();
    }
    return end_;
  }

  const std::vector<flock_client>& clients() const { return clients_; }

private:
  struct for_client {
    std::uint32_t number;
    client::input in;
    life needed; ///< dead before it hears this, unless it lives so long
  };
  using letter = std::variant<for_client, server::input>;

  void to_server(server::input in) { letters_.emplace_back(std::move(in)); }
  void to_client(const client_id& client, client::input in, life needed) {
    letters_.emplace_back(for_client{number_of_.at(client), std::move(in), needed});
  }

  void close_step() {
    struct {
      server::input operator()(const server::advertising&) { return server::roster_closed{}; }
      server::input operator()(const server::sharing&) { return server::shares_closed{}; }
      server::input operator()(const server::masking&) { return server::bodies_closed{}; }
      server::input operator()(const server::agreeing&) { return server::consistency_closed{}; }
      server::input operator()(const server::unmasking&) { return server::unmasking_closed{}; }
      server::input operator()(const server::opened&) { return server::deadline_passed{}; }
      server::input operator()(const server::abandoned&) { return server::deadline_passed{}; }
    } closing;
    deliver(std::visit(closing, server_->current()));
  }

  void deliver(const server::input& in) {
    auto effects = server_->apply(in);
    if (!effects) // late or repeated: it changed nothing
      return;
    kept_.push_back(in);
    if (const auto* here = std::get_if<server::sharing>(&server_->current()))
      note_roster(*here);
    for (auto& x : *effects)
      std::visit([this](auto& effect) { perform(effect); }, x);
  }

  void note_roster(const server::joined& here) {
    end_.threshold = here.threshold;
    for (std::size_t u = 0; u < here.clients.size(); ++u) {
      auto& near = end_.neighbours[here.clients[u].client];
      near.clear();
      for (const auto v : here.neighbours[u])
        near.push_back(here.clients[v].client);
    }
  }

  void perform(const server::send_roster& x) {
    const auto told = decode_roster(x.content);
    REQUIRE(told);
    std::vector<std::uint32_t> proven;
    for (const auto& near : told->neighbours)
      proven.push_back(near.index);
    to_client(x.client, client::roster_told{x.content, proven}, life::to_shares);
  }
  void perform(const server::deliver_shares& x) {
    to_client(x.client, client::shares_delivered{x.content}, life::to_body);
  }
  void perform(const server::add_body& x) { added_.push_back(x.client); }
  void perform(const server::tell_survivors& x) {
    to_client(x.client, client::survivors_told{x.content}, life::to_consistency);
  }
  void perform(const server::ask_unmask& x) {
    to_client(x.client, client::unmask_asked{x.content}, life::whole);
  }
  void perform(const server::exclude&) {}
  void perform(server::open_sum& x) {
    std::vector<bytes> bodies;
    for (const auto& client : added_)
      bodies.push_back(bodies_.at(client));
    end_.sum = sum_of(plan_.rules, bodies, x);
    end_.survivors = x.survivors;
    CHECK(x.liars.empty());
    is_over_ = true;
  }
  void perform(const server::abandon& x) {
    end_.reason = x.reason;
    is_over_ = true;
  }

  void deliver(const for_client& x) {
    auto& who = clients_[x.number];
    if (plan_.lives[x.number] < x.needed)
      return;
    auto effects = who.machine->apply(x.in);
    if (!effects)
      return;
    do_all(who, x.in, *effects);
    if (plan_.is_rough && random_() % 8 == 0)
      crash(who);
  }

  void do_all(flock_client& who, const client::input& in,
              const std::vector<client::effect>& effects) {
    for (const auto& effect : effects) {
      if (std::holds_alternative<client::keep>(effect))
        who.kept.push_back(in);
      else if (const auto* kept = std::get_if<client::keep_answer>(&effect))
        who.answer = *kept;
      else if (const auto* shares = std::get_if<client::send_shares>(&effect))
        to_server(server::shares_received{who.name, shares->content});
      else if (std::holds_alternative<client::make_body>(effect))
        make_body(who);
      else if (const auto* body = std::get_if<client::send_body>(&effect))
        to_server(server::body_arrived{who.name, body->body, body->proof});
      else if (const auto* sworn = std::get_if<client::send_consistency>(&effect))
        to_server(server::consistency_received{who.name, sworn->statement});
      else if (const auto* answer = std::get_if<client::send_unmask_shares>(&effect))
        to_server(server::unmask_received{who.name, answer->content});
    }
  }

  void make_body(flock_client& who) {
    auto body = body_of(*who.machine, who.entries);
    const client::input in = client::body_made{sha256(body)};
    const auto [held, is_new] = bodies_.emplace(who.name, body);
    CHECK(held->second == body); // made again after a crash: the same
    const auto effects = who.machine->apply(in);
    REQUIRE(effects);
    do_all(who, in, *effects);
  }

  void crash(flock_client& who) {
    ++end_.crash_count;
    const auto before = name(who.machine->current());
    if (who.answer) {
      who.machine = client::machine::answered_before(who.answer->request, who.answer->answer);
    } else {
      auto opened = client::machine::open(opening_of(who, plan_.rules, plan_.rule));
      REQUIRE(opened);
      CHECK(opened->advert() == who.machine->advert());
      who.machine = std::move(*opened);
      const auto again = std::exchange(who.kept, {});
      for (const auto& in : again) {
        const auto effects = who.machine->apply(in);
        REQUIRE(effects);
        who.kept.push_back(in);
      }
    }
    CHECK(name(who.machine->current()) == before);
  }

  void crash_server() {
    ++end_.crash_count;
    auto opened = server::machine::open({plan_.rules, members_, plan_.rule});
    REQUIRE(opened);
    for (const auto& in : kept_)
      REQUIRE(opened->apply(in));
    CHECK(name(opened->current()) == name(server_->current()));
    server_ = std::move(*opened);
    for (const auto& client : members_) { // all come back to it
      const server::input in = server::client_back{client};
      const auto effects = server_->apply(in);
      REQUIRE(effects);
      for (const auto& x : *effects)
        if (const auto* told = std::get_if<server::send_roster>(&x))
          perform(*told);
        else if (const auto* shares = std::get_if<server::deliver_shares>(&x))
          perform(*shares);
        else if (const auto* survivors = std::get_if<server::tell_survivors>(&x))
          perform(*survivors);
        else if (const auto* asked = std::get_if<server::ask_unmask>(&x))
          perform(*asked);
    }
  }

  flight_plan plan_;
  std::mt19937_64 random_;
  std::vector<flock_client> clients_;
  std::vector<client_id> members_;
  std::map<client_id, std::uint32_t> number_of_;
  std::optional<server::machine> server_;
  std::vector<server::input> kept_;
  std::vector<letter> letters_;
  std::map<client_id, bytes> bodies_; ///< as they were made
  std::vector<client_id> added_;
  flight_end end_;
  bool is_over_ = false;
};

} // namespace godwit::secure_sum
