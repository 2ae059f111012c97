// How does somebody with vectors and a budget, and nothing else of godwit, let noisy means out
// until the budget is spent?
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include <godwit/messages/result.hpp>
#include <godwit/privacy/concentrated_cost.hpp>
#include <godwit/privacy/noised_release.hpp>
#include <godwit/privacy/privacy_event.hpp>
#include <godwit/privacy/privacy_ledger.hpp>

namespace godwit {

/// A ledger, who signs it, and how its next line becomes durable: `append` returns when it is, and
/// what it failed with does not count.
struct kept_ledger {
  privacy_ledger ledger;
  std::shared_ptr<const signing_key> signer;
  std::function<attempt<done>(bytes_view line)> append;
};

/// What was spent, and what is left.
struct privacy_spending {
  double epsilon = 0;      ///< of all releases together, at `delta`: exact for Gaussian noise
  double delta = 0;        ///< the budget's
  double epsilon_left = 0; ///< the budget's epsilon less the one that was spent
  std::uint64_t release_count = 0;
  std::uint64_t releases_left = 0; ///< with this noise, up to 10^9 - 1
  double noise_multiplier = 0;     ///< deviation of the noise / clip_norm, of a release
};

/// Central differential privacy to be used by itself: vectors of `length` values, one of each
/// client (or example), are clipped and summed, and their mean leaves with discrete Gaussian noise
/// (noised_sum), as often as (epsilon, delta) allows. Releases of everybody's data compose exactly
/// (concentrated_cost); nothing is gained by leaving some out, since who is in is the caller's
/// choice. A client may be in all releases, with one vector in each.
///
/// A release is in the ledger before it leaves. Without a ledger the budget lives as long as this
/// object, which can be neither copied nor saved: for trying things out.
///
/// For one thread at a time. Keeps no references to vectors.
class privacy_manager {
public:
  struct config {
    double epsilon = 0;   ///< above 0, up to 1e6: of all releases together
    double delta = 0;     ///< 1e-100 up to 1 / client_count
    double clip_norm = 0; ///< L2, of one client's vector: finite, at least 2^-100
    /// How many releases the budget is to last: 1 ..= 10^6. The noise follows. None: one release,
    /// or as many as noise_multiplier allows.
    std::optional<std::uint64_t> release_count = std::nullopt;
    /// Deviation of the noise / clip_norm, 2^-15 ..= 256, instead of release_count.
    std::optional<double> noise_multiplier = std::nullopt;
    /// What a sum is divided by: how many clients are expected, a number fixed beforehand. At least
    /// 1. With 1, what is released is the sum.
    double client_count = 1;
    /// Whether a client is there, or which one it is: the latter takes twice the noise.
    accounting::relation neighbours = accounting::relation::add_or_remove_one;
  };

  static constexpr std::uint64_t release_count_max = 1'000'000;

  /// Fails with bad_config, in a sentence for each mistake, for what is out of its range, and where
  /// the budget does not allow a single release.
  static attempt<privacy_manager> begin(const config&);
  /// The same, with all that the ledger holds counting as spent.
  static attempt<privacy_manager> begin(const config&, kept_ledger);

  privacy_manager(privacy_manager&&) = default;
  privacy_manager& operator=(privacy_manager&&) = default;

  /// Adds one client's vector to the sum that leaves next; the first one says how long they are, 1
  /// ..= 2^30 values. Fails with bad_config for another length, for NaN and infinity, and for more
  /// than 2^32 vectors, and then adds nothing.
  attempt<clip_finding> add(std::span<const float> values);

  /// How many values release() gives; 0: there is nothing to release.
  std::size_t length() const noexcept;

  /// The mean of what was added, with noise, [length]; the next sum is empty. Fails with bad_config
  /// where nothing was added or the budget is spent (the sum stays), and with what the ledger fails
  /// with: the release counts then, and the next call gives the same one.
  attempt<std::vector<double>> release();

  /// Clips the vector of one client and adds noise to it, in its place: a release of its own, of a
  /// sum of one, divided by client_count. Fails as add and release do, with `gradient` as it was;
  /// what failed to be written down counts as spent.
  attempt<done> add_noise(std::span<float> gradient);

  privacy_spending privacy_spent() const;

private:
  privacy_manager(const config& rules, double noise_multiplier, std::optional<kept_ledger> kept)
      : rules_(rules), noise_multiplier_(noise_multiplier), kept_(std::move(kept)) {}
  static attempt<privacy_manager> begin(const config&, std::optional<kept_ledger>);
  attempt<noised_sum> empty_sum(std::size_t length) const;
  attempt<done> check_budget() const;
  accounting::concentrated_cost cost_with(std::uint64_t more) const;
  bool has_room_for(std::uint64_t more) const;
  std::vector<double> noised(noised_sum);
  attempt<done> make_durable();

  config rules_;
  double noise_multiplier_;
  std::optional<kept_ledger> kept_;
  std::uint64_t count_ = 0;                    ///< releases, where there is no ledger
  std::optional<noised_sum> sum_;              ///< of what was added
  std::size_t length_ = 0;                     ///< of its vectors
  bytes unwritten_;                            ///< the ledger's last line, until it is durable
  std::optional<std::vector<double>> leaving_; ///< waits for it
};

} // namespace godwit
