#include "certified_key.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <godwit/privacy/signature.hpp>

#include "der.hpp"
#include "octets.hpp"

namespace godwit {
namespace {

// 1.2.840.10045.2.1 with 1.2.840.10045.3.1.7, RFC 5480 section 2.1.1.
constexpr std::array<std::uint8_t, 19> p256_key = {0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D,
                                                   0x02, 0x01, 0x06, 0x08, 0x2A, 0x86, 0x48,
                                                   0xCE, 0x3D, 0x03, 0x01, 0x07};
// 1.2.840.10045.4.3.2, RFC 5758 section 3.2.
constexpr std::array<std::uint8_t, 10> ecdsa_with_sha256 = {0x06, 0x08, 0x2A, 0x86, 0x48,
                                                            0xCE, 0x3D, 0x04, 0x03, 0x02};
// 1.3.101.112, RFC 8410 section 3: of the key and of the signature.
constexpr std::array<std::uint8_t, 5> ed25519 = {0x06, 0x03, 0x2B, 0x65, 0x70};

constexpr std::size_t point_bytes = 65;
constexpr std::byte uncompressed{0x04};

template <std::size_t size>
bool is(bytes_view content, const std::array<std::uint8_t, size>& expected) {
  return std::equal(content.begin(), content.end(), expected.begin(), expected.end(),
                    [](std::byte x, std::uint8_t y) { return std::to_integer<int>(x) == y; });
}

// SEQUENCE { SEQUENCE { p256_key }, BIT STRING { no unused bits, point } }, of 91 bytes.
constexpr std::array<std::uint8_t, 4> p256_info_begin = {0x30, 0x59, 0x30, 0x13};
constexpr std::array<std::uint8_t, 3> p256_bits_begin = {0x03, 0x42, 0x00};

/// A point that is not on the curve is no key.
std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> p256_key_of(bytes_view point) {
  std::vector<std::uint8_t> info(p256_info_begin.begin(), p256_info_begin.end());
  info.insert(info.end(), p256_key.begin(), p256_key.end());
  info.insert(info.end(), p256_bits_begin.begin(), p256_bits_begin.end());
  info.insert(info.end(), octets(point), octets(point) + point.size());
  const auto* at = info.data();
  return {d2i_PUBKEY(nullptr, &at, static_cast<long>(info.size())), &EVP_PKEY_free};
}

bool is_signed_by_p256(bytes_view point, bytes_view content, bytes_view proof) {
  const auto key = p256_key_of(point);
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> check(EVP_MD_CTX_new(),
                                                                      &EVP_MD_CTX_free);
  return key && check &&
         EVP_DigestVerifyInit(check.get(), nullptr, EVP_sha256(), nullptr, key.get()) == 1 &&
         EVP_DigestVerify(check.get(), octets(proof), proof.size(), octets(content),
                          content.size()) == 1;
}

} // namespace

std::optional<certified_key> read_key(bytes_view subject_public_key) {
  der_reader in(subject_public_key);
  const auto algorithm = in.take(der_tag::sequence);
  const auto bits = in.take(der_tag::bit_string);
  if (!in.is_finished() || bits.empty() || bits.front() != std::byte{0})
    return std::nullopt;
  const auto value = bits.subspan(1);
  if (is(algorithm, p256_key) && value.size() == point_bytes && value.front() == uncompressed)
    return certified_key{key_kind::p256, value};
  if (is(algorithm, ed25519) && value.size() == sizeof(verifying_key))
    return certified_key{key_kind::ed25519, value};
  return std::nullopt;
}

bool is_algorithm_of(key_kind kind, bytes_view algorithm) noexcept {
  return kind == key_kind::p256 ? is(algorithm, ecdsa_with_sha256) : is(algorithm, ed25519);
}

bool is_signed_by(const certified_key& key, bytes_view content, bytes_view proof) noexcept {
  if (key.kind == key_kind::ed25519) {
    verifying_key public_key{};
    std::copy(key.value.begin(), key.value.end(), public_key.begin());
    return is_signed_by(public_key, content, proof);
  }
  return is_signed_by_p256(key.value, content, proof);
}

} // namespace godwit
