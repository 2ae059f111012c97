// Can shares, masked vectors or whole messages be passed on to whom they are not for, from when
// they are not, or with what does not belong there?
#include <algorithm>

#include <godwit/aggregation/packing.hpp>
#include <godwit/privacy/canonical.hpp>

#include "adversarial/secure_sum/sum_crowd.hpp"

using namespace godwit;
using namespace godwit::secure_sum;

namespace {

constexpr std::size_t crowd_size = 7;

/// Seven clients who have shared; the others' boxes lie before them, not opened yet.
struct before_the_boxes {
  terms rules = crowd_terms();
  sum_round round{rules, crowd(crowd_size)};

  before_the_boxes() {
    round.advertise();
    round.share();
  }
  delivered_shares delivered(std::size_t i) {
    const auto decoded = decode_delivered_shares(round.at(i).delivered);
    REQUIRE(decoded);
    return *decoded;
  }
  void refuses_boxes(std::size_t i, const delivered_shares& changed, refusal why) {
    check_refused(round, i, client::shares_delivered{encode(changed)}, why);
  }
};

/// What edge-b, who colludes, can seal for edge-a with its own keys.
struct colluder_sealing : before_the_boxes {
  secret key;
  box_label label;
  bytes shares = bytes(share_pair_bytes);

  colluder_sealing() {
    const auto hash = hash_of_terms(round.server().encoded_terms());
    const auto own = draw(round.at(1).member.seed, hash);
    const auto theirs = draw(round.at(0).member.seed, hash);
    label = {delivered(0).root, rules.round, 1, 0};
    const auto agreed = agree(own.channel.reveal(), theirs.channel_public);
    REQUIRE(agreed.has_value());
    key = channel_key(agreed->reveal(), label.root, 1, 0);
  }
  /// A box with this content, sealed as the protocol says.
  box sealed(std::uint32_t from_inside, std::uint32_t to_inside, bytes_view content) {
    canonical::writer plain;
    plain.u32(from_inside).u32(to_inside).raw(content);
    canonical::writer beside;
    beside.raw(label.root).u64(label.round.value).u32(label.from).u32(label.to);
    const auto made = seal(key.reveal(), bytes(sealing_nonce_bytes), beside.view(), plain.view());
    box whole{};
    REQUIRE(made.size() == whole.size());
    std::ranges::copy(made, whole.begin());
    return whole;
  }
  void check_box(const box& content, refusal why) {
    auto changed = delivered(0);
    REQUIRE(changed.boxes[0].client == 1);
    changed.boxes[0].box = content;
    refuses_boxes(0, changed, why);
  }
};

} // namespace

TEST_CASE_FIXTURE(before_the_boxes, "boxes are taken as they are") {
  CHECK(round.hear(0, client::shares_delivered{encode(delivered(0))}));
}

TEST_CASE_FIXTURE(before_the_boxes, "boxes with sender and receiver exchanged do not open") {
  auto changed = delivered(0);
  SUBCASE("two senders exchanged") {
    std::swap(changed.boxes[0].box, changed.boxes[1].box);
  }
  SUBCASE("another receiver's") {
    changed.boxes[0].box = delivered(2).boxes[1].box;
  }
  SUBCASE("one's own, sent back") {
    const auto own = decode_sealed_shares(round.at(0).sealed);
    REQUIRE(own);
    changed.boxes[0].box = own->boxes[0].box;
  }
  refuses_boxes(0, changed, refusal::wrong_share);
}

TEST_CASE_FIXTURE(before_the_boxes, "a box with any bit changed does not open") {
  const auto honest = delivered(0);
  for (std::size_t bit = 0; bit < 8 * box_bytes; ++bit) {
    auto changed = honest;
    changed.boxes[3].box[bit / 8] ^= static_cast<std::byte>(1U << bit % 8);
    const auto answer = round.hear(0, client::shares_delivered{encode(changed)});
    REQUIRE_FALSE(answer);
    CHECK(answer.why() == refusal::wrong_share);
  }
}

TEST_CASE_FIXTURE(colluder_sealing, "a neighbour that holds the key cannot seal what says it is "
                                    "somebody else's, or is no share") {
  check_box(sealed(0, 1, shares), refusal::wrong_share); // exchanged inside
  check_box(sealed(2, 0, shares), refusal::wrong_share);
  check_box(sealed(1, 2, shares), refusal::wrong_share);
  for (std::size_t value = 0; value < 2 * shamir::limb_count; ++value) {
    auto too_much = shares; // p itself, which is 0 in another spelling
    std::fill_n(too_much.begin() + static_cast<std::ptrdiff_t>(8 * value), 7, std::byte{0xFF});
    too_much[8 * value + 7] = std::byte{0x1F};
    check_box(sealed(1, 0, too_much), refusal::wrong_share);
  }
  auto taken = delivered(0);
  taken.boxes[0].box = sealed(1, 0, shares);
  CHECK(round.hear(0, client::shares_delivered{encode(taken)}));
}

