// Can a server give clients different rosters, others' keys or other terms? Can a client appear
// twice, or with a key that is none?
#include <algorithm>

#include "adversarial/secure_sum/sum_crowd.hpp"
#include "unit/privacy/vector_file.hpp"

using namespace godwit;
using namespace godwit::secure_sum;

namespace {

constexpr std::size_t crowd_size = 7;

/// Seven honest clients whose rosters are made and not yet taken; edge-a is number 0.
struct before_the_roster {
  terms rules = crowd_terms();
  sum_round round{rules, crowd(crowd_size)};
  std::vector<advert> adverts;

  before_the_roster() {
    round.advertise();
    adverts = adverts_of(round);
  }
  const signing_key& identity(std::size_t i) { return *round.at(i).member.identity; }
};

/// u-coordinates of X25519 whose agreements are all zero: the points of small order of the curve
/// and of its twist, and their other spellings below 2^255 (RFC 7748 section 6.1; Bernstein,
/// "Curve25519: new Diffie-Hellman speed records", section 3).
const char* const small_order[] = {
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
};

std::optional<graph_choice> six_neighbours(std::uint32_t, client_fractions, profile) {
  return graph_choice{6, 5};
}

} // namespace

TEST_CASE_FIXTURE(before_the_roster, "the forger's roster is taken where nothing in it is forged: "
                                     "the refusals are of what is changed") {
  const auto honest = forged_roster(adverts, 0, rules);
  CHECK(hex(encode(honest)) == hex(round.at(0).roster));
  CHECK(round.hear(0, told(honest)));
}

TEST_CASE_FIXTURE(before_the_roster, "two rosters: a client that took one refuses the other, and "
                                     "shares do not pass from one to the other") {
  auto fewer = adverts;
  fewer.erase(fewer.begin() + 3); // edge-d is hidden from edge-a
  const auto other = forged_roster(fewer, 0, rules);
  round.share({"edge-a"});
  REQUIRE(round.hear(0, told(other))); // by itself nothing is wrong with it
  check_refused(round, 0, round.roster_of(0), refusal::duplicate);

  // edge-b has the true root: its box is no use to edge-a, under either name of the root.
  const auto theirs = decode_sealed_shares(round.at(1).sealed);
  REQUIRE(theirs);
  delivered_shares boxes{theirs->root, {}};
  for (std::uint32_t u = 1; u < 6; ++u)
    boxes.boxes.push_back({u, theirs->boxes.front().box});
  check_refused(round, 0, client::shares_delivered{encode(boxes)}, refusal::wrong_roster);
  boxes.root = other.root;
  check_refused(round, 0, client::shares_delivered{encode(boxes)}, refusal::wrong_share);
}

TEST_CASE_FIXTURE(before_the_roster, "a swapped key: the server puts its own into a neighbour's "
                                     "advert, and the signature does not hold") {
  const auto own = draw(seeded_bytes("the server's seed"), sha256(as_bytes("any")));
  SUBCASE("for sealing") {
    adverts[2].channel = own.channel_public;
  }
  SUBCASE("for masks") {
    adverts[2].pairwise = own.pairwise_public;
  }
  SUBCASE("the identity, so that it could sign") {
    adverts[2].identity[0] ^= std::byte{1};
  }
  SUBCASE("the evidence") {
    adverts[2].evidence[0] ^= std::byte{1};
  }
  SUBCASE("the nonce") {
    adverts[2].nonce[31] ^= std::byte{0x80};
  }
  check_refused(round, 0, told(forged_roster(adverts, 0, rules)), refusal::wrong_signature);
}

TEST_CASE_FIXTURE(before_the_roster, "a key that the server made and signed is refused for want of "
                                     "evidence") {
  const auto identity = signing_key::from_seed(secret(seeded_bytes("the server signs")));
  REQUIRE(identity);
  sign_again(adverts[2], *identity, rules);
  auto input = told(forged_roster(adverts, 0, rules));
  std::erase(input.proven, 2U); // no certificate says that edge-c has it
  check_refused(round, 0, input, refusal::unproven_key);
  input.proven = {};
  check_refused(round, 0, input, refusal::unproven_key);
}

