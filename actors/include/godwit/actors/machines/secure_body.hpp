// What does a client of a secure sum upload, and how does the server add it up and open it?
// (privacy/SECURE_SUM.md, sections 7, 10, 12 and 13.) Pure, and the same for vectors that are
// masked and for those that are carried under a masked key.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include <godwit/actors/machines/secure_sum_client.hpp>
#include <godwit/actors/machines/sum_opening.hpp>
#include <godwit/aggregation/ring_sum.hpp>
#include <godwit/messages/bytes.hpp>
#include <godwit/messages/result.hpp>
#include <godwit/privacy/carried_sum.hpp>
#include <godwit/privacy/noise.hpp>
#include <godwit/privacy/secure_terms.hpp>

namespace godwit::secure_sum {

/// Of each client's body.
std::uint64_t body_bytes(const terms&);

/// Whether this can be a client's body. Refuses wrong_shape (its length) and malformed (an unused
/// bit that is not 0, or a coefficient that is not below its modulus).
result<done> check_body(const terms&, bytes_view body);

/// What a client has to say.
struct client_values {
  std::uint32_t weight = 1;                    ///< 1 ..= the terms'
  std::vector<std::span<const float>> streams; ///< of the terms' lengths
};

/// Of what is random in a client's entries; each is used for one round's only.
struct entry_keys {
  mask_key rounding, clipping, noise;
};

/// Makes entries of values: the weight, then the values of each stream (sections 2 and 13).
class entry_writer {
public:
  /// Of terms within the bounds of `check`. With Skellam noise it takes up to a fifth of a second.
  explicit entry_writer(const terms&);

  /// `entries`: value_count of them. Refuses value_not_finite; what is in `entries` then is of no
  /// use.
  template <class Lane>
  result<done> write(const client_values&, const entry_keys&, std::span<Lane> entries) const;

private:
  template <class Lane>
  result<done> write_noised(std::span<const float> values, const entry_keys&,
                            std::span<Lane> entries) const;
  std::vector<stream_terms> streams_;
  std::optional<noised_terms> noised_;
  std::optional<noise_sampler> noise_;
};

/// The body of a client that is in phase masking or behind it. Refuses value_not_finite.
result<bytes> make_body(const client::machine&, const client_values&);

/// The same without masks, of terms without anything carried: sums of such bodies are those of
/// masked ones, once the masks are off. For a simulation, in which there is nobody to hide from.
result<bytes> make_bare_body(const terms&, const entry_writer&, const client_values&,
                             const entry_keys&);

/// A sum without masks.
class opened_sum {
public:
  opened_sum(const terms&, ring_lanes lanes, unsigned modulus_bits);

  /// Sum of the weights.
  std::uint64_t weight() const { return entry(0); }
  std::uint64_t entry(std::size_t index) const;
  /// The weighted mean of a stream; nothing where it cannot be the sum of such entries.
  std::optional<std::vector<float>> mean_of(std::size_t stream) const;
  /// Of noised values: their sum, with its noise, / divisor. Nothing as above.
  std::optional<std::vector<float>> noisy_sum_over(std::uint32_t divisor) const;

private:
  std::vector<stream_terms> streams_;
  std::optional<noised_terms> noised_;
  ring_lanes lanes_;
  unsigned modulus_bits_;
};

/// The sum of bodies. Its memory does not depend on how many they are.
class body_sum {
public:
  /// Of rounds with these terms, but for what is a round's own. `terms` are within the bounds of
  /// `check`, but for the same.
  explicit body_sum(const terms&);

  /// Adds a body. Refuses, with nothing changed: wrong_shape (its length), malformed (an unused bit
  /// that is not 0, or a coefficient that is not below its modulus), full (more than the terms'
  /// clients_max).
  result<done> add(bytes_view body);
  /// Back to the empty sum; keeps the memory where it can.
  void clear();
  /// Bodies added.
  std::uint64_t count() const noexcept { return masked_.count(); }

  /// Takes the masks off, and leaves the empty sum. Nothing where what is left is no sum of so many
  /// clients with such terms.
  std::optional<opened_sum> open(const sum_opening& with, round_id round);

private:
  std::optional<opened_sum> open_carried(const sha256_digest& root) const;

  terms terms_;
  ring_sum masked_;
  std::optional<carried_sum> carried_;
};

} // namespace godwit::secure_sum
