// How are packed vectors summed mod 2^R, masked or not? (privacy/SECURE_SUM.md, sections 7 and 10.)
#pragma once

#include <cstddef>
#include <cstdint>
#include <variant>
#include <vector>

#include <godwit/messages/bytes.hpp>
#include <godwit/messages/result.hpp>

namespace godwit {

/// Lanes of 16, 32 or 64 bits.
using ring_lanes = std::variant<std::vector<std::uint16_t>, std::vector<std::uint32_t>,
                                std::vector<std::uint64_t>>;

/// `count` zero lanes of the width that holds `modulus_bits` (modulus_bits_min ..=
/// modulus_bits_max).
ring_lanes make_lanes(std::size_t count, unsigned modulus_bits);

/// The sum of vectors of entries mod 2^modulus_bits, in lanes that wrap at their own width: the
/// bits above the modulus mean nothing.
class ring_sum {
public:
  ring_sum() = default;
  ring_sum(std::size_t entry_count, unsigned modulus_bits);

  /// Adds one packed vector. Refuses, with nothing changed: wrong_shape, malformed.
  result<done> add(bytes_view body);
  /// Back to the empty sum; keeps the memory.
  void clear() noexcept;

  /// Vectors added.
  std::uint64_t count() const noexcept { return count_; }
  unsigned modulus_bits() const noexcept { return modulus_bits_; }
  /// For masks to be taken off.
  ring_lanes& lanes() noexcept { return lanes_; }
  const ring_lanes& lanes() const noexcept { return lanes_; }
  /// Entry `index` mod 2^modulus_bits.
  std::uint64_t entry(std::size_t index) const;

private:
  ring_lanes lanes_;
  unsigned modulus_bits_ = 0;
  std::size_t entry_count_ = 0;
  std::uint64_t count_ = 0;
};

} // namespace godwit
