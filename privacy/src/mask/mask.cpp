// How are keys expanded into masks, and how are many masks added at the rate of the generator? A
// tile of the vector stays in the cache while all masks pass over it; a block of a mask is added
// from the registers that it was made in.
#include <godwit/privacy/mask.hpp>

#include <algorithm>
#include <memory>

#include <godwit/messages/check.hpp>
#include <godwit/messages/secret.hpp>

#include "kernels.hpp"

#if defined(__x86_64__)
#include <cpuid.h>
#elif defined(__aarch64__)
#include <sys/auxv.h>
#endif

namespace godwit {

namespace {

/// What of a vector stays in the second cache while the masks pass over it.
constexpr std::size_t tile_bytes = 64 * 1024;

/// Keys that are expanded at once: 30 KiB.
constexpr std::size_t key_count_max = 128;

/// Null where this build has no such kernel of that suite.
const mask::kernel* kernel_of(mask_suite suite, mask_kernel chosen) noexcept {
  const bool is_aes = suite == mask_suite::aes256_ctr;
  switch (chosen) {
  case mask_kernel::portable:
    return is_aes ? &mask::aes_portable : &mask::chacha_portable;
#if defined(__x86_64__)
  case mask_kernel::aes_ni:
    return is_aes ? &mask::aes_ni : nullptr;
  case mask_kernel::vaes_512:
    return is_aes ? &mask::aes_vaes_512 : nullptr;
  case mask_kernel::avx2:
    return is_aes ? nullptr : &mask::chacha_avx2;
  case mask_kernel::avx512:
    return is_aes ? nullptr : &mask::chacha_avx512;
#elif defined(__aarch64__)
  case mask_kernel::neon:
    return is_aes ? &mask::aes_neon : &mask::chacha_neon;
#endif
  default:
    return nullptr;
  }
}

#if defined(__x86_64__)
/// Clang 14 knows no name for it. Asked once: under a hypervisor the instruction takes as long as
/// thousands of masks' blocks.
bool has_vaes() noexcept {
  static const bool is_there = [] {
    unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
    return __get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) != 0 && (ecx >> 9 & 1U) != 0;
  }();
  return is_there;
}
#endif

bool has_instructions(mask_suite suite, mask_kernel chosen) noexcept {
#if defined(__x86_64__)
  static_cast<void>(suite);
  switch (chosen) {
  case mask_kernel::aes_ni:
    return __builtin_cpu_supports("aes") && __builtin_cpu_supports("sse4.1");
  case mask_kernel::vaes_512:
    return has_vaes() && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("aes");
  case mask_kernel::avx2:
    return __builtin_cpu_supports("avx2");
  case mask_kernel::avx512:
    return __builtin_cpu_supports("avx512bw");
  default:
    return true;
  }
#elif defined(__aarch64__)
  constexpr unsigned long has_aes = 1UL << 3; // HWCAP_AES
  return chosen != mask_kernel::neon || suite != mask_suite::aes256_ctr ||
         (getauxval(AT_HWCAP) & has_aes) != 0;
#else
  static_cast<void>(suite), static_cast<void>(chosen);
  return true;
#endif
}

/// One kernel at work on streams of one nonce.
class mixer {
public:
  explicit mixer(const key_stream& stream) : nonce_(stream.nonce) {
    GODWIT_CHECK(is_available(stream.suite, stream.kernel), "a mask kernel that is not here");
    kernel_ = kernel_of(stream.suite, stream.kernel);
  }

  void expand(mask_key key, mask::expanded_key& expanded) const { kernel_->expand(key, expanded); }

  /// The stream from first_byte on meets `memory`.
  void mix(std::span<std::byte> memory, std::uint64_t first_byte, mask::blend how,
           const mask::expanded_key& key) const {
    while (!memory.empty()) {
      const std::size_t lead = first_byte % kernel_->step_bytes;
      std::size_t count = memory.size() - memory.size() % kernel_->step_bytes;
      if (lead == 0 && count > 0) {
        kernel_->run(how, {memory.data(), count, block_of(first_byte), &key, &nonce_});
      } else {
        count = std::min(kernel_->step_bytes - lead, memory.size());
        mix_part_of_step(memory.first(count), first_byte - lead, lead, how, key);
      }
      memory = memory.subspan(count);
      first_byte += count;
    }
  }

private:
  void mix_part_of_step(std::span<std::byte> memory, std::uint64_t step_byte, std::size_t lead,
                        mask::blend how, const mask::expanded_key& key) const {
    alignas(64) std::array<std::byte, mask::step_bytes_max> step{};
    std::ranges::copy(memory, step.begin() + static_cast<std::ptrdiff_t>(lead));
    kernel_->run(how, {step.data(), kernel_->step_bytes, block_of(step_byte), &key, &nonce_});
    std::copy_n(step.begin() + static_cast<std::ptrdiff_t>(lead), memory.size(), memory.begin());
    wipe(step);
  }

