// ChaCha20-Poly1305 as RFC 8439 section 2.8 puts it together: the first block of the stream is the
// one-time key of Poly1305, which is OpenSSL's; with Botan's, every cipher that it knows by name
// would be linked in.
#include <godwit/privacy/sealed_box.hpp>

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include <openssl/evp.h>

#include <godwit/messages/check.hpp>
#include <godwit/privacy/canonical.hpp>
#include <godwit/privacy/digest.hpp>
#include <godwit/privacy/mask.hpp>

#include "../octets.hpp"

namespace godwit {
namespace {

constexpr std::size_t block_bytes = 64;
constexpr std::size_t one_time_key_bytes = 32;

/// One block for the one-time key, then as many bytes as the content has.
secret stream_for(bytes_view key, bytes_view nonce, std::size_t content_bytes) {
  GODWIT_CHECK(key.size() == sealing_key_bytes && nonce.size() == sealing_nonce_bytes,
               "a box is sealed with a key of 32 bytes and a nonce of 12");
  key_stream stream{.suite = mask_suite::chacha20};
  std::copy(nonce.begin(), nonce.end(), stream.nonce.begin());
  bytes made(block_bytes + content_bytes);
  write_stream(made, key.first<mask_key_bytes>(), stream);
  return secret(std::move(made));
}

/// A Poly1305 (RFC 8439 section 2.5) with a key for one message. It fails only where memory has run
/// out.
class one_time_tag {
public:
  explicit one_time_tag(bytes_view key)
      : poly_(EVP_MAC_fetch(nullptr, "POLY1305", nullptr), EVP_MAC_free),
        context_(EVP_MAC_CTX_new(poly_.get()), EVP_MAC_CTX_free) {
    must(EVP_MAC_init(context_.get(), octets(key), key.size(), nullptr));
  }

  void add(bytes_view part) { must(EVP_MAC_update(context_.get(), octets(part), part.size())); }

  /// Once, at the end.
  std::array<std::byte, seal_tag_bytes> finish() {
    std::array<std::byte, seal_tag_bytes> tag{};
    std::size_t length = 0;
    must(EVP_MAC_final(context_.get(), writable_octets(tag), &length, tag.size()));
    return tag;
  }

private:
  static void must(int good) { GODWIT_CHECK(good == 1, "OpenSSL could not make a tag"); }

  std::unique_ptr<EVP_MAC, decltype(&EVP_MAC_free)> poly_;
  std::unique_ptr<EVP_MAC_CTX, decltype(&EVP_MAC_CTX_free)> context_;
};

/// Poly1305 over the associated data and the encrypted content, each filled up to 16 bytes, and
/// both lengths.
std::array<std::byte, seal_tag_bytes> tag_of(bytes_view stream, bytes_view associated,
                                             bytes_view encrypted) {
  constexpr std::array<std::byte, 16> zeros{};
  one_time_tag tag(stream.first(one_time_key_bytes));
  for (const auto part : {associated, encrypted}) {
    tag.add(part);
    tag.add(bytes_view(zeros).first((16 - part.size() % 16) % 16));
  }
  canonical::writer lengths;
  lengths.u64(associated.size()).u64(encrypted.size());
  tag.add(lengths.view());
  return tag.finish();
}

bytes combine(bytes_view content, bytes_view stream) {
  bytes made(content.size());
  std::transform(content.begin(), content.end(), stream.begin() + block_bytes, made.begin(),
                 [](std::byte a, std::byte b) { return a ^ b; });
  return made;
}

} // namespace

bytes seal(bytes_view key, bytes_view nonce, bytes_view associated, bytes_view content) {
  const auto stream = stream_for(key, nonce, content.size());
  auto sealed = combine(content, stream.reveal());
  const auto tag = tag_of(stream.reveal(), associated, sealed);
  sealed.insert(sealed.end(), tag.begin(), tag.end());
  return sealed;
}

std::optional<secret> unseal(bytes_view key, bytes_view nonce, bytes_view associated,
                             bytes_view sealed) {
  if (sealed.size() < seal_tag_bytes)
    return {};
  const auto encrypted = sealed.first(sealed.size() - seal_tag_bytes);
  const auto stream = stream_for(key, nonce, encrypted.size());
  const auto tag = tag_of(stream.reveal(), associated, encrypted);
  if (!equal_in_constant_time(tag, sealed.last(seal_tag_bytes)))
    return {};
  return secret(combine(encrypted, stream.reveal()));
}

} // namespace godwit
