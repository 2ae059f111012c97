// Do two servers hold the same copies, without either showing its own? (privacy/SHARED_SUM.md,
// section 6)
#include <godwit/privacy/shared_sum.hpp>

#include <algorithm>
#include <array>
#include <cstring>

#include <godwit/messages/check.hpp>

namespace godwit::shared_sum {

namespace {

constexpr std::size_t tile_words = 4096; ///< 32 KiB of coefficients, for all contents in turn

__extension__ using wide = unsigned __int128;

/// sum of r_k w_k for a tile. w < 2^32 and r < 2^61: 4,096 products stay below 2^105.
field_element inner_product(std::span<const std::uint64_t> r, bytes_view words) {
  wide sum = 0;
  const std::size_t whole = words.size() / 4;
  for (std::size_t k = 0; k < whole; ++k) {
    std::uint32_t w = 0;
    std::memcpy(&w, words.data() + 4 * k, 4);
    sum += static_cast<wide>(r[k]) * w;
  }
  if (const std::size_t rest = words.size() % 4; rest != 0) {
    std::uint32_t w = 0;
    std::memcpy(&w, words.data() + 4 * whole, rest);
    sum += static_cast<wide>(r[whole]) * w;
  }
  return field_element(static_cast<std::uint64_t>(sum)) +
         field_element(static_cast<std::uint64_t>(sum >> 64)) * field_element(8); // 2^64 mod p is 8
}

} // namespace

std::vector<field_element> fingerprints(const terms& t, const sha256_digest& coins,
                                        std::span<const bytes_view> contents) {
  std::vector<field_element> out(contents.size());
  if (contents.empty())
    return out;
  const std::size_t size = contents.front().size();
  for (const auto content : contents)
    GODWIT_CHECK(content.size() == size, "contents of different lengths are compared");
  const key_stream stream{.suite = t.suite, .nonce = {}, .kernel = best_mask_kernel(t.suite)};
  std::array<std::uint64_t, tile_words> r;
  for (std::size_t first = 0; first < size; first += 4 * tile_words) {
    const std::size_t count = std::min(4 * tile_words, size - first);
    const auto used = std::span(r).first((count + 3) / 4);
    write_stream(std::as_writable_bytes(used), coins, stream, 2 * std::uint64_t{first});
    for (auto& word : used)
      word &= field_element::modulus; // p itself stands for 0: sums are mod p
    for (std::size_t i = 0; i < contents.size(); ++i)
      out[i] += inner_product(used, contents[i].subspan(first, count));
  }
  return out;
}

} // namespace godwit::shared_sum
