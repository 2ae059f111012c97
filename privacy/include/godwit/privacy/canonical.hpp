// How is something written so that there is one way to write it, and read so that nothing else is
// taken? (privacy/SECURE_SUM.md, section 1.)
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include <godwit/messages/bytes.hpp>
#include <godwit/privacy/digest.hpp>

namespace godwit::canonical {

/// Appends little-endian integers and bytes.
class writer {
public:
  writer& u8(std::uint8_t);
  writer& u16(std::uint16_t);
  writer& u32(std::uint32_t);
  writer& u64(std::uint64_t);
  writer& f64(double); ///< IEEE 754
  writer& raw(bytes_view);
  writer& with_length(bytes_view); ///< u32 length, then the bytes
  /// Room for so many bytes more: what is secret is then not left behind by growing.
  void reserve(std::size_t count) { held_.reserve(held_.size() + count); }
  bytes_view view() const noexcept { return held_; }
  bytes take() noexcept { return std::move(held_); }

private:
  template <class Integer>
  writer& put(Integer);
  bytes held_;
};

/// Reads the same. Past the end everything is 0 or empty, and `is_whole` is false for good, so a
/// reader of many fields asks once. Views point into what is read.
class reader {
public:
  explicit reader(bytes_view content) : rest_(content) {}
  std::uint8_t u8();
  std::uint16_t u16();
  std::uint32_t u32();
  std::uint64_t u64();
  double f64();
  bytes_view raw(std::size_t count);
  bytes_view with_length(std::size_t length_max);
  /// Exactly as many bytes as `out` has; zeros where there are fewer.
  template <std::size_t size>
  void fill(std::array<std::byte, size>& out) {
    out = {};
    const auto part = raw(size);
    std::copy(part.begin(), part.end(), out.begin());
  }
  /// A u32 that says how many items follow, of at least `item_bytes_min` each: more than there is
  /// room for reads as past the end, so nobody makes us reserve memory.
  std::uint32_t count(std::size_t item_bytes_min);
  /// The value was none that may stand there.
  void spoil() noexcept { is_good_ = false; }
  bool is_good() const noexcept { return is_good_; }
  /// Everything was there, and nothing is left over.
  bool is_whole() const noexcept { return is_good_ && rest_.empty(); }

private:
  template <class Integer>
  Integer get();
  bytes_view rest_;
  bool is_good_ = true;
};

/// H(domain, content) = SHA-256(domain || 0x00 || content).
sha256_digest hash(std::string_view domain, bytes_view content);

/// domain || 0x00 || content: what a signature is of.
bytes tagged(std::string_view domain, bytes_view content);

} // namespace godwit::canonical
