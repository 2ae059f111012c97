// What does a server take as a client's body, what does it open, and does a client that was killed
// make the same one again?
#include <godwit/actors/machines/secure_body.hpp>

#include <cstdint>
#include <limits>
#include <vector>

#include <doctest/doctest.h>

#include "support/secure_sum_steps.hpp"

using namespace godwit;
using namespace godwit::secure_sum;

namespace {

/// Six clients up to the sum that can be opened, the last of whom sent no body.
struct flown_sum : stepped_sum {
  explicit flown_sum(const terms& with) : stepped_sum(with, 6), sum(with) {
    advertise();
    share();
    mask({0, 1, 2, 3, 4});
    done(server::bodies_closed{});
    std::vector<std::uint32_t> asked;
    for (const auto& [i, answer] : answers)
      asked.push_back(i);
    unmask(asked);
    REQUIRE(opened);
  }
  const bytes& body(std::size_t i) const { return packed.at(clients[i].name); }
  void add_all() {
    for (std::size_t i = 0; i < 5; ++i)
      REQUIRE(sum.add(body(i)));
  }
  bool is_plain(const opened_sum& found) const {
    for (std::size_t j = 0; j < value_entry_count(rules); ++j) {
      std::uint64_t plain = 0;
      for (std::size_t i = 0; i < 5; ++i)
        plain += clients[i].entries[j];
      if (found.entry(j) != plain)
        return false;
    }
    return true;
  }

  body_sum sum;
};

terms masked_terms() {
  return flock_terms(3, 6, profile::semi_honest, {0, 200}, 7);
}
terms carried_terms_of_six() {
  return carried_flock_terms(3, 100, profile::semi_honest, {0, 200}, 7);
}

void check_refused(flown_sum& flown, bytes_view body, refusal why) {
  const auto checked = check_body(flown.rules, body);
  REQUIRE_FALSE(checked);
  CHECK(checked.why() == why);
  auto& sum = flown.sum;
  const auto before = sum.count();
  const auto added = sum.add(body);
  REQUIRE_FALSE(added);
  CHECK(added.why() == why);
  CHECK(sum.count() == before);
}

} // namespace

TEST_CASE("bodies open to the plain sum, masked or carried, and to their means") {
  for (const auto& rules : {masked_terms(), carried_terms_of_six()}) {
    flown_sum flown(rules);
    CHECK(flown.body(0).size() == body_bytes(rules));
    CHECK(check_body(rules, flown.body(0)));
    flown.add_all();
    CHECK(flown.sum.count() == 5);
    const auto found = flown.sum.open(copy_of(*flown.opened), rules.round);
    REQUIRE(found);
    CHECK(flown.is_plain(*found));
    const auto mean = found->mean_of(0);
    REQUIRE(mean);
    CHECK(mean->size() == 5);
    CHECK(flown.sum.count() == 0); // and it can be filled again
    flown.add_all();
    CHECK(flown.sum.open(copy_of(*flown.opened), rules.round));
  }
}

TEST_CASE("a body of another length is refused, and nothing of it is in the sum") {
  for (const auto& rules : {masked_terms(), carried_terms_of_six()}) {
    flown_sum flown(rules);
    auto longer = flown.body(0);
    longer.push_back(std::byte{0});
    check_refused(flown, {}, refusal::wrong_shape);
    check_refused(flown, longer, refusal::wrong_shape);
    check_refused(flown, bytes_view(longer).first(longer.size() - 2), refusal::wrong_shape);
    flown.add_all();
    const auto found = flown.sum.open(copy_of(*flown.opened), rules.round);
    REQUIRE(found);
    CHECK(flown.is_plain(*found));
  }
}

TEST_CASE("a body of the other kind is refused by its length") {
  flown_sum masked(masked_terms()), carried(carried_terms_of_six());
  check_refused(masked, carried.body(0), refusal::wrong_shape);
  check_refused(carried, masked.body(0), refusal::wrong_shape);
}

