// How do tests play the edges of a round whose sum is secure? By the machines that real edges have.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <godwit/actors/machines/secure_sum_client.hpp>
#include <godwit/privacy/digest.hpp>

#include "support/round_driver.hpp"

namespace godwit::round {

/// Edges named by one letter each, and a round that invites them. Their vectors are not made, only
/// named: what is summed is the aggregator's.
struct masked_flock {
  explicit masked_flock(const std::string& letters, std::uint32_t cohort, std::uint32_t cohort_min)
      : names(letters), d(rules_for(letters, cohort, cohort_min)) {}

  static secure_sum::terms terms_for(std::size_t n, std::uint32_t cohort_min) {
    secure_sum::terms made;
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
  static plan rules_for(const std::string& letters, std::uint32_t cohort,
                        std::uint32_t cohort_min) {
    auto made = driver::rules(cohort, cohort_min);
    made.upload_count_max = 100;
    made.secure = terms_for(letters.size(), cohort_min);
    return made;
  }

  effects open() {
    const auto terms = as_text(secure_sum::encode(terms_for(names.size(), d.m.rules().cohort_min)));
    auto out = d.must(round::open{d.id, driver::named(names), {}, false, terms});
    for (const char letter : names) {
      const std::string name(1, letter);
      auto machine = secure_sum::client::machine::open(
          {.terms = bytes_of(terms),
           .round = d.id,
           .model = {},
           .self = {name},
           .identity = std::make_shared<const signing_key>(
               std::move(*signing_key::from_seed(secret(bytes(32, std::byte(letter)))))),
           .evidence = sha256({}),
           .seed = secret(bytes(32, std::byte(letter + 1)))});
      REQUIRE(machine);
      edges.emplace(name, std::move(*machine));
    }
    return out;
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
    return word(who, secure_step::advert, edges.at(who).advert());
  }

  /// The edge hears the call; what it says to that, if it says anything.
  std::optional<spoke> hear(const call& x) {
    namespace sums = secure_sum::client;
    auto content = bytes_of(x.what.content);
    sums::input in = sums::unmask_asked{content};
    if (secure_step{x.what.step} == secure_step::roster) {
      sums::roster_told told{content, {}};
      const auto roster = secure_sum::decode_roster(content);
      REQUIRE(roster);
      for (const auto& each : roster->neighbours)
        told.proven.push_back(each.index);
      in = std::move(told);
    } else if (secure_step{x.what.step} == secure_step::delivered_shares) {
      in = sums::shares_delivered{content};
    }
    auto said = edges.at(x.client.name).apply(in);
    REQUIRE(said);
    for (const auto& each : *said) {
      if (const auto* shares = std::get_if<sums::send_shares>(&each))
        return word(x.client.name, secure_step::sealed_shares, shares->content);
      if (const auto* answer = std::get_if<sums::send_unmask_shares>(&each))
        return word(x.client.name, secure_step::unmask_shares, answer->content);
    }
    return {};
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
    const auto digest = sha256(as_bytes(who));
    REQUIRE(edges.at(who).apply(secure_sum::client::body_made{digest}));
    auto offer = d.offers(who);
    offer.offer.update.sha256 = digest;
    d.must(offer);
    d.must(d.arrives(who));
    return d.must(d.adds(who));
  }

  std::string names;
  driver d;
  std::map<std::string, secure_sum::client::machine> edges;
};

} // namespace godwit::round
