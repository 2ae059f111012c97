// How do tests play the edges of a round whose sum is secure? By the machines that real edges have.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <godwit/actors/machines/secure_evidence.hpp>
#include <godwit/actors/machines/secure_sum_client.hpp>
#include <godwit/privacy/digest.hpp>

#include "support/round_driver.hpp"

namespace godwit::round {

/// Edges named by one letter each, and a round that invites them. Their vectors are not made, only
/// named: what is summed is the aggregator's.
struct masked_flock {
  explicit masked_flock(const std::string& letters, std::uint32_t cohort, std::uint32_t cohort_min,
                        secure_sum::profile with = secure_sum::profile::semi_honest)
      : names(letters), profile(with), d(rules_for(letters, cohort, cohort_min, with)) {}

  static secure_sum::terms terms_for(std::size_t n, std::uint32_t cohort_min,
                                     secure_sum::profile with) {
    secure_sum::terms made;
    made.profile = with;
    made.job = "server";
    made.round = {1};
    made.clients_min = cohort_min;
    made.clients_max = static_cast<std::uint32_t>(n);
    made.fractions = {.corrupt = 100, .dropped = 100};
    made.streams = {{10, -1, 1, 16}};
    made.modulus_bits = secure_sum::modulus_bits_for(made.clients_max, 1, made.streams);
    made.lane_bits = secure_sum::lane_bits_for(made.modulus_bits);
    return made;
  }
  static plan rules_for(const std::string& letters, std::uint32_t cohort, std::uint32_t cohort_min,
                        secure_sum::profile with) {
    auto made = driver::rules(cohort, cohort_min);
    made.upload_count_max = 100;
    made.secure = terms_for(letters.size(), cohort_min, with);
    return made;
  }

  effects open() {
    const auto terms =
        as_text(secure_sum::encode(terms_for(names.size(), d.m.rules().cohort_min, profile)));
    auto out = d.must(round::open{d.id, driver::named(names), {}, false, terms});
    for (const char letter : names) {
      const std::string name(1, letter);
      auto identity = signing_key::from_seed(secret(bytes(32, std::byte(letter))));
      REQUIRE(identity);
      const auto evidence = evidence_of({name}, identity->public_key());
      auto machine = secure_sum::client::machine::open(
          {.terms = bytes_of(terms),
           .round = d.id,
           .model = {},
           .self = {name},
           .identity = std::make_shared<const signing_key>(std::move(*identity)),
           .evidence = sha256(as_bytes(evidence)),
           .seed = secret(bytes(32, std::byte(letter + 1)))});
      REQUIRE(machine);
      edges.emplace(name, std::move(*machine));
    }
    return out;
  }

  bool is_malicious() const { return profile == secure_sum::profile::malicious; }
  /// In the place of a certificate and a signature.
  std::string evidence_of(const client_id& client, const verifying_key& key) const {
    return is_malicious() ? client.name + " has " + hex(key) : std::string();
  }

  static bytes bytes_of(const shared_bytes& content) {
    return bytes(content.view().begin(), content.view().end());
  }
  static bytes bytes_of(const std::string& text) {
    const auto view = as_bytes(text);
    return bytes(view.begin(), view.end());
  }
  spoke word(const std::string& who, secure_step step, bytes_view content) const {
    return {{who},
            {.round = d.id,
             .step = static_cast<std::uint8_t>(step),
             .content = as_text(content),
             .evidence = {},
             .letter = {}}};
  }
  spoke advert(const std::string& who) {
    auto made = word(who, secure_step::advert, edges.at(who).advert());
    const auto own = secure_sum::decode_advert(edges.at(who).advert());
    REQUIRE(own);
    made.word.evidence = evidence_of({who}, own->identity);
    return made;
  }

  std::vector<std::uint32_t> proven(const call& x) {
    const auto roster = secure_sum::decode_roster(x.what.content.view());
    REQUIRE(roster);
    if (is_malicious())
      return secure_sum::proven_in(*roster, told_evidence[x.client.name].view(),
                                   [this](const auto& client, const auto& key, bytes_view said) {
                                     return as_text(said) == evidence_of(client, key);
                                   });
    std::vector<std::uint32_t> all;
    for (const auto& each : roster->neighbours)
      all.push_back(each.index);
    return all;
  }

  /// The edge hears the call; what it says to that, if it says anything, or why it says no.
  result<std::optional<spoke>> judge(const call& x) {
    namespace sums = secure_sum::client;
    const auto content = bytes_of(x.what.content);
    sums::input in = sums::unmask_asked{content};
    switch (secure_step{x.what.step}) {
    case secure_step::evidence:
      told_evidence[x.client.name] = x.what.content;
      return std::optional<spoke>{};
    case secure_step::roster:
      in = sums::roster_told{content, proven(x)};
      break;
    case secure_step::delivered_shares:
      in = sums::shares_delivered{content};
      break;
    case secure_step::survivors:
      in = sums::survivors_told{content};
      break;
    default:
      break;
    }
    auto said = edges.at(x.client.name).apply(in);
    if (!said)
      return said.why();
    for (const auto& each : *said) {
      if (const auto* shares = std::get_if<sums::send_shares>(&each))
        return std::optional(word(x.client.name, secure_step::sealed_shares, shares->content));
      if (const auto* sworn = std::get_if<sums::send_consistency>(&each))
        return std::optional(word(x.client.name, secure_step::consistent, sworn->statement));
      if (const auto* answer = std::get_if<sums::send_unmask_shares>(&each))
        return std::optional(word(x.client.name, secure_step::unmask_shares, answer->content));
    }
    return std::optional<spoke>{};
  }
  std::optional<spoke> hear(const call& x) {
    auto said = judge(x);
    REQUIRE(said);
    return *said;
  }
  /// Everybody who is called answers; what the last answer led to.
  effects all_hear(const effects& from) {
    effects last;
    for (const auto& each : all<call>(from))
      if (const auto said = hear(each))
        last = d.must(*said);
    return last;
  }

  /// Acceptance and keys of all; the rosters.
  effects all_accept() {
    effects last;
    for (const char letter : names) {
      d.must(d.accepts(std::string(1, letter)));
      last = d.must(advert(std::string(1, letter)));
    }
    return last;
  }
  /// Up to where vectors are taken.
  effects join() {
    open();
    return all_hear(all_accept());
  }
  effects report(const std::string& who) {
    namespace sums = secure_sum::client;
    const auto digest = sha256(as_bytes(who));
    const auto made = edges.at(who).apply(sums::body_made{digest});
    REQUIRE(made);
    for (const auto& each : *made)
      if (const auto* x = std::get_if<sums::send_body>(&each); x && x->proof)
        d.must(word(who, secure_step::body_proof, *x->proof));
    auto offer = d.offers(who);
    offer.offer.update.sha256 = digest;
    d.must(offer);
    d.must(d.arrives(who));
    return d.must(d.adds(who));
  }

  std::string names;
  secure_sum::profile profile;
  std::map<std::string, shared_bytes> told_evidence;
  driver d;
  std::map<std::string, secure_sum::client::machine> edges;
};

} // namespace godwit::round