TEST_CASE_FIXTURE(before_the_boxes, "boxes from nobody's neighbour, from too few, or for another "
                                    "roster are refused") {
  auto changed = delivered(0);
  SUBCASE("from itself") {
    changed.boxes.insert(changed.boxes.begin(), {0, changed.boxes[0].box});
    refuses_boxes(0, changed, refusal::wrong_share);
  }
  SUBCASE("from an index that there is not") {
    changed.boxes.push_back({7, changed.boxes[0].box});
    refuses_boxes(0, changed, refusal::wrong_share);
  }
  SUBCASE("fewer than open a secret") {
    changed.boxes.resize(3);
    refuses_boxes(0, changed, refusal::too_few);
  }
  SUBCASE("none") {
    changed.boxes.clear();
    refuses_boxes(0, changed, refusal::too_few);
  }
  SUBCASE("another root") {
    changed.root[0] ^= std::byte{1};
    refuses_boxes(0, changed, refusal::wrong_roster);
  }
}

TEST_CASE_FIXTURE(before_the_boxes, "once it has taken boxes, a client takes no others: two bodies "
                                    "would be made under one mask") {
  const auto all = delivered(0);
  auto fewer = all;
  fewer.boxes.pop_back();
  REQUIRE(round.hear(0, client::shares_delivered{encode(all)}));
  refuses_boxes(0, fewer, refusal::duplicate);
  round.at(0).body = masked_body(*round.at(0).machine, round.at(0).member.input);
  REQUIRE(round.hear(0, client::body_made{sha256(round.at(0).body)}));
  refuses_boxes(0, fewer, refusal::duplicate);
  check_refused(round, 0, client::body_made{sha256(as_bytes("trained once more"))},
                refusal::duplicate);
  round.crash(0); // nor does the next process
  refuses_boxes(0, fewer, refusal::duplicate);
  check_refused(round, 0, client::body_made{sha256(as_bytes("trained once more"))},
                refusal::duplicate);
  CHECK(round.hear(0, client::shares_delivered{encode(all)})); // but the same again
}

TEST_CASE_FIXTURE(before_the_boxes, "shares and boxes of an earlier round are refused") {
  auto later = rules;
  later.round = round_id{4};
  sum_round next(later, crowd(crowd_size));
  next.advertise();
  REQUIRE(next.hear(2, next.roster_of(2)));
  check_refused(next, server::shares_received{{"edge-c"}, round.at(2).sealed},
                refusal::wrong_roster);
  auto old = decode_sealed_shares(round.at(2).sealed);
  REQUIRE(old);
  old->root = decode_sealed_shares(next.at(2).sealed)->root;
  // The server cannot look into the boxes; whom they are for can.
  REQUIRE(next.say(server::shares_received{{"edge-c"}, encode(*old)}));
  next.share({"edge-c"});
  check_refused(next, 0, client::shares_delivered{next.at(0).delivered}, refusal::wrong_share);
  check_refused(next, 0, client::shares_delivered{round.at(0).delivered}, refusal::wrong_roster);
}

TEST_CASE_FIXTURE(before_the_boxes, "a server takes shares for exactly a client's neighbours, "
                                    "once, and only in their time") {
  sum_round other(rules, crowd(crowd_size));
  other.advertise();
  REQUIRE(other.hear(0, other.roster_of(0)));
  const auto good = decode_sealed_shares(other.at(0).sealed);
  REQUIRE(good);
  const auto refuses = [&](const sealed_shares& changed, refusal why) {
    check_refused(other, server::shares_received{{"edge-a"}, encode(changed)}, why);
  };
  auto changed = *good;
  changed.boxes.pop_back();
  refuses(changed, refusal::wrong_share);
  changed = *good;
  changed.boxes.push_back({9, changed.boxes[0].box});
  refuses(changed, refusal::wrong_share);
  changed = *good;
  changed.boxes.insert(changed.boxes.begin(), {0, changed.boxes[0].box});
  refuses(changed, refusal::wrong_share);
  changed = *good;
  changed.root[5] ^= std::byte{1};
  refuses(changed, refusal::wrong_roster);
  check_refused(other, server::shares_received{{"edge-z"}, encode(*good)}, refusal::not_invited);
  REQUIRE(other.say(server::shares_received{{"edge-a"}, encode(*good)}));
  changed = *good;
  changed.commitment[0] ^= std::byte{1};
  refuses(changed, refusal::duplicate);
  check_refused(round, server::shares_received{{"edge-a"}, encode(changed)},
                refusal::wrong_phase); // there the shares are out
}

TEST_CASE_FIXTURE(before_the_boxes, "a body of another length, or with a bit set behind its last "
                                    "value, is none") {
  round.make_body(0);
  auto body = round.at(0).body;
  const auto count = entry_count(rules);
  const auto bits = rules.modulus_bits;
  REQUIRE(count * bits % 8 != 0);
  REQUIRE(check_packed(body, count, bits));
  const auto refused_as = [&](const bytes& changed) {
    const auto answer = check_packed(changed, count, bits);
    return answer ? "taken" : std::string(name(answer.why()));
  };
  for (auto bit = count * bits % 8; bit < 8; ++bit) {
    auto changed = body;
    changed.back() |= static_cast<std::byte>(1U << bit);
    CHECK(refused_as(changed) == "malformed");
  }
  auto changed = body;
  changed.push_back(std::byte{0});
  CHECK(refused_as(changed) == "wrong_shape");
  changed = body;
  changed.pop_back();
  CHECK(refused_as(changed) == "wrong_shape");
  CHECK(refused_as({}) == "wrong_shape");
}

