// What does a kernel do, whichever instructions it is made of?
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include <godwit/privacy/mask.hpp>

namespace godwit::mask {

static_assert(std::endian::native == std::endian::little, "lanes are read from a stream as it is");

/// What becomes of a stream's bytes where they meet memory.
enum class blend : std::uint8_t {
  store,
  add_16,
  add_32,
  add_64,
  subtract_16,
  subtract_32,
  subtract_64,
};

/// A key as its kernel wants it: AES's fifteen round keys, or just the 32 bytes.
struct alignas(64) expanded_key {
  std::array<std::byte, 240> content;
};

/// A piece of a stream and the memory it goes to.
struct stretch {
  std::byte* memory = nullptr;
  std::size_t byte_count = 0;    ///< a multiple of the kernel's step
  std::uint32_t first_block = 0; ///< of 16 bytes (AES) or 64 (ChaCha20)
  const expanded_key* key = nullptr;
  const stream_nonce* nonce = nullptr;
};

struct kernel {
  void (*expand)(mask_key key, expanded_key& expanded);
  void (*run)(blend how, const stretch& piece);
  std::size_t step_bytes; ///< what it makes at a time, a power of two, 64 ..= step_bytes_max
  std::size_t block_bytes;
};

inline constexpr std::size_t step_bytes_max = 2048;

/// Calls act<How>() with `how` as a constant.
void with_constant(blend how, auto&& act) {
  switch (how) {
  case blend::store:
    return act.template operator()<blend::store>();
  case blend::add_16:
    return act.template operator()<blend::add_16>();
  case blend::add_32:
    return act.template operator()<blend::add_32>();
  case blend::add_64:
    return act.template operator()<blend::add_64>();
  case blend::subtract_16:
    return act.template operator()<blend::subtract_16>();
  case blend::subtract_32:
    return act.template operator()<blend::subtract_32>();
  case blend::subtract_64:
    return act.template operator()<blend::subtract_64>();
  }
}

/// The expansion of a kernel that reads the key itself.
inline void keep_key(mask_key key, expanded_key& expanded) {
  std::memcpy(expanded.content.data(), key.data(), key.size());
}

extern const kernel aes_portable, chacha_portable;
#if defined(__x86_64__)
void expand_aes_ni(mask_key key, expanded_key& expanded);
extern const kernel aes_ni, aes_vaes_512, chacha_avx2, chacha_avx512;
#endif
#if defined(__aarch64__)
extern const kernel aes_neon, chacha_neon;
#endif

} // namespace godwit::mask
