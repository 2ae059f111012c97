// What is FedProx's Synthetic(alpha, beta), and how is it made?
#pragma once

#include <cstdint>

#include "data/dataset.hpp"
#include "data/load.hpp"

namespace godwit {

/// Which of the family of data sets.
struct synthetic_options {
  double alpha = 1.0; ///< how much local models differ: standard deviation of their means, >= 0
  double beta = 1.0;  ///< how much local inputs differ: standard deviation of their means, >= 0
  bool iid = false;   ///< one model and one input distribution for all; alpha, beta mean nothing
  std::uint64_t seed = 0;
};

/// Li et al. 2020 ("Federated optimization in heterogeneous networks"), section 5.1 and appendix
/// C.1, as the authors' generator has it. 30 devices, 60 features, 10 classes; device k has
/// floor(lognormal(4, 2)) + 50 examples; u_k ~ N(0, alpha), B_k ~ N(0, beta), v_k ~ N(B_k, 1)^60,
/// W_k ~ N(u_k, 1)^(60 x 10), b_k ~ N(u_k, 1)^10; x ~ N(v_k, diag(j^-1.2)), y = arg max(x W_k +
/// b_k). alpha and beta are standard deviations, as in that code; the paper calls them
/// variances. Ninety percent of a device's examples are for training, as in the code; the paper
/// says eighty. `keys` are the devices, 0 ..< 30.
dataset synthetic(const synthetic_options& options, split which);

} // namespace godwit
