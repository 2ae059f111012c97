// What does a client draw for one round, all from one seed? (privacy/SECURE_SUM.md, section 3.)
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include <godwit/messages/bytes.hpp>
#include <godwit/messages/ids.hpp>
#include <godwit/messages/secret.hpp>
#include <godwit/privacy/key_agreement.hpp>

namespace godwit::secure_sum {

inline constexpr std::size_t client_seed_bytes = 32;

struct client_draws {
  secret channel;  ///< c_sk
  secret pairwise; ///< s_sk
  secret self;     ///< b
  secret shares;   ///< key of the coefficients
  secret rounding; ///< key of the rounding stream: ChaCha20 under nonce 0
  secret key;      ///< seed of the key that a carried vector is encrypted under
  secret errors;   ///< seed of that encryption's errors
  secret clipping; ///< key of the rounding of values that are clipped to a norm
  secret noise;    ///< key of the noise on them
  agreement_key channel_public{};
  agreement_key pairwise_public{};
  std::array<std::byte, 32> nonce{};
};

/// `seed` has client_seed_bytes, is secret, and is used for one round only.
client_draws draw(bytes_view seed, const sha256_digest& terms_hash);

/// H("FLSA1/commitment", b).
sha256_digest commitment_of(bytes_view self);

/// key(from->to) of privacy/SECURE_SUM.md, section 6. `agreed` is what the two channel keys agree
/// upon, `root` the roster's.
secret channel_key(bytes_view agreed, const sha256_digest& root, std::uint32_t from,
                   std::uint32_t to);

/// pair_key of two clients, in any order (section 7). `agreed` is what their pairwise keys agree
/// upon.
secret pair_key(bytes_view agreed, const sha256_digest& root, std::uint32_t one,
                std::uint32_t other, round_id round);

} // namespace godwit::secure_sum
