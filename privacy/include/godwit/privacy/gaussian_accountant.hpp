// What do Gaussian releases of everybody's data cost, exactly?
#pragma once

#include <godwit/messages/result.hpp>
#include <godwit/privacy/privacy_event.hpp>

namespace godwit::accounting {

/// The least delta for which one Gaussian release is (epsilon, delta)-private: Phi(mu/2 - eps/mu) -
/// e^eps Phi(-mu/2 - eps/mu), with mu = what a neighbour changes / standard deviation (Balle & Wang
/// 2018, theorem 8). mu > 0, epsilon >= 0.
double gaussian_delta(double mu, double epsilon);
/// Its inverse in epsilon, to 1e-14 of it: 0 where even epsilon 0 needs less than `delta`.
double gaussian_epsilon(double mu, double delta);
/// Its inverse in mu: the largest mu that is (epsilon, delta)-private, to 1e-14 of it.
double gaussian_mu(double epsilon, double delta);

/// Adds up Gaussian releases and trees in which everybody takes part. They compose exactly:
/// mu^2 = the sum of all mu^2 (Dong, Roth & Su 2022, corollary 3.3).
class gaussian_accountant {
public:
  /// Fails with bad_config for what is not valid, sampled, or not Gaussian.
  attempt<done> compose(const privacy_event&);
  /// Both fail with bad_config for a delta outside [1e-100, 1) or an epsilon outside [0, 1e6]. 0
  /// where nothing was released.
  attempt<double> epsilon(double delta) const;
  attempt<double> delta(double epsilon) const;
  double mu() const;

private:
  double mu_squared_ = 0;
};

} // namespace godwit::accounting
