// How is something sent through a third party who can neither read nor change it? ChaCha20-Poly1305
// (RFC 8439 section 2.8), each key for one message.
#pragma once

#include <cstddef>
#include <optional>

#include <godwit/messages/bytes.hpp>
#include <godwit/messages/secret.hpp>

namespace godwit {

inline constexpr std::size_t sealing_key_bytes = 32;
inline constexpr std::size_t sealing_nonce_bytes = 12;
inline constexpr std::size_t seal_tag_bytes = 16;

/// The encrypted content and its tag. The nonce (12 bytes) may be all zero only if the key (32
/// bytes) seals nothing else.
bytes seal(bytes_view key, bytes_view nonce, bytes_view associated, bytes_view content);

/// What was sealed; nothing where the tag does not hold for this key, nonce and associated data.
std::optional<secret> unseal(bytes_view key, bytes_view nonce, bytes_view associated,
                             bytes_view sealed);

} // namespace godwit
