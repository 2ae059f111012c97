// Which scheme belongs to which set? Apart from the rest: who needs a ring only does without
// Paillier.
#include <godwit/privacy/encrypted_sum.hpp>

#include "paillier/scheme.hpp"
#include "rlwe/ciphertext.hpp"

namespace godwit {

std::unique_ptr<additive_scheme> make_additive_scheme(sum_set set, const sha256_digest& context,
                                                      sum_kernels kernels) {
  if (const auto* parameters = rlwe::find_set(set))
    return rlwe::make_scheme(*parameters, context, kernels);
  return paillier::make_scheme(set);
}

} // namespace godwit
