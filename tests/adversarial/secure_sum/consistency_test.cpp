// In profile malicious, can a server tell clients different survivors, or have shares without
// enough of them having signed?
#include "adversarial/secure_sum/question.hpp"

using namespace godwit;
using namespace godwit::secure_sum;

TEST_CASE_FIXTURE(before_a_malicious_question, "in profile malicious nobody answers but to what "
                                               "enough survivors have signed") {
  const auto honest = request(0);
  REQUIRE(honest.signatures.size() >= 4);
  auto changed = honest;
  SUBCASE("no signatures") {
    changed.signatures.clear();
    refuses(0, changed, refusal::too_few);
  }
  SUBCASE("one fewer than the threshold") {
    changed.signatures.resize(3);
    refuses(0, changed, refusal::too_few);
  }
  SUBCASE("a signature that does not hold") {
    for (auto& [index, proof] : changed.signatures)
      proof[3] ^= std::byte{1};
    refuses(0, changed, refusal::wrong_signature);
  }
  SUBCASE("one fewer that hold than the threshold") {
    for (std::size_t i = 3; i < changed.signatures.size(); ++i)
      changed.signatures[i].second[3] ^= std::byte{1};
    refuses(0, changed, refusal::wrong_signature);
  }
  SUBCASE("one of them by a client that did not survive, and colludes") {
    const auto told = round.at(0).survivors;
    const auto statement = consistency_statement(hash_of_survivors(told));
    changed.signatures[2] = {2, round.at(2).member.identity->sign(statement)};
    REQUIRE(changed.signatures[1].first < 2);
    refuses(0, changed, refusal::wrong_survivors);
  }
  SUBCASE("one's signature for everybody") {
    for (auto& [index, proof] : changed.signatures)
      proof = honest.signatures[0].second;
    refuses(0, changed, refusal::wrong_signature);
  }
  SUBCASE("signatures for the question, other survivors in it") {
    move_index(4, changed.alive, changed.dropped);
    changed.survivor_count -= 1;
    refuses(0, changed, refusal::wrong_survivors);
  }
  SUBCASE("the same, with the count that was signed") {
    move_index(4, changed.alive, changed.dropped);
    refuses(0, changed, refusal::wrong_survivors);
  }
  SUBCASE("another count of survivors than was signed") {
    changed.survivor_count -= 1;
    refuses(0, changed, refusal::wrong_survivors);
  }
  CHECK(round.hear(0, client::unmask_asked{encode(honest)}));
}

TEST_CASE("in profile malicious a client signs one set of survivors, and not any") {
  const auto rules = crowd_terms(profile::malicious);
  sum_round round(rules, crowd(crowd_size));
  round.advertise();
  round.share();
  round.mask({"edge-c"});
  const auto honest = decode_survivors(round.at(0).survivors);
  REQUIRE(honest);
  const auto refuses = [&](const survivors& changed, refusal why) {
    check_refused(round, 0, client::survivors_told{encode(changed)}, why);
  };
  auto changed = *honest;
  std::erase(changed.indices, 0U);
  refuses(changed, refusal::wrong_survivors); // it is not among them
  changed = *honest;
  changed.indices.push_back(7);
  refuses(changed, refusal::wrong_survivors); // a client that there is not
  changed = *honest;
  changed.root[0] ^= std::byte{1};
  refuses(changed, refusal::wrong_roster);
  changed = *honest;
  for (const std::size_t few : {4, 2, 1}) { // with four, three neighbours hold shares; t is four
    changed = *honest;
    changed.indices.resize(few);
    refuses(changed, refusal::too_few);
  }
  check_refused(round, 0,
                client::unmask_asked{encode(unmask_request{honest->root, 6, {2}, {}, {}})},
                refusal::wrong_phase); // nothing was signed yet

  REQUIRE(round.hear(0, client::survivors_told{encode(*honest)}));
  changed = *honest;
  std::erase(changed.indices, 5U);
  refuses(changed, refusal::duplicate); // equivocation
  round.crash(0);
  refuses(changed, refusal::duplicate);
  const auto statement = round.at(0).statement;
  REQUIRE(round.hear(0, client::survivors_told{encode(*honest)}));
  CHECK(round.at(0).statement == statement);
}

TEST_CASE("a server takes a survivor's statement for what it is") {
  const auto rules = crowd_terms(profile::malicious);
  sum_round round(rules, crowd(crowd_size));
  round.advertise();
  round.share();
  round.mask({"edge-c"});
  for (const std::size_t i : {0, 1})
    REQUIRE(round.hear(i, client::survivors_told{round.at(i).survivors}));
  check_refused(round, server::consistency_received{{"edge-a"}, *round.at(1).statement},
                refusal::wrong_signature);
  check_refused(round, server::consistency_received{{"edge-z"}, *round.at(1).statement},
                refusal::not_invited);
  CHECK(round.say(server::consistency_received{{"edge-a"}, *round.at(0).statement}));
}
