// Which terms do tests of noise that clients add use?
#pragma once

#include <cstdint>

#include <doctest/doctest.h>

#include <godwit/privacy/distributed_noise.hpp>

#include "support/secure_sum_clients.hpp"

namespace godwit::secure_sum {

/// Terms of `length` values for up to so many clients, of whom `rules` relies upon some; carried
/// under keys, if `is_carried`.
inline terms noised_flock_terms(const distributed_noise& rules, std::uint32_t clients_max,
                                std::uint64_t length, bool is_carried = false,
                                profile against = profile::semi_honest) {
  auto made = flock_terms(rules.survivors_min, clients_max, against, {0, 300}, 1, length);
  const auto noised = noised_terms_for(rules, length);
  REQUIRE(noised);
  made.noised = *noised;
  made.streams = {noised_stream(*noised, length)};
  if (is_carried) {
    made.carried = {.set = sum_set::rk4096a, .weight_max = 1, .streams = made.streams};
    made.streams = key_streams(made.carried->set);
  }
  made.modulus_bits = modulus_bits_for(clients_max, 1, made.streams);
  made.lane_bits = lane_bits_for(made.modulus_bits);
  REQUIRE(check(made));
  return made;
}

} // namespace godwit::secure_sum
