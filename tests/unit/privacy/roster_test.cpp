// Is a roster taken that holds together, and refused for each way in which one may not?
#include <godwit/privacy/roster.hpp>
#include <godwit/privacy/sum_messages.hpp>

#include <algorithm>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <godwit/privacy/digest.hpp>

using namespace godwit;
using namespace godwit::secure_sum;

namespace {

const sha256_digest terms_hash = sha256(as_bytes("terms"));

signing_key identity_of(const std::string& label) {
  const auto seed = sha256(as_bytes("identity of " + label));
  auto key = signing_key::from_seed(secret(bytes(seed.begin(), seed.end())));
  REQUIRE(key);
  return std::move(*key);
}

advert advert_of(const std::string& name, const std::string& label,
                 const sha256_digest& of = terms_hash) {
  return make_advert({name}, identity_of(label), sha256(as_bytes(name)),
                     draw(sha256(as_bytes(label)), of), of);
}

/// What the client at `own` is told of these, all being neighbours.
roster roster_of(const std::vector<advert>& all, std::uint32_t own) {
  std::vector<sha256_digest> leaves;
  for (const auto& x : all)
    leaves.push_back(leaf_of(encode(x)));
  const roster_tree tree(leaves);
  roster made;
  made.root = tree.root();
  made.size = static_cast<std::uint32_t>(all.size());
  made.own_index = own;
  made.own_path = tree.path(own);
  for (std::uint32_t v = 0; v < made.size; ++v)
    if (v != own)
      made.neighbours.push_back({v, all[v], tree.path(v)});
  return made;
}

std::vector<advert> five() {
  return {advert_of("a", "a"), advert_of("b", "b"), advert_of("c", "c"), advert_of("d", "d"),
          advert_of("e", "e")};
}

refusal why_not(const roster& told, const advert& own) {
  const auto checked = check(told, own, terms_hash);
  REQUIRE_FALSE(checked);
  return checked.why();
}

} // namespace

TEST_CASE("a roster that holds together is taken, and comes back from its bytes") {
  const auto all = five();
  for (std::uint32_t own = 0; own < 5; ++own) {
    const auto told = roster_of(all, own);
    CHECK(check(told, all[own], terms_hash));
    const auto decoded = decode_roster(encode(told));
    REQUIRE(decoded);
    CHECK(encode(*decoded) == encode(told));
  }
}

TEST_CASE("a path to another root, an own leaf that is another's, or another place is refused") {
  const auto all = five();
  auto told = roster_of(all, 2);
  told.root[0] ^= std::byte{1};
  CHECK(why_not(told, all[2]) == refusal::wrong_roster);
  told = roster_of(all, 2);
  CHECK(why_not(told, all[1]) == refusal::wrong_roster);
  told.own_index = 3;
  CHECK(why_not(told, all[2]) == refusal::wrong_roster);
  told = roster_of(all, 2);
  told.neighbours[1].path[0][5] ^= std::byte{1};
  CHECK(why_not(told, all[2]) == refusal::wrong_roster);
  told = roster_of(all, 2);
  told.neighbours[1].path.pop_back();
  CHECK(why_not(told, all[2]) == refusal::wrong_roster);
  told = roster_of(all, 2);
  told.neighbours[0].advert.channel[0] ^= std::byte{1}; // a swapped key
  CHECK(why_not(told, all[2]) == refusal::wrong_roster);
}

TEST_CASE("two clients with one name or one key are refused") {
  const auto with_fourth = [](const advert& fourth) {
    auto all = five();
    all[3] = fourth;
    return why_not(roster_of(all, 0), all[0]);
  };
  CHECK(with_fourth(advert_of("c", "other")) == refusal::repeated_key);
  CHECK(with_fourth(advert_of("a", "other")) == refusal::repeated_key);
  CHECK(with_fourth(make_advert({"d"}, identity_of("c"), {}, draw(sha256({}), terms_hash),
                                terms_hash)) == refusal::repeated_key);
  CHECK(with_fourth(make_advert({"d"}, identity_of("d"), {},
                                draw(sha256(as_bytes("c")), terms_hash), terms_hash)) ==
        refusal::repeated_key);
}

TEST_CASE("names that do not ascend with the index are refused") {
  auto all = five();
  std::swap(all[3], all[4]);
  CHECK(why_not(roster_of(all, 0), all[0]) == refusal::wrong_roster);
}

TEST_CASE("a signature that does not hold, or is for other terms, is refused") {
  auto all = five();
  all[4].proof[10] ^= std::byte{1};
  CHECK(why_not(roster_of(all, 0), all[0]) == refusal::wrong_signature);
  all[4] = advert_of("e", "e", sha256(as_bytes("other terms")));
  CHECK(why_not(roster_of(all, 0), all[0]) == refusal::wrong_signature);
}

