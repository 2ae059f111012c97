// The sums under Paillier's scheme, over Botan's big integers.
#pragma once

#include <memory>

#include <godwit/privacy/encrypted_sum.hpp>

namespace godwit::paillier {

/// Null for a set that is none of Paillier's.
std::unique_ptr<additive_scheme> make_scheme(sum_set set);

} // namespace godwit::paillier
