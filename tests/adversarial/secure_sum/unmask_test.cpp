// Can a server get both shares of one client, an answer twice, a sum over too few, or anything
// after a crash? Can clients spoil the opening with wrong shares?
#include <algorithm>

#include "adversarial/secure_sum/question.hpp"

using namespace godwit;
using namespace godwit::secure_sum;

namespace {

/// Wrong shares in this client's answer: `first` of them, from the front.
bytes with_wrong_shares(const bytes& answer, std::size_t first) {
  auto decoded = decode_unmask_shares(answer);
  REQUIRE(decoded);
  for (std::size_t i = 0; i < std::min(first, decoded->shares.size()); ++i)
    for (auto& value : decoded->shares[i])
      value = value + field_element(12345 + i);
  return encode(*decoded);
}

} // namespace

TEST_CASE_FIXTURE(before_the_question, "the question is answered as it is, and the sum is the "
                                       "survivors'") {
  round.unmask();
  REQUIRE(round.opening().has_value());
  CHECK(round.opening()->survivors.size() == 6);
  CHECK(round.sum() == round.plain_sum(round.opening()->survivors));
}

TEST_CASE_FIXTURE(before_the_question, "no client gives both shares of a neighbour, or says "
                                       "anything about one whose box it does not have") {
  auto changed = request(0);
  SUBCASE("a survivor in both lists") {
    changed.dropped = {1, 2};
  }
  SUBCASE("the dropped one in both lists") {
    changed.alive.insert(changed.alive.begin() + 1, 2);
  }
  SUBCASE("a survivor in neither") {
    std::erase(changed.alive, 4U);
  }
  SUBCASE("the dropped one in neither") {
    changed.dropped.clear();
  }
  SUBCASE("itself alive") {
    changed.alive.insert(changed.alive.begin(), 0);
  }
  SUBCASE("itself dropped") {
    changed.dropped.insert(changed.dropped.begin(), 0);
  }
  SUBCASE("an index that there is not") {
    changed.alive.push_back(7);
  }
  refuses(0, changed, refusal::wrong_survivors);
}

TEST_CASE_FIXTURE(before_the_question,
                  "in profile semi_honest a question with signatures is none") {
  auto changed = request(0);
  changed.signatures.emplace_back(1U, signature{});
  refuses(0, changed, refusal::malformed);
}

TEST_CASE_FIXTURE(before_the_question, "whose box it never got, a client does not speak of") {
  sum_round other(rules, crowd(crowd_size));
  other.advertise();
  other.share({"edge-d"});
  other.mask();
  auto changed = decode_unmask_request(other.at(0).request);
  REQUIRE(changed);
  REQUIRE(changed->dropped.empty());
  changed->dropped = {3};
  check_refused(other, 0, client::unmask_asked{encode(*changed)}, refusal::wrong_survivors);
}

TEST_CASE_FIXTURE(before_the_question, "two different questions: the second is refused, the first "
                                       "has the same answer for ever") {
  const auto first = request(0);
  auto second = first;
  move_index(1, second.alive, second.dropped); // now the other share of edge-b
  REQUIRE(round.hear(0, client::unmask_asked{encode(first)}));
  const auto answer = round.at(0).unmasked;
  refuses(0, second, refusal::duplicate);
  auto counted = first;
  counted.survivor_count -= 1;
  refuses(0, counted, refusal::duplicate);
  round.crash(0); // the answer is on the disk before it leaves
  refuses(0, second, refusal::duplicate);
  round.at(0).unmasked.clear();
  REQUIRE(round.hear(0, client::unmask_asked{encode(first)}));
  CHECK(hex(round.at(0).unmasked) == hex(answer));
}

