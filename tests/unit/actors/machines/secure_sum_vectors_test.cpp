// Do the machines say, message by message, what the second implementation's rounds say, and do they
// open its sums?
#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <godwit/actors/machines/secure_body.hpp>

#include "support/secure_sum_flock.hpp"
#include "unit/privacy/secure_sum_vectors.hpp"

using namespace godwit;
using namespace godwit::secure_sum;
using namespace godwit::secure_sum_vectors;

namespace {

/// What the machines said, by kind of message and index of the client.
using sayings = std::map<std::string, std::map<std::uint32_t, bytes>>;

struct vector_client {
  vector_record record;
  flock_client held;
  std::vector<std::vector<float>> values; ///< of each stream

  bytes body() const {
    client_values made{.weight = static_cast<std::uint32_t>(number(record, "weight")),
                       .streams = {}};
    for (const auto& some : values)
      made.streams.emplace_back(some);
    auto packed = make_body(*held.machine, made);
    REQUIRE(packed);
    return std::move(*packed);
  }
};

template <class Effect>
const Effect& only(const std::vector<client::effect>& effects) {
  for (const auto& x : effects)
    if (const auto* found = std::get_if<Effect>(&x))
      return *found;
  FAIL("an effect is missing");
  throw;
}

/// One round of the vectors, flown in step.
class vector_flight {
public:
  explicit vector_flight(const vector_record& round) : round_(round) {
    const auto encoded = content(round, "terms");
    auto rules = decode_terms(encoded);
    REQUIRE(rules);
    rules_ = *rules;
    std::vector<client_id> members;
    for (auto& record : items("client")) {
      if (record.at("round") != round.at("name"))
        continue;
      members.push_back({record.at("name")});
      open_client(record, encoded);
    }
    auto opened = server::machine::open({rules_, members});
    REQUIRE(opened);
    server_ = std::move(*opened);
    CHECK(server_->encoded_terms() == encoded);
  }

  sayings fly() {
    for (auto& x : clients_)
      say("advert", index_of(x.held.name), x.held.machine->advert());
    for (auto& x : clients_)
      tell(server::advert_received{x.held.name, x.held.machine->advert(), true});
    for (const auto u : numbers<std::uint32_t>(round_, "u2"))
      tell(server::shares_received{clients_[u].held.name, said_["sealed"].at(u)});
    if (std::holds_alternative<server::sharing>(server_->current()))
      tell(server::shares_closed{});
    for (const auto u : numbers<std::uint32_t>(round_, "u3"))
      tell(server::body_arrived{clients_[u].held.name, sha256(said_["body"].at(u)), proofs_[u]});
    if (std::holds_alternative<server::masking>(server_->current()))
      tell(server::bodies_closed{});
    for (const auto& [u, statement] : std::map(said_["consistent"])) {
      server::consistency_received in{clients_[u].held.name, {}};
      std::copy(statement.begin(), statement.end(), in.statement.begin());
      tell(in);
    }
    for (const auto& [u, answer] : std::map(said_["unmask_shares"]))
      tell(server::unmask_received{clients_[u].held.name, answer});
    return said_;
  }

  std::vector<std::uint64_t> sum;

private:
  void open_client(const vector_record& record, const bytes& encoded) {
    vector_client made{record, {}, {}};
    made.held.name = {record.at("name")};
    auto key = signing_key::from_seed(secret(content(record, "identity_seed")));
    REQUIRE(key);
    client::opening opening;
    opening.terms = encoded;
    opening.round = rules_.round;
    opening.model = rules_.model;
    opening.self = made.held.name;
    opening.identity = std::make_shared<const signing_key>(std::move(*key));
    opening.evidence = array<32>(record, "evidence_hash");
    opening.seed = secret(content(record, "seed"));
    auto opened = client::machine::open(std::move(opening));
    REQUIRE(opened);
    made.held.machine = std::move(*opened);
    for (std::size_t i = 0; i < value_streams(rules_).size(); ++i)
      made.values.push_back(floats(record, fmt::format("values_{}", i)));
    clients_.push_back(std::move(made));
  }

