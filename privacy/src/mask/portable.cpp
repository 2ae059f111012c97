// How is a mask made where the processor has none of our instructions? By Botan, in constant time,
// into a small buffer; the adding is plain C++.
#include <algorithm>
#include <exception>

#include <botan/aes.h>
#include <botan/chacha.h>

#include <godwit/messages/check.hpp>
#include <godwit/messages/secret.hpp>

#include "../octets.hpp"
#include "kernels.hpp"

namespace godwit::mask {

namespace {

constexpr std::size_t tile_bytes = 16 * 1024;

template <class Lane, bool IsSubtracted>
void blend_lanes(std::byte* memory, const std::byte* made, std::size_t byte_count) {
  for (std::size_t at = 0; at < byte_count; at += sizeof(Lane)) {
    Lane lane, mask;
    std::memcpy(&lane, memory + at, sizeof lane);
    std::memcpy(&mask, made + at, sizeof mask);
    lane = static_cast<Lane>(IsSubtracted ? lane - mask : lane + mask);
    std::memcpy(memory + at, &lane, sizeof lane);
  }
}

void blend_bytes(blend how, std::byte* memory, const std::byte* made, std::size_t byte_count) {
  switch (how) {
  case blend::store:
    std::memcpy(memory, made, byte_count);
    return;
  case blend::add_16:
    return blend_lanes<std::uint16_t, false>(memory, made, byte_count);
  case blend::add_32:
    return blend_lanes<std::uint32_t, false>(memory, made, byte_count);
  case blend::add_64:
    return blend_lanes<std::uint64_t, false>(memory, made, byte_count);
  case blend::subtract_16:
    return blend_lanes<std::uint16_t, true>(memory, made, byte_count);
  case blend::subtract_32:
    return blend_lanes<std::uint32_t, true>(memory, made, byte_count);
  case blend::subtract_64:
    return blend_lanes<std::uint64_t, true>(memory, made, byte_count);
  }
}

/// Has `make` write the stream piece by piece, and blends it in.
template <class Make>
void run_by_tiles(blend how, const stretch& piece, const Make& make) {
  std::array<std::byte, tile_bytes> made;
  for (std::size_t at = 0; at < piece.byte_count; at += tile_bytes) {
    const std::size_t count = std::min(tile_bytes, piece.byte_count - at);
    make(std::span(made).first(count), at);
    blend_bytes(how, piece.memory + at, made.data(), count);
  }
  wipe(made);
}

/// Botan fails only where memory has run out.
void must_succeed(auto&& act) {
  bool is_done = false;
  try {
    act();
    is_done = true;
  } catch (const std::exception&) {
  }
  GODWIT_CHECK(is_done, "Botan could not make a stream");
}

void run_aes(blend how, const stretch& piece) {
  must_succeed([&] {
    Botan::AES_256 cipher;
    cipher.set_key(octets(piece.key->content), mask_key_bytes);
    run_by_tiles(how, piece, [&](std::span<std::byte> made, std::size_t at) {
      constexpr std::size_t block_bytes = 16;
      auto number = piece.first_block + static_cast<std::uint32_t>(at / block_bytes);
      for (std::size_t i = 0; i < made.size(); i += block_bytes, ++number) {
        const std::uint32_t big_endian = __builtin_bswap32(number);
        std::memcpy(made.data() + i, piece.nonce->data(), stream_nonce_bytes);
        std::memcpy(made.data() + i + stream_nonce_bytes, &big_endian, sizeof big_endian);
      }
      cipher.encrypt_n(octets(made), writable_octets(made), made.size() / block_bytes);
    });
  });
}

void run_chacha(blend how, const stretch& piece) {
  must_succeed([&] {
    Botan::ChaCha cipher(20);
    cipher.set_key(octets(piece.key->content), mask_key_bytes);
    cipher.set_iv(octets(*piece.nonce), stream_nonce_bytes);
    cipher.seek(std::uint64_t{piece.first_block} * 64);
    run_by_tiles(how, piece, [&](std::span<std::byte> made, std::size_t) {
      cipher.write_keystream(writable_octets(made), made.size());
    });
  });
}

} // namespace

const kernel aes_portable{keep_key, run_aes, 64, 16};
const kernel chacha_portable{keep_key, run_chacha, 64, 64};

} // namespace godwit::mask
