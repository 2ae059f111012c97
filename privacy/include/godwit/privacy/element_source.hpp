// How does a key become uniform elements of a field?
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include <godwit/messages/bytes.hpp>
#include <godwit/messages/secret.hpp>
#include <godwit/privacy/mask.hpp>

namespace godwit {

/// Elements of Field from the ChaCha20 stream of a key of 32 bytes under nonce 0: one u64 after the
/// other, of which the bits above the modulus's are cleared; what is not below the modulus is
/// skipped. Wiped when it is dropped.
template <class Field>
class element_source {
public:
  explicit element_source(bytes_view key) : key_(bytes(key.begin(), key.end())) {}
  element_source(element_source&&) = default;
  element_source& operator=(element_source&&) = default;
  ~element_source() { wipe(std::as_writable_bytes(std::span(held_))); }

  Field next() {
    for (;;)
      if (const auto drawn =
              Field::read(next_word() & ((std::uint64_t{1} << Field::bit_count) - 1)))
        return *drawn;
  }
  /// 32 bytes of the same stream, for nonces and further keys.
  std::array<std::byte, 32> next_bytes() {
    std::array<std::uint64_t, 4> words;
    for (auto& word : words)
      word = next_word();
    std::array<std::byte, 32> out;
    const auto view = std::as_bytes(std::span(words));
    for (std::size_t i = 0; i < out.size(); ++i)
      out[i] = view[i];
    return out;
  }

private:
  std::uint64_t next_word() {
    if (at_ == held_.size()) {
      const key_stream stream{.suite = mask_suite::chacha20,
                              .nonce = {},
                              .kernel = best_mask_kernel(mask_suite::chacha20)};
      write_stream(std::as_writable_bytes(std::span(held_)), key_.reveal().first<mask_key_bytes>(),
                   stream, read_bytes_);
      read_bytes_ += sizeof held_;
      at_ = 0;
    }
    return held_[at_++];
  }

  secret key_;
  std::array<std::uint64_t, 512> held_{};
  std::uint64_t read_bytes_ = 0;
  std::size_t at_ = held_.size();
};

} // namespace godwit
