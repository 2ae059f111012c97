// How do 16 bytes of a stream meet memory, with NEON?
#pragma once

#if defined(__aarch64__)

#include <arm_neon.h>

#include "kernels.hpp"

namespace godwit::mask {

template <blend How>
inline void meet(std::byte* memory, uint8x16_t made) {
  auto* at = reinterpret_cast<std::uint8_t*>(memory);
  uint8x16_t lanes = made;
  if constexpr (How != blend::store)
    lanes = vld1q_u8(at);
  if constexpr (How == blend::add_16)
    lanes =
        vreinterpretq_u8_u16(vaddq_u16(vreinterpretq_u16_u8(lanes), vreinterpretq_u16_u8(made)));
  if constexpr (How == blend::add_32)
    lanes =
        vreinterpretq_u8_u32(vaddq_u32(vreinterpretq_u32_u8(lanes), vreinterpretq_u32_u8(made)));
  if constexpr (How == blend::add_64)
    lanes =
        vreinterpretq_u8_u64(vaddq_u64(vreinterpretq_u64_u8(lanes), vreinterpretq_u64_u8(made)));
  if constexpr (How == blend::subtract_16)
    lanes =
        vreinterpretq_u8_u16(vsubq_u16(vreinterpretq_u16_u8(lanes), vreinterpretq_u16_u8(made)));
  if constexpr (How == blend::subtract_32)
    lanes =
        vreinterpretq_u8_u32(vsubq_u32(vreinterpretq_u32_u8(lanes), vreinterpretq_u32_u8(made)));
  if constexpr (How == blend::subtract_64)
    lanes =
        vreinterpretq_u8_u64(vsubq_u64(vreinterpretq_u64_u8(lanes), vreinterpretq_u64_u8(made)));
  vst1q_u8(at, lanes);
}

} // namespace godwit::mask

#endif