TEST_CASE("a roster's bytes that are cut off, longer or out of order decode to nothing") {
  const auto told = roster_of(five(), 2);
  const auto encoded = encode(told);
  for (std::size_t i = 0; i < encoded.size(); ++i)
    REQUIRE_FALSE(decode_roster(bytes_view(encoded).first(i)));
  auto longer = encoded;
  longer.push_back(std::byte{});
  CHECK_FALSE(decode_roster(longer));
  auto other = told;
  std::swap(other.neighbours[0], other.neighbours[1]);
  CHECK_FALSE(decode_roster(encode(other)));
  other = told;
  other.own_index = 5;
  CHECK_FALSE(decode_roster(encode(other)));
  other = told;
  other.neighbours.back().index = 5;
  CHECK_FALSE(decode_roster(encode(other)));
  other = told;
  other.neighbours[0].advert.client.name = "A";
  CHECK_FALSE(decode_roster(encode(other)));
  auto huge = encoded;
  const auto count_at = 32 + 4 + 4 + 1 + 32 * told.own_path.size();
  std::fill_n(huge.begin() + static_cast<std::ptrdiff_t>(count_at), 4, std::byte{0xff});
  CHECK_FALSE(decode_roster(huge)); // four thousand million neighbours, and no memory taken
}

TEST_CASE("a tree's paths lead to its root from their own place only") {
  for (std::size_t n = 1; n <= 33; ++n) {
    std::vector<sha256_digest> leaves;
    for (std::size_t i = 0; i < n; ++i)
      leaves.push_back(sha256(as_bytes("leaf " + std::to_string(i))));
    const roster_tree tree(leaves);
    for (std::size_t i = 0; i < n; ++i) {
      const auto path = tree.path(i);
      const auto root = root_over(leaves[i], i, n, path);
      REQUIRE(root);
      REQUIRE(*root == tree.root());
      for (std::size_t j = 0; j < n; ++j) {
        if (j == i)
          continue;
        const auto elsewhere = root_over(leaves[i], j, n, path);
        REQUIRE((!elsewhere || *elsewhere != tree.root()));
      }
    }
    CHECK_FALSE(root_over(leaves[0], n, n, tree.path(0)));
  }
}

TEST_CASE("boxes open for their label only, and indices that do not ascend are refused") {
  const bytes key(32, std::byte{4}), shares(share_pair_bytes, std::byte{1});
  const box_label label{terms_hash, {7}, 1, 2};
  const auto sealed = seal_shares(key, label, shares);
  const auto opened = open_shares(key, label, sealed);
  REQUIRE(opened);
  CHECK(hex(opened->reveal()) == hex(shares));
  CHECK(open_shares(key, {terms_hash, {7}, 2, 1}, sealed).why() == refusal::wrong_share);
  CHECK(open_shares(key, {terms_hash, {8}, 1, 2}, sealed).why() == refusal::wrong_share);
  CHECK(open_shares(key, {sha256({}), {7}, 1, 2}, sealed).why() == refusal::wrong_share);
  CHECK(open_shares(key, label, seal_shares(key, label, bytes(share_pair_bytes, std::byte{0xff})))
            .why() == refusal::wrong_share); // values that are not below p

  CHECK(decode_delivered_shares(encode(delivered_shares{terms_hash, {{3, sealed}, {4, sealed}}})));
  CHECK_FALSE(
      decode_delivered_shares(encode(delivered_shares{terms_hash, {{4, sealed}, {3, sealed}}})));
  CHECK_FALSE(
      decode_delivered_shares(encode(delivered_shares{terms_hash, {{3, sealed}, {3, sealed}}})));
  CHECK(decode_survivors(encode(survivors{terms_hash, {0, 0xffffffff}})));
  CHECK_FALSE(decode_survivors(encode(survivors{terms_hash, {1, 1}})));
  CHECK_FALSE(decode_unmask_request(encode(unmask_request{terms_hash, 3, {2, 1}, {}, {}})));
  CHECK_FALSE(decode_unmask_request(encode(unmask_request{terms_hash, 3, {}, {2, 2}, {}})));
  CHECK_FALSE(
      decode_unmask_request(encode(unmask_request{terms_hash, 3, {}, {}, {{2, {}}, {1, {}}}})));
  CHECK_FALSE(decode_unmask_shares(bytes(32 + 39)));
  CHECK(decode_unmask_shares(bytes(32 + 80)));
}
