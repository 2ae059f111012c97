// Are these bytes as they were written? The checksum of what we keep on disks.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include <godwit/messages/bytes.hpp>

namespace godwit {

/// FNV-1a over 64-bit words, then the tail: finds torn and flipped bytes. Every step is a bijection
/// of the state, so a change within one word is always found. It is no defence against an attacker,
/// who could write any file he likes. What is added in parts gives the same value as the whole.
class checksum {
public:
  checksum& add(bytes_view content) {
    while (!content.empty() && held_count_ > 0)
      hold(content);
    for (; content.size() >= 8; content = content.subspan(8))
      mix(content.data());
    while (!content.empty())
      hold(content);
    return *this;
  }
  std::uint64_t value() const {
    auto hash = hash_;
    for (std::size_t i = 0; i < held_count_; ++i)
      hash = (hash ^ std::to_integer<std::uint64_t>(held_[i])) * prime;
    return hash ^ (hash >> 32);
  }

private:
  static constexpr std::uint64_t prime = 0x100000001b3;

  void mix(const std::byte* from) {
    std::uint64_t word = 0;
    std::memcpy(&word, from, 8);
    hash_ = (hash_ ^ word) * prime;
    hash_ ^= hash_ >> 29;
  }
  /// One byte of a word that is not complete yet.
  void hold(bytes_view& content) {
    held_[held_count_++] = content.front();
    content = content.subspan(1);
    if (held_count_ == 8) {
      mix(held_.data());
      held_count_ = 0;
    }
  }

  std::uint64_t hash_ = 0xcbf29ce484222325;
  std::array<std::byte, 8> held_{};
  std::size_t held_count_ = 0;
};

} // namespace godwit