TEST_CASE_FIXTURE(before_the_roster, "nobody is in a roster twice: not by name, identity or key") {
  auto why = refusal::repeated_key;
  SUBCASE("the same name") {
    adverts[3].client = adverts[2].client;
    sign_again(adverts[3], identity(3), rules);
    why = refusal::wrong_roster; // names ascend strictly
  }
  SUBCASE("the same identity under two names") {
    sign_again(adverts[3], identity(2), rules);
  }
  SUBCASE("the same key for sealing") {
    adverts[3].channel = adverts[2].channel;
    sign_again(adverts[3], identity(3), rules);
  }
  SUBCASE("the same key for masks") {
    adverts[3].pairwise = adverts[2].pairwise;
    sign_again(adverts[3], identity(3), rules);
  }
  SUBCASE("our own key, by a neighbour") {
    adverts[3].pairwise = adverts[0].pairwise;
    sign_again(adverts[3], identity(3), rules);
  }
  SUBCASE("the very same advert") {
    adverts.insert(adverts.begin() + 3, adverts[2]);
    why = refusal::wrong_roster;
  }
  const auto answer = round.hear(0, told(forged_roster(adverts, 0, rules)));
  REQUIRE_FALSE(answer);
  CHECK((answer.why() == why || answer.why() == refusal::repeated_key));
}

TEST_CASE_FIXTURE(before_the_roster, "names that do not ascend are refused") {
  std::swap(adverts[2], adverts[3]);
  check_refused(round, 0, told(forged_roster(adverts, 0, rules)), refusal::wrong_roster);
}

TEST_CASE_FIXTURE(before_the_roster, "a client refuses a roster that it is not in itself") {
  SUBCASE("another stands at its place") {
    auto without = adverts;
    without.erase(without.begin());
    check_refused(round, 0, told(forged_roster(without, 0, rules)), refusal::wrong_roster);
  }
  SUBCASE("it stands there with an older advert") {
    adverts[0].nonce[0] ^= std::byte{1};
    sign_again(adverts[0], identity(0), rules);
    check_refused(round, 0, told(forged_roster(adverts, 0, rules)), refusal::wrong_roster);
  }
  SUBCASE("it is told another's index") {
    check_refused(round, 0, told(forged_roster(adverts, 1, rules)), refusal::wrong_roster);
  }
}

TEST_CASE_FIXTURE(before_the_roster, "a path that leads to another root is refused, own or "
                                     "neighbour's") {
  auto changed = forged_roster(adverts, 0, rules);
  SUBCASE("own path") {
    changed.own_path[0][0] ^= std::byte{1};
  }
  SUBCASE("own path, shorter") {
    changed.own_path.pop_back();
  }
  SUBCASE("own path, longer") {
    changed.own_path.push_back(changed.root);
  }
  SUBCASE("a neighbour's") {
    changed.neighbours[4].path[1][5] ^= std::byte{4};
  }
  SUBCASE("the root itself") {
    changed.root[7] ^= std::byte{1};
  }
  SUBCASE("two neighbours' paths exchanged") {
    std::swap(changed.neighbours[0].path, changed.neighbours[4].path);
  }
  const auto answer = round.hear(0, told(changed));
  REQUIRE_FALSE(answer);
  CHECK((answer.why() == refusal::wrong_roster || answer.why() == refusal::malformed));
}

TEST_CASE_FIXTURE(before_the_roster, "in a complete graph everybody else is a neighbour") {
  auto changed = forged_roster(adverts, 0, rules);
  SUBCASE("one left out") {
    changed.neighbours.erase(changed.neighbours.begin() + 2);
  }
  SUBCASE("all left out but one") {
    changed.neighbours.resize(1);
  }
  SUBCASE("none") {
    changed.neighbours.clear();
  }
  check_refused(round, 0, told(changed), refusal::wrong_roster);
}

