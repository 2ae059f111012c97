// How do clients add up numbers that the adder cannot read: additively homomorphic encryption, one
// interface for all schemes?
//
// The code behind this header is cryptography that nobody outside this project has reviewed. The
// secure sum (SECURE_SUM.md) is the default; this is for who knows why he wants it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include <godwit/messages/bytes.hpp>
#include <godwit/messages/result.hpp>
#include <godwit/messages/secret.hpp>

namespace godwit {

/// Which scheme with which parameters. Numbers are wire format.
enum class sum_set : std::uint16_t {
  rl4096a = 1,       ///< public key over a ring lattice, dimension 4096; who holds the key decrypts
  rk4096a = 2,       ///< key-additive: each client its own key; the keys' sum decrypts the sum
  rt8192a = 3,       ///< public key of several parties; only all of them together decrypt
  paillier2048 = 16, ///< Paillier with a modulus of 2048 bits
  paillier3072 = 17, ///< the same with 3072 bits
};

/// "rl4096a", ...; "unknown" for a foreign number.
std::string_view name(sum_set) noexcept;

/// With which instructions the ring's arithmetic runs. Both give the same bits.
enum class sum_kernels : std::uint8_t { portable, avx512_ifma };

bool is_available(sum_kernels) noexcept;
sum_kernels best_sum_kernels() noexcept;

/// Completes "refused because …".
enum class sum_refusal : std::uint8_t {
  malformed = 1,            ///< bytes that are no object of this scheme: structure or length
  wrong_checksum,           ///< the SHA-256 at the end is not that of the rest
  wrong_set,                ///< made with other parameters
  wrong_round,              ///< made for another round
  wrong_key,                ///< made under another key
  wrong_shape,              ///< another number of values, bits of a value or parties
  coefficient_out_of_range, ///< a coefficient that is not below its modulus
  value_out_of_range,       ///< a value that does not fit its bits
  over_level,               ///< with this one the sum might no longer decrypt
  noise_out_of_bound,       ///< it decrypts to no sum: a foreign key, or somebody tampered
  bad_key,                  ///< a key or seed that cannot be used
  used_up,                  ///< this key has done the one thing that it may do
  wrong_sum,                ///< a decryption share of another sum
  missing_share,            ///< not exactly one share of each party
};

std::string_view name(sum_refusal) noexcept;

template <class T>
using sum_result = value_or<T, sum_refusal>;

/// What a set can hold.
struct sum_shape {
  std::uint32_t slot_bits = 0;          ///< of each sum
  std::size_t values_in_block = 0;      ///< ciphertexts come in whole blocks of so many values
  std::size_t words_in_block = 0;       ///< in memory
  std::size_t block_bytes = 0;          ///< on the wire, without the one frame around all blocks
  std::uint64_t level_by_noise_max = 0; ///< total weight up to which decryption cannot fail
};

/// What a ciphertext says about itself. Only ciphertexts of one round, key and shape add up.
struct sum_label {
  sum_set set{};
  std::uint64_t round = 0;
  std::uint64_t level = 0;       ///< total weight of what was added; 1 for a fresh ciphertext
  std::uint64_t value_count = 0; ///< 1 ..= sum_value_count_max
  std::uint16_t parties = 1;     ///< who must take part in decryption; 1 but for rt8192a
  std::uint8_t value_bits = 0;   ///< each value of a fresh ciphertext is below 2^value_bits
  sha256_digest key{};           ///< which key it is under
  friend bool operator==(const sum_label&, const sum_label&) = default;
};

inline constexpr std::uint64_t sum_value_count_max = std::uint64_t{1} << 31;

/// A ciphertext in memory: blocks of coefficients (ring sets: canonical, below their primes) or of
/// 64-bit limbs (Paillier).
struct encrypted_values {
  sum_label label;
  std::vector<std::uint64_t> words;
};

/// Both ends' keys, encoded. For all sets but rk4096a `encryption` is public: reveal and publish
/// it. For rk4096a both are the client's secrets, and good for one round: `decryption` is N
/// signed 32-bit integers (little endian) in {-1, 0, 1}, of which only sums over clients may be
/// shown to anybody.
struct sum_keys {
  secret encryption;
  secret decryption;
};

class sum_encryptor {
public:
  virtual ~sum_encryptor() = default;
  /// `values`, each below 2^value_bits, 1 <= value_bits <= slot_bits, as a ciphertext of level 1.
  /// `seed` is 32 fresh random bytes; they are bound to key and round, and used for nothing else.
  /// Refuses value_out_of_range, wrong_shape, bad_key (seed length), and used_up: an encryptor of
  /// rk4096a encrypts once, since its key may not be used twice.
  virtual sum_result<encrypted_values> encrypt(std::span<const std::uint32_t> values,
                                               std::uint8_t value_bits, std::uint64_t round,
                                               const secret& seed) = 0;
};

class sum_decryptor {
public:
  virtual ~sum_decryptor() = default;
  /// The sums, `label.value_count` of them. Refuses wrong_key, wrong_set, over_level, and
  /// noise_out_of_bound where the result is not a sum that the label allows.
  virtual sum_result<std::vector<std::uint32_t>> decrypt(const encrypted_values& sum) const = 0;
};

/// Adds ciphertexts. Knows no key.
class sum_accumulator {
public:
  virtual ~sum_accumulator() = default;
  /// Adds `weight` (1 or more) times `item`. Refuses wrong_set, wrong_round, wrong_key, wrong_shape
  /// and over_level (the bound on noise and on each slot is proven for weighted sums too); a
  /// refusal changes nothing.
  virtual sum_result<done> add(const encrypted_values& item, std::uint32_t weight = 1) = 0;
  /// Adds a fresh ciphertext of which only the body is here, as `encode_body` writes it: that it is
  /// of this round, key and shape must be known from elsewhere. Refuses wrong_shape (another
  /// length), coefficient_out_of_range and over_level; a refusal changes nothing.
  virtual sum_result<done> add_body(bytes_view body) = 0;
  /// The sum so far. Over nothing it is refused by every decryptor, since its level is 0.
  virtual encrypted_values sum() const = 0;
};

/// One parameter set with one public context: 32 bytes that all who take part agree on (a job's
/// hash, or for rk4096a something fresh in each round, e.g. the roster's root). Const members may
/// be called from many threads.
class additive_scheme {
public:
  virtual ~additive_scheme() = default;
  virtual sum_shape shape() const = 0;
  /// Total weight up to which sums of values below 2^value_bits are right, for certain.
  virtual std::uint64_t level_max(std::uint8_t value_bits, std::uint16_t parties) const = 0;
  /// A key pair from a seed of 32 secret random bytes. Refuses bad_key; and wrong_set for rt8192a,
  /// whose keys belong to parties (threshold_sum.hpp).
  virtual sum_result<sum_keys> make_keys(const secret& seed) const = 0;
  /// Refuses bad_key, and what reading a public key refuses. Keeps no reference to `key`.
  virtual sum_result<std::unique_ptr<sum_encryptor>> encryptor(bytes_view key) const = 0;
  virtual sum_result<std::unique_ptr<sum_decryptor>> decryptor(const secret& key) const = 0;
  /// Starts a sum for what `like` says, whose level does not matter. `public_key`: for Paillier,
  /// whose modulus the adder must know; the others look at none. Refuses as `decode` does.
  virtual sum_result<std::unique_ptr<sum_accumulator>> accumulator(const sum_label& like,
                                                                   bytes_view public_key) const = 0;
  /// The one way to write a ciphertext: frame, packed coefficients, SHA-256.
  virtual bytes encode(const encrypted_values& values) const = 0;
  /// Only what stands between frame and SHA-256: the coefficients.
  virtual bytes encode_body(const encrypted_values& values) const = 0;
  /// Reads it. Every length, coefficient and field is checked.
  virtual sum_result<encrypted_values> decode(bytes_view content) const = 0;
};

/// The scheme `set`; empty for an unknown one. `kernels` must be available.
std::unique_ptr<additive_scheme> make_additive_scheme(sum_set set, const sha256_digest& context,
                                                      sum_kernels kernels = best_sum_kernels());

} // namespace godwit