TEST_CASE("a carried body with a coefficient that is none, or a loose bit, changes nothing") {
  const auto rules = carried_terms_of_six();
  flown_sum flown(rules);
  flown.add_all();
  const auto key_bytes = body_bytes(rules) - carried_bytes(*rules.carried);
  auto bent = flown.body(0);
  SUBCASE("all bits of the first coefficient") {
    for (std::size_t i = 0; i < 7; ++i)
      bent[key_bytes + i] = std::byte{0xff};
  }
  SUBCASE("all bits of the last one") {
    for (std::size_t i = bent.size() - 7; i < bent.size(); ++i)
      bent[i] = std::byte{0xff};
  }
  SUBCASE("a bit behind the key") {
    REQUIRE(entry_count(rules) * rules.modulus_bits % 8 != 0);
    bent[key_bytes - 1] |= std::byte{0x80};
  }
  check_refused(flown, bent, refusal::malformed);
  const auto found = flown.sum.open(copy_of(*flown.opened), rules.round);
  REQUIRE(found);
  CHECK(flown.is_plain(*found));
}

TEST_CASE("nothing is opened of a sum with a carried body that is none of this round's") {
  const auto rules = carried_terms_of_six();
  flown_sum flown(rules);
  for (std::size_t i = 0; i < 4; ++i)
    REQUIRE(flown.sum.add(flown.body(i)));
  auto strange = flown.body(4);
  const auto key_bytes =
      static_cast<std::ptrdiff_t>(body_bytes(rules) - carried_bytes(*rules.carried));
  SUBCASE("its ciphertext is another client's") {
    std::copy(flown.body(0).begin() + key_bytes, flown.body(0).end(), strange.begin() + key_bytes);
  }
  SUBCASE("its ciphertext is of another round") {
    auto other = rules;
    other.round = {8};
    const flown_sum next(other);
    std::copy(next.body(4).begin() + key_bytes, next.body(4).end(), strange.begin() + key_bytes);
  }
  SUBCASE("its masked key is of another round") {
    auto other = rules;
    other.round = {8};
    const flown_sum next(other);
    std::copy(next.body(4).begin(), next.body(4).begin() + key_bytes, strange.begin());
  }
  SUBCASE("one bit of its ciphertext is another") {
    strange[strange.size() - 100] ^= std::byte{1};
  }
  REQUIRE(flown.sum.add(strange)); // it looks like any other
  CHECK_FALSE(flown.sum.open(copy_of(*flown.opened), rules.round));
  flown.add_all(); // the next sum is not touched by it
  CHECK(flown.sum.open(copy_of(*flown.opened), rules.round));
}

TEST_CASE("a client that was killed makes the same carried body of the same update") {
  const auto rules = carried_terms_of_six();
  flown_sum flown(rules);
  auto& who = flown.clients[2];
  auto again = client::machine::open(opening_of(who, rules, choose_graph));
  REQUIRE(again);
  const auto roster = decode_roster(flown.rosters.at(2));
  REQUIRE(roster);
  client::roster_told told{flown.rosters.at(2), {}};
  for (const auto& near : roster->neighbours)
    told.proven.push_back(near.index);
  REQUIRE(again->apply(told));
  REQUIRE(again->apply(client::shares_delivered{flown.delivered.at(2)}));
  CHECK(body_of(*again, who.entries) == flown.body(2));

  // Once its body is known by what it has kept, no other one can take its place.
  auto other = who.entries;
  other.back() += other.front();
  const auto changed = sha256(body_of(*again, other));
  REQUIRE(again->apply(client::body_made{sha256(flown.body(2))}));
  const auto second = again->apply(client::body_made{changed});
  REQUIRE_FALSE(second);
  CHECK(second.why() == refusal::duplicate);
}

TEST_CASE("no body is made of values that are no numbers") {
  for (const auto& rules : {masked_terms(), carried_terms_of_six()}) {
    stepped_sum sum(rules, 6);
    sum.advertise();
    sum.share();
    std::vector<float> values(5, 1.0F);
    values[3] = std::numeric_limits<float>::quiet_NaN();
    const auto body = make_body(*sum.clients[0].machine, {1, {values}});
    REQUIRE_FALSE(body);
    CHECK(body.why() == refusal::value_not_finite);
  }
}
