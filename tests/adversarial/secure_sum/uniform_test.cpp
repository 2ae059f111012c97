// Is a masked body, to the server and as many colluders as the threshold withstands, anything but
// noise?
#include <algorithm>
#include <array>

#include "adversarial/secure_sum/sum_crowd.hpp"

using namespace godwit;
using namespace godwit::secure_sum;

namespace {

constexpr std::size_t crowd_size = 5; // t = 3: two may collude
constexpr std::size_t run_count = 1024;
constexpr std::size_t bin_count = 16;
/// Of chi-square with 15 degrees of freedom: a uniform lane is above it once in 1.7 x 10^9 times,
/// so that the 52 lanes here raise a false alarm once in 3 x 10^7 choices of the seeds.
constexpr double chi_square_max = 75;

struct histogram {
  std::array<std::size_t, bin_count> counts{};
  double chi_square() const {
    const double expected = static_cast<double>(run_count) / bin_count;
    double sum = 0;
    for (const auto count : counts) {
      const auto off = static_cast<double>(count) - expected;
      sum += off * off / expected;
    }
    return sum;
  }
};

/// edge-a against a crowd that is the same every time: its own seed is all that changes.
struct victim_world {
  terms rules = crowd_terms();
  sha256_digest hash = hash_of_terms(encode(rules));
  std::vector<sum_member> members = crowd(crowd_size);
  std::vector<client_draws> drawn;
  std::vector<advert> adverts;

  victim_world() {
    for (const auto& member : members) {
      drawn.push_back(draw(member.seed, hash));
      adverts.push_back(
          make_advert(member.id, *member.identity, member.evidence, drawn.back(), hash));
    }
  }
  /// The victim with this seed, in the phase in which it knows its masks, and what the server and
  /// `colluder_count` clients know of them; PLANTED: its own mask too.
  std::pair<client::machine, std::vector<mask_part>> masked(bytes seed, std::size_t colluder_count,
                                                            bool is_own_mask_known) {
    const auto own = draw(seed, hash);
    auto opened = client::machine::open({encode(rules), rules.round, rules.model, members[0].id,
                                         members[0].identity, members[0].evidence,
                                         secret(std::move(seed)), choose_graph});
    REQUIRE(opened);
    adverts[0] = make_advert(members[0].id, *members[0].identity, members[0].evidence, own, hash);
    const auto roster = forged_roster(adverts, 0, rules);
    REQUIRE(opened->apply(told(roster)));
    std::vector<mask_part> known;
    delivered_shares boxes{roster.root, {}};
    for (std::uint32_t v = 1; v < crowd_size; ++v) {
      const auto agreed = agree(drawn[v].channel.reveal(), own.channel_public);
      const auto key = channel_key(agreed.value().reveal(), roster.root, v, 0);
      boxes.boxes.push_back({v, seal_shares(key.reveal(), {roster.root, rules.round, v, 0},
                                            bytes(share_pair_bytes))});
      if (v <= colluder_count)
        known.push_back({pair_key(agree(drawn[v].pairwise.reveal(), own.pairwise_public)->reveal(),
                                  roster.root, 0, v, rules.round),
                         true});
    }
    REQUIRE(opened->apply(client::shares_delivered{encode(boxes)}));
    if (is_own_mask_known)
      known.push_back({secret(bytes(own.self.reveal().begin(), own.self.reveal().end())), true});
    return {std::move(*opened), std::move(known)};
  }
};

/// What is left of the victim's body when what is known of its masks is taken off: a histogram of
/// the upper four bits of each lane, over its seeds. All its values are `value`.
std::vector<histogram> noise(float value, std::size_t colluder_count,
                             bool is_own_mask_known = false) {
  victim_world world;
  std::vector<histogram> lanes(entry_count(world.rules));
  const sum_input input{1, {std::vector<float>(value_count, value)}};
  for (std::size_t run = 0; run < run_count; ++run) {
    const auto [victim, known] =
        world.masked(seeded_bytes("run " + std::to_string(run)), colluder_count, is_own_mask_known);
    const auto body = masked_body(victim, input);
    const auto rest = opened_sum(world.rules, std::span(&body, 1), known);
    for (std::size_t i = 0; i < rest.size(); ++i)
      ++lanes[i].counts[rest[i] >> (world.rules.modulus_bits - 4)];
  }
  return lanes;
}

double worst(const std::vector<histogram>& lanes) {
  double most = 0;
  for (const auto& lane : lanes)
    most = std::max(most, lane.chi_square());
  return most;
}

} // namespace

TEST_CASE("what t - 1 colluders and the server see of a body is uniform on every lane, whatever is "
          "under the masks") {
  MESSAGE("seeds: SHA-256 of \"run 0\" to \"run 1023\"");
  for (const float value : {-1.0F, 1.0F})
    CHECK(worst(noise(value, 2)) < chi_square_max);
}

TEST_CASE("PLANTED: where every mask is known, the same test raises the alarm") {
  CHECK(worst(noise(1.0F, crowd_size - 1, true)) > chi_square_max);
}

TEST_CASE("one mask that is not known is enough for noise: that of b, or one honest neighbour's") {
  CHECK(worst(noise(1.0F, crowd_size - 1)) < chi_square_max);
  CHECK(worst(noise(1.0F, crowd_size - 2, true)) < chi_square_max);
}
