// How is a secret shared out so that t shares give it back, fewer say nothing, and wrong ones are
// found? (Shamir 1979, over Z_p, p = 2^61 - 1; privacy/SECURE_SUM.md, sections 6 and 10.)
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include <godwit/messages/bytes.hpp>
#include <godwit/messages/secret.hpp>
#include <godwit/privacy/mask.hpp>
#include <godwit/privacy/prime_field.hpp>

namespace godwit::shamir {

inline constexpr std::size_t secret_bytes = 32;
inline constexpr std::size_t limb_count = 5; ///< of 52, 52, 52, 52 and 48 bits, lowest first
inline constexpr std::size_t share_bytes = 8 * limb_count;

/// A polynomial's value for each limb. A share is a secret: it is wiped by whoever holds it.
using share = std::array<field_element, limb_count>;

/// The share that 40 bytes write: five little-endian u64, each below p. Nothing otherwise.
std::optional<share> read_share(bytes_view encoded);

/// Uniform elements from the ChaCha20 stream of a key under nonce 0, one u64 after the other: the
/// upper three bits are cleared and p itself is skipped. Wiped when it is dropped.
class coefficient_source {
public:
  explicit coefficient_source(mask_key key);
  coefficient_source(const coefficient_source&) = delete;
  coefficient_source& operator=(const coefficient_source&) = delete;
  ~coefficient_source();

  field_element next();

private:
  void refill();

  secret key_;
  std::array<std::byte, 4096> held_{};
  std::uint64_t read_bytes_ = 0; ///< of the stream
  std::size_t at_ = sizeof(held_);
};

/// The shares at x = 1 ..= count, share_bytes each, one behind the other. `of` has secret_bytes;
/// 1 <= threshold <= count. Takes limb_count * (threshold - 1) elements of `source`.
secret split(bytes_view of, std::uint32_t threshold, std::uint32_t count,
             coefficient_source& source);

/// One share that came back.
struct held_share {
  std::uint32_t x = 0; ///< 1 or more
  shamir::share share{};
};

/// The weights with which the values at some points give the value at 0, for all secrets that were
/// shared with the same points.
class weights {
public:
  /// For points x that are distinct and not 0.
  explicit weights(std::vector<std::uint32_t> xs);

  const std::vector<std::uint32_t>& xs() const noexcept { return xs_; }
  /// The value at 0 for each limb; `shares` are at xs(), in that order.
  share at_zero(std::span<const held_share> shares) const;

private:
  std::vector<std::uint32_t> xs_;
  std::vector<field_element> weights_;
};

/// The secret's bytes; nothing where a limb is longer than a limb is.
std::optional<secret> join(const share& limbs);

/// A secret, and the points whose shares are wrong: none were looked for where the first
/// `threshold` shares gave the right secret.
struct recovered {
  secret value;
  std::vector<std::uint32_t> wrong_xs; ///< ascending
};

/// Whether a secret is the one that was shared: its commitment, or its public key.
using verdict = std::function<bool(bytes_view)>;

/// Recovers secrets one after the other, and computes the weights anew only where the points are
/// others than the last time.
class recovery {
public:
  explicit recovery(std::uint32_t threshold);

  /// The secret of `shares`, which stand in ascending, distinct x. First from the `threshold` first
  /// ones; where that is not right, up to (count - threshold) / 2 wrong ones are found and left out
  /// (Berlekamp and Welch). Nothing where there are fewer than `threshold`, or too many wrong ones.
  std::optional<recovered> recover(std::span<const held_share> shares, const verdict& is_right);

private:
  std::uint32_t threshold_;
  std::optional<weights> last_;
};

} // namespace godwit::shamir