TEST_CASE_FIXTURE(before_the_boxes, "a body after the deadline is a drop-out's, and says nothing: "
                                    "its second mask stays on it") {
  round.mask({"edge-c"}); // its body is made, and does not come in time
  const auto late = round.at(2).body;
  check_refused(round, server::body_arrived{{"edge-c"}, sha256(late), {}}, refusal::wrong_phase);
  round.unmask();
  REQUIRE(round.opening().has_value());
  CHECK(round.opening()->survivors.size() == crowd_size - 1);
  CHECK(round.sum() == round.plain_sum(round.opening()->survivors));

  // The server has edge-c's pairwise masks now, and with the late body takes them all off.
  const auto drawn = draw(round.at(2).member.seed, hash_of_terms(round.server().encoded_terms()));
  auto masks = round.at(2).machine->masks();
  for (auto& one : masks)
    one.is_subtracted = !one.is_subtracted;
  const auto self = std::ranges::partition(masks, [&](const mask_part& one) {
    return !std::ranges::equal(one.key.reveal(), drawn.self.reveal());
  });
  REQUIRE(self.size() == 1);
  const auto plain = round.plain_sum({{"edge-c"}});
  CHECK(opened_sum(rules, std::span(&late, 1), masks) == plain);
  masks.pop_back(); // the mask of b is the one that nobody gives away
  CHECK(opened_sum(rules, std::span(&late, 1), masks) != plain);
  for (std::size_t i = 0; i < crowd_size; ++i) {
    if (i == 2)
      continue;
    const auto asked = decode_unmask_request(round.at(i).request);
    REQUIRE(asked);
    CHECK(asked->dropped == std::vector<std::uint32_t>{2});
    CHECK(std::ranges::count(asked->alive, 2U) == 0);
  }
}

TEST_CASE("in profile malicious a body is signed: another's, another round's or a changed one is "
          "refused") {
  const auto rules = crowd_terms(profile::malicious);
  sum_round round(rules, crowd(crowd_size));
  round.advertise();
  round.share();
  for (std::size_t i = 0; i < crowd_size; ++i)
    round.make_body(i);
  const auto& a = round.at(0);
  const auto& b = round.at(1);
  const auto refuses = [&](const bytes& body, std::optional<signature> proof) {
    check_refused(round, server::body_arrived{{"edge-a"}, sha256(body), proof},
                  refusal::wrong_signature);
  };
  refuses(a.body, {});
  refuses(b.body, a.proof);
  refuses(a.body, b.proof);
  refuses(b.body, b.proof);
  auto later = rules;
  later.round = round_id{4};
  sum_round next(later, crowd(crowd_size));
  next.advertise();
  next.share();
  check_refused(next, server::body_arrived{{"edge-a"}, sha256(a.body), a.proof},
                refusal::wrong_signature);
  CHECK(round.say(server::body_arrived{{"edge-a"}, sha256(a.body), a.proof}));
}

TEST_CASE(
    "in profile semi_honest a body of an earlier round is not told from another one, and spoils "
    "the sum: its count of clients says so") {
  const auto rules = crowd_terms();
  sum_round before(rules, crowd(crowd_size));
  before.advertise();
  before.share();
  before.make_body(0);
  auto later = rules;
  later.round = round_id{4};
  sum_round round(later, crowd(crowd_size));
  round.advertise();
  round.share();
  round.make_body(0);
  round.at(0).body = before.at(0).body;
  REQUIRE(round.say(server::body_arrived{{"edge-a"}, sha256(round.at(0).body), {}}));
  for (std::size_t i = 1; i < crowd_size; ++i) {
    round.make_body(i);
    REQUIRE(round.say(server::body_arrived{round.at(i).member.id, sha256(round.at(i).body), {}}));
  }
  round.unmask();
  const auto sum = round.sum();
  CHECK(sum != round.plain_sum(round.opening()->survivors));
  CHECK(sum[0] != crowd_size); // section 10: outside |U3| ..= |U3| weight_max, refused
}

TEST_CASE_FIXTURE(before_the_boxes, "a client has one body: a second one in its place is refused") {
  round.make_body(0);
  const auto body = sha256(round.at(0).body);
  REQUIRE(round.say(server::body_arrived{{"edge-a"}, body, {}}));
  check_refused(round, server::body_arrived{{"edge-a"}, sha256(as_bytes("another")), {}},
                refusal::duplicate);
  REQUIRE(round.say(server::body_arrived{{"edge-a"}, body, {}})); // again: it is not added again
  CHECK(round.added().size() == 1);
  check_refused(round, server::body_arrived{{"edge-z"}, body, {}}, refusal::not_invited);
}
