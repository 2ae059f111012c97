// How is something signed, so that who holds the public key knows that nobody changed it?
#pragma once

#include <array>
#include <cstddef>
#include <memory>

#include <godwit/messages/bytes.hpp>
#include <godwit/messages/result.hpp>
#include <godwit/messages/secret.hpp>

namespace godwit {

inline constexpr std::size_t signing_seed_bytes = 32;
using verifying_key = std::array<std::byte, 32>;
using signature = std::array<std::byte, 64>;

/// A fresh seed for a signing key, from the operating system's generator. Whoever has it can sign.
secret make_signing_seed();

/// An Ed25519 private key (RFC 8032 section 5.1). Signing is deterministic. Const members may be
/// called from many threads at once.
class signing_key {
public:
  /// From a seed of `signing_seed_bytes`; fails with bad_key at any other length.
  static attempt<signing_key> from_seed(const secret& seed);
  /// From an unencrypted PKCS #8 PEM (RFC 8410), such as `openssl genpkey -algorithm ed25519`
  /// writes; fails with bad_key where that is not what it holds.
  static attempt<signing_key> from_pem(const secret& pem);

  signing_key(signing_key&&) noexcept;
  signing_key& operator=(signing_key&&) noexcept;
  ~signing_key();

  signature sign(bytes_view content) const;
  const verifying_key& public_key() const noexcept;

private:
  struct state;
  explicit signing_key(std::unique_ptr<state>);
  std::unique_ptr<state> state_;
};

/// Whether `proof` (64 bytes) is `key`'s Ed25519 signature of `content`. False for any other
/// length.
bool is_signed_by(const verifying_key& key, bytes_view content, bytes_view proof) noexcept;

} // namespace godwit
