// Would these tests notice a secure sum that is not? Two flaws are planted; the server gets a
// single client's input through each of them, and through neither where it is not there.
#include <algorithm>

#include "adversarial/secure_sum/sum_crowd.hpp"

using namespace godwit;
using namespace godwit::secure_sum;

namespace {

constexpr std::size_t crowd_size = 7;
constexpr std::size_t victim = 2; // edge-c

/// A seed of 32 bytes of which only `word` is drawn.
bytes short_seed(std::uint32_t word) {
  bytes seed(client_seed_bytes);
  for (std::size_t i = 0; i < 4; ++i)
    seed[i] = static_cast<std::byte>(word >> 8 * i);
  return seed;
}

/// What a server can do with an advert: try the seeds that there may be against the nonce.
std::optional<bytes> guessed_seed(const advert& said, const sha256_digest& terms_hash,
                                  std::uint32_t first, std::uint32_t last) {
  for (auto word = first; word != last; ++word) {
    auto seed = short_seed(word);
    const auto nonce = hkdf_sha256(seed, terms_hash, as_bytes("FLSA1/nonce"));
    if (std::ranges::equal(nonce.reveal(), said.nonce))
      return seed;
  }
  return {};
}

/// The victim's input, from its body, both its secrets, and what everybody is told.
std::vector<std::uint64_t> unmasked_with(bytes_view self, bytes_view pairwise, sum_round& round) {
  const auto adverts = adverts_of(round);
  std::vector<sha256_digest> leaves;
  for (const auto& one : adverts)
    leaves.push_back(leaf_of(encode(one)));
  const auto root = roster_tree(leaves).root();
  std::vector<mask_part> masks;
  masks.push_back({secret(bytes(self.begin(), self.end())), true});
  for (std::uint32_t v = 0; v < crowd_size; ++v) {
    if (v == victim)
      continue;
    const auto agreed = agree(pairwise, adverts[v].pairwise);
    REQUIRE(agreed.has_value());
    masks.push_back({pair_key(agreed->reveal(), root, victim, v, round.rules().round), v > victim});
  }
  return opened_sum(round.rules(), std::span(&round.at(victim).body, 1), masks);
}

/// What a server asks a neighbour of the victim: as it should, or as if the victim had dropped out.
unmask_request question(sum_round& round, std::size_t i, bool has_dropped) {
  auto asked = decode_unmask_request(round.at(i).request);
  REQUIRE(asked);
  if (has_dropped) {
    std::erase(asked->alive, static_cast<std::uint32_t>(victim));
    asked->dropped.push_back(victim);
  }
  return *asked;
}

/// The shares of the victim's two secrets that a server has got by asking.
struct answers {
  std::vector<shamir::held_share> self, pairwise;
  std::size_t refused_count = 0;

  void ask(sum_round& round, std::size_t i, bool has_dropped) {
    const auto asked = question(round, i, has_dropped);
    const auto effects = round.hear(i, client::unmask_asked{encode(asked)});
    if (!effects) {
      CHECK(name(effects.why()) == "duplicate");
      ++refused_count;
      return;
    }
    const auto said = decode_unmask_shares(round.at(i).unmasked);
    REQUIRE(said);
    // x is one more than the neighbour's place in the victim's list, in which it is not itself.
    const auto x = static_cast<std::uint32_t>(i < victim ? i + 1 : i);
    const auto at = std::ranges::find(asked.alive, victim) - asked.alive.begin();
    if (has_dropped)
      pairwise.push_back({x, said->shares[0]});
    else
      self.push_back({x, said->shares[asked.dropped.size() + static_cast<std::size_t>(at)]});
  }
  /// b and s_sk of the victim, as far as the shares give them.
  std::pair<std::optional<shamir::recovered>, std::optional<shamir::recovered>>
  secrets(sum_round& round) const {
    const auto sealed = decode_sealed_shares(round.at(victim).sealed);
    REQUIRE(sealed);
    const auto said = adverts_of(round)[victim];
    shamir::recovery recovery(4); // t of 7 clients
    return {recovery.recover(self,
                             [&](bytes_view b) { return commitment_of(b) == sealed->commitment; }),
            recovery.recover(pairwise,
                             [&](bytes_view key) { return public_part(key) == said.pairwise; })};
  }
};

} // namespace

TEST_CASE("PLANTED: a client whose seed has 32 bits gives its input away; one with 256 does not") {
  // Of 2^32 seeds a hundredth of a percent is tried, so that it lasts a second; all of them take a
  // core some hours.
  constexpr std::uint32_t first = 0x5EED0000;
  constexpr std::uint32_t tried = 1U << 18;
  auto members = crowd(crowd_size);
  bool is_found = false;
  SUBCASE("planted") {
    members[victim].seed = short_seed(first + 200'000);
    is_found = true;
  }
  SUBCASE("real") {}
  sum_round round(crowd_terms(), std::move(members));
  round.advertise();
  const auto said = adverts_of(round)[victim];
  const auto seed =
      guessed_seed(said, hash_of_terms(round.server().encoded_terms()), first, first + tried);
  REQUIRE(seed.has_value() == is_found);
  if (!seed)
    return;
  round.share();
  round.mask();
  const auto drawn = draw(*seed, hash_of_terms(round.server().encoded_terms()));
  CHECK(unmasked_with(drawn.self.reveal(), drawn.pairwise.reveal(), round) ==
        round.plain_sum({{"edge-c"}}));
}

TEST_CASE("PLANTED: clients that forget after a crash that they have answered give the server one "
          "client's input; real ones refuse the second question") {
  sum_round round(crowd_terms(), crowd(crowd_size));
  round.advertise();
  round.share();
  round.mask();
  bool forget = false;
  SUBCASE("planted") {
    forget = true;
  }
  SUBCASE("real") {}
  answers got;
  for (std::size_t i = 0; i < crowd_size; ++i) {
    if (i == victim)
      continue;
    got.ask(round, i, false);
    round.crash(i, forget);
    got.ask(round, i, true);
  }
  const auto [self, pairwise] = got.secrets(round);
  CHECK(got.refused_count == (forget ? 0 : crowd_size - 1));
  CHECK(self.has_value()); // this one is what it may know
  REQUIRE(pairwise.has_value() == forget);
  if (forget)
    CHECK(unmasked_with(self->value.reveal(), pairwise->value.reveal(), round) ==
          round.plain_sum({{"edge-c"}}));
}

TEST_CASE("a server that asks some clients for the one share and the rest for the other gets too "
          "few of one, however it divides them") {
  for (std::size_t asked_first = 0; asked_first <= crowd_size; ++asked_first) {
    CAPTURE(asked_first);
    sum_round round(crowd_terms(), crowd(crowd_size));
    round.advertise();
    round.share();
    round.mask();
    answers got;
    for (std::size_t i = 0; i < crowd_size; ++i)
      if (i != victim)
        got.ask(round, i, i >= asked_first);
    const auto [self, pairwise] = got.secrets(round);
    CHECK_FALSE((self.has_value() && pairwise.has_value()));
    CHECK(got.refused_count == 0);
  }
}
