// Is a masked body, to the server and as many colluders as the threshold withstands, anything but
// noise?
#include <algorithm>
#include <array>
#include <set>

#include "adversarial/secure_sum/sum_crowd.hpp"

using namespace godwit;
using namespace godwit::secure_sum;

namespace {

constexpr std::size_t crowd_size = 5; // t = 3: two may collude
constexpr std::size_t run_count = 1024;
constexpr std::size_t bin_count = 16;
/// Of chi-square with 15 degrees of freedom: a uniform one is above it once in 1.7 x 10^9 times,
/// so that the 62 histograms here raise a false alarm once in 3 x 10^7 choices of the seeds.
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

using colluders = std::set<std::uint32_t>;

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
  /// these colluders know of them; PLANTED: its own mask too.
  std::pair<client::machine, std::vector<mask_part>> masked(bytes seed, const colluders& some,
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
      if (some.contains(v))
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
std::vector<histogram> noise_of(float value, const colluders& some,
                                bool is_own_mask_known = false) {
  victim_world world;
  std::vector<histogram> lanes(entry_count(world.rules));
  const sum_input input{1, {std::vector<float>(values_each, value)}};
  for (std::size_t run = 0; run < run_count; ++run) {
    const auto [victim, known] =
        world.masked(seeded_bytes("run " + std::to_string(run)), some, is_own_mask_known);
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
  CHECK(worst(noise_of(-1.0F, {1, 2})) < chi_square_max);
  CHECK(worst(noise_of(1.0F, {2, 4})) < chi_square_max);
}

TEST_CASE("PLANTED: where every mask is known, the same test raises the alarm") {
  CHECK(worst(noise_of(1.0F, {1, 2, 3, 4}, true)) > chi_square_max);
}

TEST_CASE("one mask that is not known is enough for noise: that of b, or one honest neighbour's") {
  CHECK(worst(noise_of(1.0F, {1, 2, 3, 4})) < chi_square_max);
  CHECK(worst(noise_of(1.0F, {1, 3, 4}, true)) < chi_square_max);
}

TEST_CASE("t - 1 shares of a secret are uniform together; PLANTED: t of them are not") {
  // Two bits of each of two shares, for each pair of five shares of one secret with t = 3; and of
  // the value at 0 that three of them give, which is always the secret's.
  const auto of = seeded_bytes("the secret that is always the same");
  std::vector<histogram> pairs(10), opened(1);
  for (std::size_t run = 0; run < run_count; ++run) {
    const auto key = seeded_bytes("coefficients " + std::to_string(run));
    shamir::coefficient_source source{mask_key(key)};
    const auto written = shamir::split(of, 3, 5, source);
    std::vector<shamir::held_share> shares;
    for (std::uint32_t x = 1; x <= 5; ++x)
      shares.push_back(
          {x, shamir::read_share(
                  written.reveal().subspan((x - 1) * shamir::share_bytes, shamir::share_bytes))
                  .value()});
    std::size_t pair = 0;
    for (std::size_t i = 0; i < 5; ++i)
      for (std::size_t j = i + 1; j < 5; ++j)
        ++pairs[pair++]
              .counts[4 * (shares[i].share[2].value() >> 59) + (shares[j].share[2].value() >> 59)];
    const auto limb = shamir::weights({1, 2, 3}).at_zero(std::span(shares).first(3))[2].value();
    ++opened[0].counts[limb >> 57];
  }
  CHECK(worst(pairs) < chi_square_max);
  CHECK(worst(opened) > chi_square_max);
}
