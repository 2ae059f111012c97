#include "simulation/bare_sum.hpp"

#include <algorithm>
#include <utility>

#include <godwit/messages/check.hpp>
#include <godwit/privacy/canonical.hpp>
#include <godwit/privacy/key_agreement.hpp>

namespace godwit::simulated {
namespace {

/// The same values without what would carry them.
secure_sum::terms bare(secure_sum::terms terms) {
  if (!terms.carried)
    return terms;
  terms.streams = std::move(terms.carried->streams);
  terms.weight_max = terms.carried->weight_max;
  terms.carried.reset();
  terms.modulus_bits =
      secure_sum::modulus_bits_for(terms.clients_max, terms.weight_max, terms.streams);
  terms.lane_bits = secure_sum::lane_bits_for(terms.modulus_bits);
  return terms;
}

/// All keys that one client draws in one round.
struct drawn_keys {
  secret rounding, clipping, noise;
};

mask_key key_in(const secret& drawn) {
  return drawn.reveal().first<mask_key_bytes>();
}

} // namespace

bare_sum::bare_sum(secure_sum::terms terms, std::uint64_t seed)
    : terms_(bare(std::move(terms))), writer_(terms_), sum_(terms_),
      seed_(canonical::writer().raw(as_bytes("simulated draws ")).u64(seed).u64(0).take()) {}

result<done> bare_sum::add(round_id round, const bare_update& of) {
  const auto derive = [&](std::string_view what) {
    const auto info = canonical::writer()
                          .with_length(as_bytes(what))
                          .u64(round.value)
                          .with_length(as_bytes(of.client.name))
                          .take();
    return hkdf_sha256(seed_.reveal(), {}, info, mask_key_bytes);
  };
  const drawn_keys drawn{derive("rounding"), derive("clipping"), derive("noise")};
  const auto loss = static_cast<float>(of.loss);
  secure_sum::client_values values{.weight = static_cast<std::uint32_t>(std::min<std::uint64_t>(
                                       of.example_count, terms_.weight_max)),
                                   .streams = {of.values}};
  if (!terms_.noised)
    values.streams.push_back(std::span(&loss, 1));
  const auto body = secure_sum::make_bare_body(
      terms_, writer_, values,
      {key_in(drawn.rounding), key_in(drawn.clipping), key_in(drawn.noise)});
  if (!body)
    return body.why();
  return sum_.add(*body);
}

bare_mean bare_sum::open(round_id round, std::uint32_t cohort) {
  const auto opened = sum_.open({}, round);
  GODWIT_CHECK(opened, "a sum of entries that opens to none");
  auto mean = terms_.noised ? opened->noisy_sum_over(cohort) : opened->mean_of(0);
  GODWIT_CHECK(mean, "a sum of entries that opens to none");
  bare_mean made{.mean = std::move(*mean), .loss = {}};
  if (!terms_.noised)
    if (const auto loss = opened->mean_of(1))
      made.loss = loss->front();
  return made;
}

} // namespace godwit::simulated
