#include "rlwe/stream.hpp"

#include <bit>

#include <godwit/messages/check.hpp>

namespace godwit::rlwe {

word_stream::word_stream(bytes_view key) : key_(bytes(key.begin(), key.end())) {
  GODWIT_CHECK(key.size() == mask_key_bytes, "a stream's key has 32 bytes");
}

void word_stream::start(purpose what, std::uint8_t prime, std::uint64_t block) {
  stream_.nonce = {static_cast<std::byte>(what), static_cast<std::byte>(prime)};
  for (std::size_t i = 0; i < 8; ++i)
    stream_.nonce[4 + i] = static_cast<std::byte>(block >> (8 * i));
  position_ = 0;
}

void word_stream::read(std::span<std::uint64_t> words) {
  const auto memory = std::as_writable_bytes(words);
  write_stream(memory, mask_key(key_.reveal()), stream_, position_);
  position_ += memory.size();
  if constexpr (std::endian::native == std::endian::big)
    for (auto& word : words)
      word = __builtin_bswap64(word);
}

sha256_digest derive(std::string_view domain, std::initializer_list<bytes_view> parts) {
  sha256_stream hash;
  hash.add(as_bytes(domain));
  const std::byte zero{0};
  hash.add({&zero, 1});
  for (const auto part : parts)
    hash.add(part);
  return hash.finish();
}

secret derive_secret(std::string_view domain, std::initializer_list<bytes_view> parts) {
  auto digest = derive(domain, parts);
  secret derived(bytes(digest.begin(), digest.end()));
  wipe(digest);
  return derived;
}

} // namespace godwit::rlwe
