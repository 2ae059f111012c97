// What do releases cost, by Rényi divergences?
#pragma once

#include <cstdint>
#include <vector>

#include <godwit/messages/result.hpp>
#include <godwit/privacy/privacy_event.hpp>

namespace godwit::accounting {

/// How a curve of Rényi divergences becomes (epsilon, delta).
enum class conversion : std::uint8_t {
  improved, ///< Canonne, Kamath & Steinke 2020, proposition 12
  classic,  ///< Mironov 2017, proposition 3: what papers until 2019 report
};

/// 1.1, 1.2 … 10.9, 11 … 63, 128, 256, 512, 1024: good for all but the smallest noise.
std::vector<double> usual_orders();

/// What two neighbours differ by, at each order: an upper bound that adds up over releases.
struct divergence_curve {
  std::vector<double> orders;      ///< each above 1
  std::vector<double> divergences; ///< as many; each 0 or more

  /// min over the orders of the bound that `by` gives; 0 where a total variation of delta suffices
  /// (Bretagnolle-Huber: TV^2 <= 1 - exp(-KL)). Fail with bad_config for a delta outside
  /// [1e-100, 1), an epsilon outside [0, 1e6], or no orders.
  attempt<double> epsilon(double delta, conversion by = conversion::improved) const;
  attempt<double> delta(double epsilon, conversion by = conversion::improved) const;
};

/// Adds up releases of any kind as divergences of fixed orders.
///
/// | noise | everybody | Poisson | fixed size |
/// | Gaussian | Mironov 2017 | Mironov, Talwar & Zhang 2019 | Wang, Balle & Kasiviswanathan 2019 |
/// | Laplace, discrete Laplace, discrete Gaussian, Skellam | yes | yes, whole orders and chords |
/// no | | randomised response, tree, rho-zCDP | yes | no | no |
///
/// Poisson sampling goes with add_or_remove_one, a fixed size with replace_one.
class rdp_accountant {
public:
  explicit rdp_accountant(std::vector<double> orders = usual_orders());

  /// Fails with bad_config for an event that is not valid or that has no bound here, and for orders
  /// outside (1, 16384]; what was composed before stays as it was.
  attempt<done> compose(const privacy_event&);
  const divergence_curve& curve() const noexcept { return curve_; }
  attempt<double> epsilon(double delta, conversion by = conversion::improved) const {
    return curve_.epsilon(delta, by);
  }
  attempt<double> delta(double epsilon, conversion by = conversion::improved) const {
    return curve_.delta(epsilon, by);
  }

private:
  divergence_curve curve_;
};

} // namespace godwit::accounting