  std::uint32_t block_of(std::uint64_t byte) const {
    return static_cast<std::uint32_t>(byte / kernel_->block_bytes);
  }

  const mask::kernel* kernel_ = nullptr;
  stream_nonce nonce_;
};

void check_range(std::uint64_t first_byte, std::size_t byte_count) {
  GODWIT_CHECK(byte_count <= stream_bytes_max && first_byte <= stream_bytes_max - byte_count,
               "no stream is that long");
}

/// A tile ends where a step of every kernel does, wherever the vector begins.
void mix_tiles(const mixer& mix, std::span<std::byte> memory, std::uint64_t first_byte,
               std::span<const mask_term> terms, std::span<const mask::expanded_key> keys,
               mask::blend adding, mask::blend subtracting) {
  while (!memory.empty()) {
    const std::size_t count =
        std::min<std::size_t>(memory.size(), tile_bytes - first_byte % tile_bytes);
    for (std::size_t i = 0; i < terms.size(); ++i)
      mix.mix(memory.first(count), first_byte, terms[i].is_subtracted ? subtracting : adding,
              keys[i]);
    memory = memory.subspan(count);
    first_byte += count;
  }
}

template <class Lane>
void add_to_lanes(std::span<Lane> lanes, std::span<const mask_term> terms, const key_stream& stream,
                  std::uint64_t first_lane, mask::blend adding, mask::blend subtracting) {
  GODWIT_CHECK(first_lane <= stream_bytes_max / sizeof(Lane), "no stream is that long");
  const std::uint64_t first_byte = first_lane * sizeof(Lane);
  check_range(first_byte, lanes.size_bytes());
  const mixer mix(stream);
  const std::size_t key_count = std::min(terms.size(), key_count_max);
  const auto keys = std::make_unique<mask::expanded_key[]>(key_count);
  while (!terms.empty()) {
    const auto batch = terms.first(std::min(terms.size(), key_count));
    for (std::size_t i = 0; i < batch.size(); ++i)
      mix.expand(batch[i].key, keys[i]);
    mix_tiles(mix, std::as_writable_bytes(lanes), first_byte, batch, {keys.get(), batch.size()},
              adding, subtracting);
    terms = terms.subspan(batch.size());
  }
  wipe(std::as_writable_bytes(std::span(keys.get(), key_count)));
}

} // namespace

std::string_view name(mask_kernel chosen) noexcept {
  switch (chosen) {
  case mask_kernel::portable:
    return "portable";
  case mask_kernel::aes_ni:
    return "aes_ni";
  case mask_kernel::vaes_512:
    return "vaes_512";
  case mask_kernel::avx2:
    return "avx2";
  case mask_kernel::avx512:
    return "avx512";
  case mask_kernel::neon:
    return "neon";
  }
  return "unknown";
}

bool is_available(mask_suite suite, mask_kernel chosen) noexcept {
  return kernel_of(suite, chosen) != nullptr && has_instructions(suite, chosen);
}

mask_kernel best_mask_kernel(mask_suite suite) noexcept {
  for (auto candidate : {mask_kernel::vaes_512, mask_kernel::avx512, mask_kernel::aes_ni,
                         mask_kernel::avx2, mask_kernel::neon})
    if (is_available(suite, candidate))
      return candidate;
  return mask_kernel::portable;
}

stream_nonce mask_nonce(round_id round) noexcept {
  stream_nonce nonce{std::byte{'F'}, std::byte{'L'}, std::byte{'S'}, std::byte{'A'}};
  for (std::size_t i = 0; i < 8; ++i)
    nonce[4 + i] = static_cast<std::byte>(round.value >> (8 * i));
  return nonce;
}

void add_masks(std::span<std::uint16_t> lanes, std::span<const mask_term> terms,
               const key_stream& stream, std::uint64_t first_lane) {
  add_to_lanes(lanes, terms, stream, first_lane, mask::blend::add_16, mask::blend::subtract_16);
}

void add_masks(std::span<std::uint32_t> lanes, std::span<const mask_term> terms,
               const key_stream& stream, std::uint64_t first_lane) {
  add_to_lanes(lanes, terms, stream, first_lane, mask::blend::add_32, mask::blend::subtract_32);
}

void add_masks(std::span<std::uint64_t> lanes, std::span<const mask_term> terms,
               const key_stream& stream, std::uint64_t first_lane) {
  add_to_lanes(lanes, terms, stream, first_lane, mask::blend::add_64, mask::blend::subtract_64);
}

void write_stream(std::span<std::byte> out, mask_key key, const key_stream& stream,
                  std::uint64_t first_byte) {
  check_range(first_byte, out.size());
  const mixer mix(stream);
  mask::expanded_key expanded;
  mix.expand(key, expanded);
  mix.mix(out, first_byte, mask::blend::store, expanded);
  wipe(expanded.content);
}

} // namespace godwit
