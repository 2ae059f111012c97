// One HKDF for each secret, told apart by its label.
#include <godwit/privacy/client_draws.hpp>

#include <algorithm>
#include <string>
#include <string_view>

#include <godwit/messages/check.hpp>
#include <godwit/privacy/canonical.hpp>

namespace godwit::secure_sum {

client_draws draw(bytes_view seed, const sha256_digest& terms_hash) {
  GODWIT_CHECK(seed.size() == client_seed_bytes, "a client's seed has 32 bytes");
  const auto derive = [&](std::string_view label) {
    std::string info("FLSA1/");
    info += label;
    return hkdf_sha256(seed, terms_hash, as_bytes(info));
  };
  client_draws made{.channel = derive("channel"),
                    .pairwise = derive("pairwise"),
                    .self = derive("self"),
                    .shares = derive("shares"),
                    .rounding = derive("rounding"),
                    .key = derive("key"),
                    .errors = derive("errors"),
                    .clipping = derive("clipping"),
                    .noise = derive("noise")};
  made.channel_public = public_part(made.channel.reveal());
  made.pairwise_public = public_part(made.pairwise.reveal());
  const auto nonce = derive("nonce");
  std::copy(nonce.reveal().begin(), nonce.reveal().end(), made.nonce.begin());
  return made;
}

sha256_digest commitment_of(bytes_view self) {
  return canonical::hash("FLSA1/commitment", self);
}

secret channel_key(bytes_view agreed, const sha256_digest& root, std::uint32_t from,
                   std::uint32_t to) {
  canonical::writer info;
  info.raw(as_bytes("FLSA1/channel")).u8(0).u32(from).u32(to);
  return hkdf_sha256(agreed, root, info.view());
}

secret pair_key(bytes_view agreed, const sha256_digest& root, std::uint32_t one,
                std::uint32_t other, round_id round) {
  canonical::writer info;
  info.raw(as_bytes("FLSA1/mask")).u8(0).u32(std::min(one, other)).u32(std::max(one, other));
  info.u64(round.value);
  return hkdf_sha256(agreed, root, info.view());
}

} // namespace godwit::secure_sum
