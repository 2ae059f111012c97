// What was released of a population's data, and what has it cost each client? A chain of signed
// lines that only grows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <godwit/messages/bytes.hpp>
#include <godwit/messages/ids.hpp>
#include <godwit/messages/result.hpp>
#include <godwit/privacy/concentrated_cost.hpp>
#include <godwit/privacy/digest.hpp>
#include <godwit/privacy/privacy_event.hpp>
#include <godwit/privacy/signature.hpp>
#include <godwit/privacy/tree_account.hpp>

namespace godwit {

/// Longer lines are none.
inline constexpr std::size_t ledger_line_bytes_max = 16 * 1024 * 1024;

/// Noise that a sum's clients have added, each its share.
using shared_noise = std::variant<accounting::discrete_gaussian, accounting::skellam>;

/// One sum with noise that leaves.
struct privacy_release {
  round_id round;
  /// Standard deviation of the noise / L2 norm of what one client can change; above 0, finite.
  double noise_multiplier = 0;
  /// What is known of it where clients have added it; else it is Gaussian.
  std::optional<shared_noise> shared{};
  /// Where noise_multiplier is that of a tree's nodes; else the noise is this release's alone.
  std::optional<tree_place> place{};
  sha256_digest result{};         ///< SHA-256 of what goes out
  std::vector<client_id> clients; ///< whose data are in it: ascending, distinct, at least one
  friend bool operator==(const privacy_release&, const privacy_release&) = default;
};

/// The same for the accountants; of a tree: as if this were a client's one part in it.
accounting::privacy_event event_of(const privacy_release&);

/// Where a ledger stands: what everybody else may remember of it.
struct ledger_head {
  std::uint64_t release_count = 0;
  sha256_digest hash{}; ///< of the newest line; it stands for all before it
  friend bool operator==(const ledger_head&, const ledger_head&) = default;
};

/// The chain. A line is u32 length || body || signature[64], little endian; the length is that of
/// the body. The first body is u8 1 || u32 length || population || verifying_key[32] || nonce[32];
/// each other one is u8 2 || u64 round || f64 noise_multiplier || result[32] || u32 count ||
/// (u32 length || client) x count; or, where the clients have added the noise, u8 3 || the same ||
/// u8 law || and for law 1 (discrete Gaussian): f64 sigma || f64 l2_norm || f64 l1_norm ||
/// u64 dimension || u64 client_count; for law 3 (Skellam): f64 variance || f64 l2_norm ||
/// f64 l1_norm, all as in privacy_event.hpp; or, of a tree, u8 4 || the same as behind u8 2 ||
/// u64 tree || u64 step || u64 rounds. hash = H("godwit/ledger", hash before it, of 32 zeros
/// for the first || body), and the signature is Ed25519 of tagged("godwit/ledger", hash).
///
/// Whoever holds the key can write another history. Against that, and against an older copy of the
/// file, stands what others remember of the head.
class privacy_ledger {
public:
  /// An empty one. `nonce` is 32 fresh random bytes: no two ledgers are mistaken for each other.
  static privacy_ledger begin(std::string population, const signing_key&,
                              const sha256_digest& nonce);

  struct found;
  /// Reads and checks a ledger's file. A last line that is cut short or damaged was never durable,
  /// and is not counted. Fails with corrupt, naming the line, where anything else is not as it was
  /// written, and with bad_config for another population's.
  static attempt<found> read(bytes_view content, std::string_view population);

  /// Whose ledger a file says it is, unchecked; nothing where it is none.
  static std::optional<std::string> population_in(bytes_view content);

  /// Takes the release in and gives the line that says so, to be durable before the result leaves.
  /// The same result of the same round costs once: nothing is to be written then. Refuses malformed
  /// (what cannot stand in a line, or a place in a tree that lies before another one).
  result<bytes> add(const privacy_release&, const signing_key&);

  /// The first line.
  const bytes& opening_line() const noexcept { return opening_line_; }
  const std::string& population() const noexcept { return population_; }
  const verifying_key& signer() const noexcept { return signer_; }
  ledger_head head() const noexcept { return {releases_.size(), hashes_.back()}; }
  /// Where it stood behind so many releases: at most as many as there are.
  ledger_head head_behind(std::uint64_t release_count) const {
    return {release_count, hashes_.at(release_count)};
  }
  const std::vector<privacy_release>& releases() const noexcept { return releases_; }

  /// The newest release of a tree, or null.
  const privacy_release* last_in_tree() const noexcept;
  /// Each client's parts in trees.
  const std::map<client_id, tree_parts>& parts() const noexcept { return parts_; }

  /// What the releases have cost each client that had a part in one. Of Gaussian noise alone, 2 rho
  /// is mu^2 of the one Gaussian mechanism that all of them amount to (Dong, Roth & Su 2022,
  /// corollary 3.3).
  const std::map<client_id, accounting::concentrated_cost>& spent() const noexcept {
    return spent_;
  }

private:
  privacy_ledger() = default;
  bool take_opening(bytes_view body, bytes_view proof);
  bool take_release(bytes_view body, bytes_view proof);
  bool may_follow(const privacy_release&) const;
  bool hides_line(bytes_view rest) const;
  void count(const privacy_release&);

  std::string population_;
  verifying_key signer_{};
  bytes opening_line_;
  std::vector<sha256_digest> hashes_; ///< of each line
  std::vector<privacy_release> releases_;
  std::map<client_id, accounting::concentrated_cost> spent_;
  std::map<client_id, tree_parts> parts_;
};

struct privacy_ledger::found {
  privacy_ledger ledger;
  std::uint64_t torn_bytes = 0; ///< behind the last whole line
};

} // namespace godwit