TEST_CASE_FIXTURE(before_the_question, "the answer is kept before it is sent, and the seed wiped "
                                       "behind it") {
  const auto effects = round.hear(0, client::unmask_asked{round.at(0).request});
  REQUIRE(effects);
  std::vector<std::string> order;
  for (const auto& effect : *effects) {
    if (std::holds_alternative<client::keep_answer>(effect))
      order.emplace_back("keep");
    if (std::holds_alternative<client::send_unmask_shares>(effect))
      order.emplace_back("send");
    if (std::holds_alternative<client::wipe_round>(effect))
      order.emplace_back("wipe");
  }
  REQUIRE(order.size() == 3);
  CHECK(std::ranges::find(order, "keep") < std::ranges::find(order, "send"));
  CHECK(std::ranges::find(order, "keep") < std::ranges::find(order, "wipe"));
  CHECK(round.at(0).machine->masks().empty());
  CHECK(round.at(0).machine->rounding_key().empty());
}

TEST_CASE_FIXTURE(before_the_question, "a sum over too few is not helped with") {
  auto changed = request(0);
  SUBCASE("fewer survivors than the terms ask for") {
    changed.survivor_count = 2;
  }
  SUBCASE("none, it is said") {
    changed.survivor_count = 0;
  }
  SUBCASE("fewer neighbours alive than open a secret") {
    for (const auto u : {1U, 3U, 4U})
      move_index(u, changed.alive, changed.dropped);
    REQUIRE(changed.alive.size() == 2);
  }
  SUBCASE("nobody alive") {
    for (const auto u : {1U, 3U, 4U, 5U, 6U})
      move_index(u, changed.alive, changed.dropped);
  }
  refuses(0, changed, refusal::too_few);
}

TEST_CASE_FIXTURE(before_the_question,
                  "a question about another roster, or before there is a body, "
                  "is refused") {
  auto changed = request(0);
  changed.root[9] ^= std::byte{1};
  refuses(0, changed, refusal::wrong_roster);
  sum_round early(rules, crowd(crowd_size));
  early.advertise();
  check_refused(early, 0, client::unmask_asked{round.at(0).request}, refusal::wrong_phase);
  early.share();
  check_refused(early, 0, client::unmask_asked{round.at(0).request}, refusal::wrong_phase);
  REQUIRE(early.hear(0, client::shares_delivered{early.at(0).delivered}));
  check_refused(early, 0, client::unmask_asked{round.at(0).request}, refusal::wrong_phase);
}

TEST_CASE_FIXTURE(before_the_question, "a client that crashes between its body and the question "
                                       "answers as if it had not") {
  before_the_question undisturbed;
  for (std::size_t i = 0; i < crowd_size; ++i) {
    if (i == 2)
      continue;
    const auto masks = round.at(i).machine->masks().size();
    round.crash(i);
    CHECK(round.at(i).machine->masks().size() == masks);
    CHECK(hex(masked_body(*round.at(i).machine, round.at(i).member.input)) ==
          hex(round.at(i).body));
    REQUIRE(round.hear(i, client::unmask_asked{round.at(i).request}));
    REQUIRE(undisturbed.round.hear(i, client::unmask_asked{undisturbed.round.at(i).request}));
    CHECK(hex(round.at(i).unmasked) == hex(undisturbed.round.at(i).unmasked));
  }
}

TEST_CASE("wrong shares up to (m - t) / 2 are left out and named; more are noticed, and nothing is "
          "opened") {
  // 14 clients, of whom 1 may collude: t = 8. Of the 13 shares of each secret 2 may be wrong.
  const auto rules = crowd_terms();
  for (std::size_t liar_count = 0; liar_count <= 5; ++liar_count) {
    CAPTURE(liar_count);
    sum_round round(rules, crowd(14));
    round.advertise();
    round.share();
    round.mask();
    std::vector<client_id> liars;
    for (std::size_t i = 0; i < 14; ++i) {
      REQUIRE(round.hear(i, client::unmask_asked{round.at(i).request}));
      auto answer = round.at(i).unmasked;
      if (i % 3 == 1 && liars.size() < liar_count) {
        liars.push_back(round.at(i).member.id);
        answer = with_wrong_shares(answer, 99);
      }
      const auto current = std::string(name(round.server().current()));
      if (current == "unmasking")
        REQUIRE(round.say(server::unmask_received{round.at(i).member.id, answer}));
    }
    if (name(round.server().current()) == "unmasking")
      REQUIRE(round.say(server::unmasking_closed{}));
    if (liar_count <= 2) {
      REQUIRE(round.opening().has_value());
      CHECK(round.opening()->liars == liars);
      CHECK(round.sum() == round.plain_sum(round.opening()->survivors));
      CHECK(round.abandoned().empty());
    } else {
      CHECK_FALSE(round.opening().has_value());
      CHECK_FALSE(round.abandoned().empty());
      CHECK(name(round.server().current()) == "abandoned");
    }
  }
}