TEST_CASE("in a sparse graph the server cannot choose who a client's neighbours are") {
  auto rules = crowd_terms();
  sum_round round(rules, crowd(20), six_neighbours);
  round.advertise();
  const auto adverts = adverts_of(round);
  auto changed = forged_roster(adverts, 4, rules, six_neighbours);
  REQUIRE(changed.neighbours.size() == 6);
  std::vector<sha256_digest> leaves;
  for (const auto& one : adverts)
    leaves.push_back(leaf_of(encode(one)));
  const roster_tree tree(leaves);
  for (std::uint32_t v = 0; v < 20; ++v) {
    const auto is_near = std::ranges::count(changed.neighbours, v, &roster_entry::index) > 0;
    if (is_near || v == 4)
      continue;
    for (std::size_t place = 0; place < 6; ++place) { // a colluder in the place of each
      auto chosen = changed;
      chosen.neighbours[place] = {v, adverts[v], tree.path(v)};
      std::ranges::sort(chosen.neighbours, {}, &roster_entry::index);
      check_refused(round, 4, told(chosen), refusal::wrong_roster);
    }
    auto more = changed; // or one more than there are
    more.neighbours.push_back({v, adverts[v], tree.path(v)});
    std::ranges::sort(more.neighbours, {}, &roster_entry::index);
    check_refused(round, 4, told(more), refusal::wrong_roster);
  }
  CHECK(round.hear(4, told(changed)));
}

TEST_CASE_FIXTURE(before_the_roster, "a key of small order is refused by a client, whoever signed "
                                     "it") {
  for (const auto* point : small_order)
    for (const bool has_high_bit : {false, true}) {
      auto weak = as_array<32>(from_hex(point));
      if (has_high_bit)
        weak[31] |= std::byte{0x80}; // the bit that RFC 7748 section 5 leaves out
      CAPTURE(hex(weak));
      auto changed = adverts;
      changed[2].channel = weak;
      sign_again(changed[2], identity(2), rules);
      check_refused(round, 0, told(forged_roster(changed, 0, rules)), refusal::weak_key);
      changed = adverts;
      changed[2].pairwise = weak;
      sign_again(changed[2], identity(2), rules);
      check_refused(round, 0, told(forged_roster(changed, 0, rules)), refusal::weak_key);
    }
}

TEST_CASE("a server takes no advert with a key of small order, in another's name, with another's "
          "key, unproven or unsigned, and none twice") {
  const auto rules = crowd_terms();
  sum_round made(rules, crowd(crowd_size));
  made.advertise();
  const auto adverts = adverts_of(made);
  sum_round round(rules, crowd(crowd_size));
  const auto refuses = [&](const advert& changed, refusal why) {
    check_refused(round, server::advert_received{{"edge-b"}, encode(changed), true}, why);
  };
  const auto& identity = *made.at(1).member.identity;
  REQUIRE(round.say(server::advert_received{{"edge-a"}, encode(adverts[0]), true}));
  for (const auto* point : small_order) {
    auto weak = adverts[1];
    weak.channel = as_array<32>(from_hex(point));
    sign_again(weak, identity, rules);
    refuses(weak, refusal::weak_key);
    weak = adverts[1];
    weak.pairwise = as_array<32>(from_hex(point));
    sign_again(weak, identity, rules);
    refuses(weak, refusal::weak_key);
  }
  refuses(adverts[2], refusal::identity_mismatch);
  for (const auto key : {&advert::pairwise, &advert::channel}) {
    auto same = adverts[1];
    same.*key = adverts[0].*key;
    sign_again(same, identity, rules);
    refuses(same, refusal::repeated_key);
  }
  auto same = adverts[1];
  sign_again(same, *made.at(0).member.identity, rules);
  refuses(same, refusal::repeated_key);
  auto unsigned_one = adverts[1];
  unsigned_one.nonce[3] ^= std::byte{2};
  refuses(unsigned_one, refusal::wrong_signature);
  check_refused(round, server::advert_received{{"edge-b"}, encode(adverts[1]), false},
                refusal::unproven_key);
  check_refused(round, server::advert_received{{"edge-z"}, encode(adverts[1]), true},
                refusal::not_invited);

  auto second = adverts[0];
  second.nonce[0] ^= std::byte{1};
  sign_again(second, *made.at(0).member.identity, rules);
  check_refused(round, server::advert_received{{"edge-a"}, encode(second), true},
                refusal::duplicate);
  CHECK(round.say(server::advert_received{{"edge-b"}, encode(adverts[1]), true}));
}

TEST_CASE_FIXTURE(before_the_roster, "an advert of an earlier round is refused by both sides") {
  auto later = rules;
  later.round = round_id{4};
  sum_round next(later, crowd(crowd_size)); // the same names, and even the same seeds
  check_refused(next, server::advert_received{{"edge-c"}, encode(adverts[2]), true},
                refusal::wrong_signature);
  next.advertise();
  auto mixed = adverts_of(next);
  mixed[2] = adverts[2];
  check_refused(next, 0, told(forged_roster(mixed, 0, later)), refusal::wrong_signature);
  check_refused(next, 0, round.roster_of(0), refusal::wrong_roster);
}

