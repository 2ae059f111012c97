// How is a sum encrypted so that only all of several parties together can decrypt it?
//
// Mouchet et al. 2021 ("Multiparty Homomorphic Encryption from Ring-Learning-with-Errors", PETS
// 2021), all parties, additive key: party i publishes b_i = -(a s_i) + e_i; the public key is
// (sum of b_i, a). To open a sum (c0, c1), party i publishes h_i = c1 s_i + f_i with f_i uniform
// and 2^40 times wider than the sum's noise, so that h_i tells next to nothing of s_i beyond the
// sum. Set rt8192a. As unreviewed as the rest of encrypted_sum.hpp.
//
// What a caller must see to: clients encrypt for the public key that the parties have agreed on,
// and a party is asked to open only a sum that it has reason to open. The flood hides the noise of
// one coefficient up to a distance of 2^-40, so that of a block of 8,192 up to 2^-27.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include <godwit/messages/bytes.hpp>
#include <godwit/messages/secret.hpp>
#include <godwit/privacy/encrypted_sum.hpp>

namespace godwit {

/// Where a party stands: its index in 0 ..< parties, 2 <= parties <= 32, and the 32 bytes that all
/// parties agree on.
struct threshold_seat {
  sha256_digest context{};
  std::uint16_t parties = 0;
  std::uint16_t party = 0;
};

/// One party. It first publishes `commitment`, and `key_share` when it has those of all others:
/// who chooses his share after he has seen the others' could know the secret of their sum.
class threshold_party {
public:
  /// Its keys follow from `seed`, 32 secret random bytes. Refuses bad_key (seed) and wrong_shape
  /// (seat).
  static sum_result<threshold_party> create(const threshold_seat& seat, const secret& seed,
                                            sum_kernels kernels = best_sum_kernels());
  threshold_party(threshold_party&&) noexcept;
  threshold_party& operator=(threshold_party&&) noexcept;
  ~threshold_party();

  const bytes& key_share() const noexcept;
  /// SHA-256 of the key share.
  sha256_digest commitment() const;

  /// The public key of all parties, as additive_scheme::encryptor takes it, from all shares and
  /// commitments in the parties' order. Refuses bad_key where a share is not the committed one or
  /// this party's own is not in its place, and what reading a share refuses. The party opens sums
  /// under this key only.
  sum_result<bytes> join(std::span<const bytes> shares, std::span<const sha256_digest> commitments);

  /// This party's decryption share of `sum`. One sum is opened in each round, and rounds ascend:
  /// two related sums would give away their difference. Refuses used_up for any other (who is
  /// restarted must call `close_up_to` first), bad_key before `join` and for a seed that has not 32
  /// bytes, wrong_key, wrong_shape and over_level. `seed` is fresh and random; it is bound to the
  /// sum and the party.
  sum_result<bytes> open(const encrypted_values& sum, const secret& seed);

  /// Sums of `round` and of those before it are opened no more. Which these are the caller keeps
  /// over restarts, and has kept before a share goes out.
  void close_up_to(std::uint64_t round) noexcept;

private:
  struct state;
  explicit threshold_party(std::unique_ptr<state> held);
  std::unique_ptr<state> state_;
};

/// The opened sums, from exactly one share of each party, in any order. Refuses what reading a
/// share refuses, wrong_sum and wrong_round for one of another sum, missing_share for fewer or two
/// of one party, noise_out_of_bound where a share is wrong.
sum_result<std::vector<std::uint32_t>> open_threshold_sum(const encrypted_values& sum,
                                                          std::span<const bytes> shares,
                                                          sum_kernels kernels = best_sum_kernels());

} // namespace godwit
