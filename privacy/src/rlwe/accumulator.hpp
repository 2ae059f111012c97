// How do ciphertexts of the ring sets add up?
#pragma once

#include <memory>

#include "rlwe/ring.hpp"

namespace godwit::rlwe {

/// An empty sum for what `like` says; its label has been checked, with the level 1.
std::unique_ptr<sum_accumulator> make_accumulator(std::shared_ptr<const ring> in,
                                                  const sum_label& like);

} // namespace godwit::rlwe