  std::uint32_t index_of(const client_id& client) const {
    const auto at = std::find_if(clients_.begin(), clients_.end(),
                                 [&](const auto& x) { return x.held.name == client; });
    return static_cast<std::uint32_t>(at - clients_.begin());
  }
  void say(const std::string& kind, std::uint32_t index, bytes content) {
    said_[kind][index] = std::move(content);
  }

  void tell(const server::input& in) {
    auto effects = server_->apply(in);
    REQUIRE(effects);
    for (auto& x : *effects)
      std::visit([this](auto& effect) { perform(effect); }, x);
  }
  std::vector<client::effect> hear(std::uint32_t u, const client::input& in) {
    auto effects = clients_[u].held.machine->apply(in);
    REQUIRE(effects);
    return std::move(*effects);
  }

  void perform(server::send_roster& x) {
    const auto u = index_of(x.client);
    std::vector<std::uint32_t> proven;
    for (const auto& client : x.neighbours)
      proven.push_back(index_of(client));
    say("sealed", u,
        only<client::send_shares>(hear(u, client::roster_told{x.content, proven})).content);
    say("roster", u, x.content);
  }
  void perform(server::deliver_shares& x) {
    const auto u = index_of(x.client);
    hear(u, client::shares_delivered{x.content});
    const auto body = clients_[u].body();
    proofs_[u] = only<client::send_body>(hear(u, client::body_made{sha256(body)})).proof;
    say("delivered", u, x.content);
    say("body", u, body);
    if (proofs_[u])
      say("body_signature", u, bytes(proofs_[u]->begin(), proofs_[u]->end()));
  }
  void perform(server::tell_survivors& x) {
    const auto u = index_of(x.client);
    const auto statement =
        only<client::send_consistency>(hear(u, client::survivors_told{x.content})).statement;
    say("consistent", u, bytes(statement.begin(), statement.end()));
    CHECK(hex(x.content) == round_.at("survivors"));
  }
  void perform(server::ask_unmask& x) {
    const auto u = index_of(x.client);
    say("unmask_request", u, x.content);
    say("unmask_shares", u,
        only<client::send_unmask_shares>(hear(u, client::unmask_asked{x.content})).content);
  }
  void perform(server::open_sum& x) {
    body_sum bodies(rules_);
    for (const auto u : numbers<std::uint32_t>(round_, "u3"))
      REQUIRE(bodies.add(said_["body"].at(u)));
    const auto opened = bodies.open({std::move(x.masks), x.survivors, {}, x.root}, rules_.round);
    REQUIRE(opened);
    sum.resize(numbers(round_, "sum").size());
    for (std::size_t i = 0; i < sum.size(); ++i)
      sum[i] = opened->entry(i);
  }
  void perform(const server::add_body&) {}
  void perform(const server::exclude&) {}
  void perform(const server::abandon& x) { FAIL(x.reason); }

  vector_record round_;
  terms rules_;
  std::vector<vector_client> clients_;
  std::optional<server::machine> server_;
  std::map<std::uint32_t, std::optional<signature>> proofs_;
  sayings said_;
};

} // namespace

TEST_CASE("whole rounds go word for word as the second implementation's, and open its sums") {
  std::size_t compared = 0;
  for (const auto& round : items("round")) {
    CAPTURE(round.at("name"));
    vector_flight flown(round);
    const auto said = flown.fly();
    CHECK(flown.sum == numbers(round, "sum"));
    for (const auto& [kind, messages] : said) {
      CAPTURE(kind);
      if (round.contains("all_" + kind)) {
        bytes whole;
        for (const auto& [u, message] : messages)
          whole.insert(whole.end(), message.begin(), message.end());
        CHECK(hex(sha256(whole)) == round.at("all_" + kind));
        ++compared;
      }
    }
    for (const auto& record : items("client")) {
      if (record.at("round") != round.at("name"))
        continue;
      const auto u = static_cast<std::uint32_t>(number(record, "index"));
      for (const auto& [kind, messages] : said) {
        if (!record.contains(kind))
          continue;
        CAPTURE(kind);
        CAPTURE(u);
        REQUIRE(messages.contains(u));
        CHECK(hex(messages.at(u)) == hex(content(record, kind)));
        ++compared;
      }
    }
  }
  CHECK(compared > 150);
}
