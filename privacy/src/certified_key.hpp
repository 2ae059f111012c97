// Which key does a certificate hold, and did it sign this? ECDSA over P-256 with SHA-256 (RFC 5480,
// RFC 5758) and Ed25519 (RFC 8410), and no other.
#pragma once

#include <optional>

#include <godwit/messages/bytes.hpp>

namespace godwit {

enum class key_kind { p256, ed25519 };

struct certified_key {
  key_kind kind = key_kind::p256;
  bytes_view value; ///< an uncompressed point of 65 bytes, or 32 bytes
};

/// From a certificate's subject public key; nothing where it is of another kind.
std::optional<certified_key> read_key(bytes_view subject_public_key);

/// Whether a signature's algorithm, as a certificate names it, is what keys of this kind make.
bool is_algorithm_of(key_kind, bytes_view algorithm) noexcept;

/// Whether `proof` is the key's signature of `content`; of ECDSA in DER.
bool is_signed_by(const certified_key&, bytes_view content, bytes_view proof) noexcept;

} // namespace godwit
