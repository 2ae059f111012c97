// Which random words does a seed stand for?
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>

#include <godwit/messages/bytes.hpp>
#include <godwit/messages/secret.hpp>
#include <godwit/privacy/digest.hpp>
#include <godwit/privacy/mask.hpp>

namespace godwit::rlwe {

/// What the words of a stream are for. Numbers are part of the format.
enum class purpose : std::uint8_t {
  secret_key = 1,
  public_polynomial = 2, ///< a; public
  key_error = 3,
  ephemeral_key = 4,   ///< u
  message_error = 5,   ///< e1, or e of the key-additive set
  companion_error = 6, ///< e2
  flood = 7,
  blinding = 8, ///< r of Paillier's scheme
};

/// stream(key, nonce) of SECURE_SUM.md, section 1, suite 1 (AES-256 in counter mode), as 64-bit
/// little-endian words. The stream for a purpose, a prime and a block has the nonce u8 purpose ||
/// u8 prime || u16 0 || u64 block.
class word_stream {
public:
  /// `key` has 32 bytes, of which a copy is kept until the end, then wiped.
  explicit word_stream(bytes_view key);

  void start(purpose what, std::uint8_t prime, std::uint64_t block);
  void read(std::span<std::uint64_t> words);

private:
  secret key_;
  key_stream stream_;
  std::uint64_t position_ = 0;
};

/// SHA-256 of domain || 0x00 || the parts.
sha256_digest derive(std::string_view domain, std::initializer_list<bytes_view> parts);

/// The same, for what nobody may see.
secret derive_secret(std::string_view domain, std::initializer_list<bytes_view> parts);

} // namespace godwit::rlwe
