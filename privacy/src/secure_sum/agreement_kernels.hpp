// How does one secret agree with eight keys at a time?
#pragma once

#include <array>
#include <cstddef>
#include <span>

#include <godwit/messages/bytes.hpp>
#include <godwit/privacy/key_agreement.hpp>

namespace godwit {

inline constexpr std::size_t agreement_batch = 8;

/// Whether this build and this processor can.
bool has_ifma_agreement() noexcept;

/// X25519 of `own_secret` (32 bytes) with each of the keys, in time that depends on neither. Only
/// where `has_ifma_agreement`.
void agree_with_eight(bytes_view own_secret,
                      const std::array<agreement_key, agreement_batch>& theirs,
                      std::array<agreement_key, agreement_batch>& agreed);

} // namespace godwit