TEST_CASE("terms that are not everybody's are found out by the first roster") {
  const auto rules = crowd_terms(profile::malicious);
  auto changed = rules;
  SUBCASE("a downgraded suite") {
    changed.suite = mask_suite::aes256_ctr;
  }
  SUBCASE("a downgraded profile") {
    changed.profile = profile::semi_honest;
  }
  SUBCASE("fewer survivors") {
    changed.clients_min = 2;
  }
  SUBCASE("colluders denied") {
    changed.fractions.corrupt = 0;
  }
  SUBCASE("another nonce") {
    changed.server_nonce[0] ^= std::byte{1};
  }
  SUBCASE("coarser values") {
    changed.streams[0].high = 4.0;
  }
  sum_round round(rules, crowd(crowd_size));
  round.advertise();
  sum_round lone(changed, crowd(crowd_size)); // edge-a alone is told these
  auto adverts = adverts_of(round);
  adverts[0] = adverts_of(lone).at(0);
  check_refused(lone, 0, told(forged_roster(adverts, 0, changed)), refusal::wrong_signature);
  // Nor do the others take its advert.
  check_refused(round, 1, told(forged_roster(adverts, 1, rules)), refusal::wrong_signature);
}

TEST_CASE("a client does not begin with terms of another model, another round or out of bounds") {
  const auto rules = crowd_terms();
  const auto member = crowd(1).front();
  const auto open = [&](const terms& sent, round_id round, const sha256_digest& model) {
    const auto opened =
        client::machine::open({encode(sent), round, model, member.id, member.identity,
                               member.evidence, secret(bytes(member.seed)), choose_graph});
    return opened ? "opened" : std::string(name(opened.why()));
  };
  CHECK(open(rules, rules.round, rules.model) == "opened");
  CHECK(open(rules, rules.round, sha256(as_bytes("a model of its own"))) == "wrong_terms");
  CHECK(open(rules, round_id{2}, rules.model) == "wrong_terms");
  auto wraps = rules;
  wraps.modulus_bits = 16;
  wraps.lane_bits = 16;
  CHECK(open(wraps, wraps.round, wraps.model) == "wrong_terms");
  auto alone = rules;
  alone.clients_min = 1;
  CHECK(open(alone, alone.round, alone.model) == "wrong_terms");
}

TEST_CASE(
    "a roster of fewer than the terms ask for, or of more, or of too few for any threshold, is "
    "refused") {
  auto rules = crowd_terms();
  rules.clients_min = 5;
  rules.clients_max = 6;
  const auto six = crowd(6);
  sum_round round(rules, six);
  round.advertise();
  const auto adverts = adverts_of(round);
  const auto refuses = [&](std::size_t count, refusal why) {
    auto some = adverts;
    some.resize(std::min(count, some.size()));
    if (count > some.size()) { // edge-g is genuine, and one too many
      const auto more = crowd(count).back();
      const auto hash = hash_of_terms(encode(rules));
      some.push_back(
          make_advert(more.id, *more.identity, more.evidence, draw(more.seed, hash), hash));
    }
    const auto any_graph = [](std::uint32_t n, client_fractions, profile) {
      return std::optional(graph_choice{n - 1, n - 1});
    };
    check_refused(round, 0, told(forged_roster(some, 0, rules, any_graph)), why);
  };
  refuses(4, refusal::too_few);
  refuses(2, refusal::too_few);
  refuses(7, refusal::wrong_roster);
  CHECK(round.hear(0, told(forged_roster(adverts, 0, rules))));

  auto all_drop = crowd_terms(); // with 4 of 10 corrupt and 4 dropping out no threshold is safe
  all_drop.fractions = {400, 400};
  sum_round hopeless(all_drop, crowd(10));
  hopeless.advertise();
  CHECK(name(hopeless.server().current()) == "abandoned");
  const auto any_graph = [](std::uint32_t n, client_fractions, profile) {
    return std::optional(graph_choice{n - 1, n - 1});
  };
  check_refused(hopeless, 0, told(forged_roster(adverts_of(hopeless), 0, all_drop, any_graph)),
                refusal::too_few);
}
