// X25519 by Botan; HKDF over our SHA-256.
#include <godwit/privacy/key_agreement.hpp>

#include <algorithm>
#include <string_view>

#include <botan/curve25519.h>
#include <botan/mem_ops.h>

#include <godwit/messages/check.hpp>
#include <godwit/privacy/digest.hpp>

#include "../octets.hpp"

namespace godwit {
namespace {

constexpr std::size_t digest_bytes = 32;
constexpr std::size_t hash_block_bytes = 64;

/// HMAC-SHA256 (RFC 2104). Every key here fits a block.
class hmac {
public:
  explicit hmac(bytes_view key) {
    GODWIT_CHECK(key.size() <= hash_block_bytes, "an HMAC key here is no longer than a block");
    std::copy(key.begin(), key.end(), pad_.begin());
    flip(std::byte{0x36});
    inner_.add(pad_);
  }
  hmac(const hmac&) = delete;
  hmac& operator=(const hmac&) = delete;
  ~hmac() { wipe(pad_); }

  void add(bytes_view part) { inner_.add(part); }

  /// Once, at the end.
  sha256_digest finish() {
    flip(std::byte{0x36} ^ std::byte{0x5c});
    auto inner = inner_.finish();
    inner_.add(pad_);
    inner_.add(inner);
    wipe(inner);
    return inner_.finish();
  }

private:
  void flip(std::byte with) {
    for (auto& x : pad_)
      x ^= with;
  }

  std::array<std::byte, hash_block_bytes> pad_{};
  sha256_stream inner_;
};

} // namespace

agreement_key public_part(bytes_view own_secret) {
  GODWIT_CHECK(own_secret.size() == agreement_key_bytes, "an X25519 secret has 32 bytes");
  constexpr agreement_key base_point{std::byte{9}}; // RFC 7748 section 4.1
  agreement_key made{};
  Botan::curve25519_donna(writable_octets(made), octets(own_secret), octets(base_point));
  return made;
}

std::optional<secret> agree(bytes_view own_secret, const agreement_key& theirs) {
  GODWIT_CHECK(own_secret.size() == agreement_key_bytes, "an X25519 secret has 32 bytes");
  bytes agreed(agreement_key_bytes);
  Botan::curve25519_donna(writable_octets(agreed), octets(own_secret), octets(theirs));
  const agreement_key zero{};
  const bool is_weak = equal_in_constant_time(agreed, zero);
  secret result(std::move(agreed));
  if (is_weak)
    return {};
  return result;
}

bool is_weak(const agreement_key& theirs) {
  // The u-coordinates of order 1, 2, 4 and 8, on the curve and on its twist: 0, 1, two of order 8,
  // -1, and p and p + 1, which are read as 0 and 1. The topmost bit does not count.
  static constexpr std::array<std::string_view, 7> weak_keys{
      "0000000000000000000000000000000000000000000000000000000000000000",
      "0100000000000000000000000000000000000000000000000000000000000000",
      "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
      "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
      "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
      "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
      "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"};
  auto key = theirs;
  key.back() &= std::byte{0x7f};
  const auto written = hex(key);
  return std::find(weak_keys.begin(), weak_keys.end(), written) != weak_keys.end();
}

secret hkdf_sha256(bytes_view ikm, bytes_view salt, bytes_view info, std::size_t length) {
  GODWIT_CHECK(length <= 255 * digest_bytes, "HKDF gives at most 255 digests");
  const auto long_salt = salt.size() > hash_block_bytes ? sha256(salt) : sha256_digest{};
  hmac extract(salt.size() > hash_block_bytes ? bytes_view(long_salt) : salt);
  extract.add(ikm);
  auto pseudorandom = extract.finish();
  bytes made;
  made.reserve(length); // so that no copy is left behind
  sha256_digest last{};
  for (unsigned block = 1; made.size() < length; ++block) {
    hmac expand(pseudorandom);
    if (block > 1)
      expand.add(last);
    expand.add(info);
    const std::byte number{static_cast<unsigned char>(block)};
    expand.add({&number, 1});
    last = expand.finish();
    const auto wanted = std::min(digest_bytes, length - made.size());
    made.insert(made.end(), last.begin(), last.begin() + static_cast<std::ptrdiff_t>(wanted));
  }
  wipe(pseudorandom);
  wipe(last);
  return secret(std::move(made));
}

} // namespace godwit
