// How do two agree upon a key that nobody else knows, and how do many keys come from one secret?
#pragma once

#include <array>
#include <cstddef>
#include <optional>

#include <godwit/messages/bytes.hpp>
#include <godwit/messages/secret.hpp>

namespace godwit {

inline constexpr std::size_t agreement_key_bytes = 32;
using agreement_key = std::array<std::byte, agreement_key_bytes>; ///< the public part

/// X25519(own_secret, 9), RFC 7748 section 6.1. `own_secret` has 32 bytes.
agreement_key public_part(bytes_view own_secret);

/// X25519(own_secret, theirs). Nothing where the result is all zero, as it is for every secret if
/// their key has small order; that is found out in constant time.
std::optional<secret> agree(bytes_view own_secret, const agreement_key& theirs);

/// Whether every agreement with this key is all zero: whether it is a point of small order (RFC
/// 7748 section 7). Much cheaper than an agreement; the key is no secret.
bool is_weak(const agreement_key& theirs);

/// HKDF with SHA-256 (RFC 5869): `length` bytes, at most 255 * 32. An empty salt counts as 32 zero
/// bytes.
secret hkdf_sha256(bytes_view ikm, bytes_view salt, bytes_view info, std::size_t length = 32);

} // namespace godwit