TEST_CASE_FIXTURE(before_the_question, "wrong shares of a drop-out's key are noticed by its public "
                                       "key") {
  for (std::size_t i = 0; i < crowd_size; ++i) {
    if (i == 2)
      continue;
    REQUIRE(round.hear(i, client::unmask_asked{round.at(i).request}));
    auto answer = round.at(i).unmasked; // the dropped one's share stands first
    if (i < 4)
      answer = with_wrong_shares(answer, 1);
    if (name(round.server().current()) == "unmasking")
      REQUIRE(round.say(server::unmask_received{round.at(i).member.id, answer}));
  }
  if (name(round.server().current()) == "unmasking")
    REQUIRE(round.say(server::unmasking_closed{}));
  CHECK_FALSE(round.opening().has_value());
  CHECK_FALSE(round.abandoned().empty());
}

TEST_CASE_FIXTURE(before_the_question, "an answer of another length, another roster or another "
                                       "time, or a second one, is refused") {
  REQUIRE(round.hear(0, client::unmask_asked{round.at(0).request}));
  const auto good = decode_unmask_shares(round.at(0).unmasked);
  REQUIRE(good);
  const auto refuses = [&](const unmask_shares& changed, refusal why) {
    check_refused(round, server::unmask_received{{"edge-a"}, encode(changed)}, why);
  };
  auto changed = *good;
  changed.shares.pop_back();
  refuses(changed, refusal::wrong_share);
  changed = *good;
  changed.shares.push_back(changed.shares[0]);
  refuses(changed, refusal::wrong_share);
  changed = *good;
  changed.root[0] ^= std::byte{1};
  refuses(changed, refusal::wrong_roster);
  check_refused(round, server::unmask_received{{"edge-z"}, encode(*good)}, refusal::not_invited);
  REQUIRE(round.say(server::unmask_received{{"edge-a"}, encode(*good)}));
  changed = *good;
  changed.shares[0][0] = changed.shares[0][0] + field_element(1);
  refuses(changed, refusal::duplicate);
}

TEST_CASE_FIXTURE(before_the_question, "with fewer answers than open a secret nothing is opened") {
  round.unmask({"edge-a", "edge-b", "edge-d"}); // three answers; four open a secret
  CHECK_FALSE(round.opening().has_value());
  CHECK_FALSE(round.abandoned().empty());
}

TEST_CASE("a client that is thrown out between its advert and the end: in the sum is what has come "
          "before, and nothing after") {
  const auto rules = crowd_terms();
  sum_round round(rules, crowd(crowd_size));
  round.advertise();
  round.share();
  SUBCASE("its certificate is withdrawn before its body") {
    REQUIRE(round.say(server::client_gone{{"edge-c"}}));
    round.mask({"edge-c"});
    REQUIRE(std::ranges::count(round.added(), client_id{"edge-c"}) == 0);
    round.unmask();
  }
  SUBCASE("its certificate is withdrawn after its body") {
    round.mask();
    REQUIRE(round.say(server::client_gone{{"edge-c"}}));
    round.unmask({"edge-c"});
    CHECK(std::ranges::count(round.added(), client_id{"edge-c"}) == 1);
  }
  REQUIRE(round.opening().has_value());
  CHECK(round.opening()->survivors == round.added());
  CHECK(round.sum() == round.plain_sum(round.opening()->survivors));
}
