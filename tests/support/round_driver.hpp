// How do tests play the world around a round machine: its edges, its aggregator, its clock?
#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <doctest/doctest.h>

#include <godwit/actors/machines/round.hpp>

namespace godwit::round {

using effects = std::vector<effect>;

/// The effects of one kind, in order.
template <class Effect>
std::vector<Effect> all(const effects& from) {
  std::vector<Effect> found;
  for (const auto& x : from)
    if (const auto* it = std::get_if<Effect>(&x))
      found.push_back(*it);
  return found;
}

template <class Effect>
std::size_t count(const effects& from) {
  return all<Effect>(from).size();
}

/// The names of the clients that effects of one kind speak of, in order.
template <class Effect>
std::string clients(const effects& from) {
  std::string names;
  for (const auto& x : all<Effect>(from))
    names += (names.empty() ? "" : " ") + x.client.name;
  return names;
}

/// A round of one small model. Clients are called by one letter: "a", "b", ...
struct driver {
  static constexpr std::uint64_t update_bytes = 400;

  explicit driver(plan rules) : m(rules) {}

  plan static rules(std::uint32_t cohort, std::uint32_t cohort_min) {
    return {.cohort = cohort,
            .cohort_min = cohort_min,
            .lasts_for = std::chrono::seconds(100),
            .upload_count_max = 2,
            .upload_lasts_for = std::chrono::seconds(10),
            .update_bytes = update_bytes};
  }

  static std::vector<client_id> named(const std::string& letters) {
    std::vector<client_id> made;
    for (char c : letters)
      made.push_back({std::string(1, c)});
    return made;
  }

  static update_offer offer_of(round_id round) {
    return {.round = round,
            .example_count = 7,
            .step_count = 3,
            .loss = 0.5,
            .update = {.sha256 = {}, .byte_count = update_bytes}};
  }

  result<effects> feed(const input& in) { return m.apply(in, now); }

  /// Feeds what must be accepted.
  effects must(const input& in) {
    auto out = feed(in);
    if (!out)
      FAIL("refused: ", std::string(name(out.why())));
    return *out;
  }

  /// Feeds what must be refused, and answers why; "" where it is accepted.
  std::string refused(const input& in) {
    const auto out = feed(in);
    return out ? std::string() : std::string(name(out.why()));
  }

  // -- what the world says, in one word each

  effects open(const std::string& invited, const std::string& reserve = {},
               bool evaluates = false) {
    return must(round::open{id, named(invited), named(reserve), evaluates});
  }
  answered accepts(const std::string& who) const { return {{who}, {id, 1, {}}}; }
  answered declines(const std::string& who) const { return {{who}, {id, 0, "low battery"}}; }
  offered offers(const std::string& who) const { return {{who}, offer_of(id)}; }
  arrived arrives(const std::string& who) const { return {{who}, id}; }
  summed adds(const std::string& who, std::optional<refusal> why_not = {}) const {
    return {{who}, id, why_not};
  }
  evaluated evaluates(const std::string& who) const { return {{who}, {id, 10, 9, 2.5}}; }
  edge_lost loses(const std::string& who) const { return {{who}}; }
  upload_due overdue(const std::string& who) const { return {id, {who}}; }
  deadline_passed deadline() const { return {id}; }

  /// All of it, from the answer to the receipt.
  effects reports(const std::string& who) {
    must(offers(who));
    must(arrives(who));
    return must(adds(who));
  }

  const participant& who(const std::string& client) const {
    return m.open_round()->cohort.at({client});
  }
  std::string_view phase() const { return name(m.current()); }

  machine m;
  instant now = std::chrono::hours(1);
  round_id id{1};
};

} // namespace godwit::round
