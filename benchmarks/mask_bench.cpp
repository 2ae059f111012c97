// The mask workload: many masks into one vector, with each kernel that this processor has.
#include "mask_bench.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <ostream>
#include <span>
#include <string>

#include <godwit/privacy/mask.hpp>

#include "csv_rows.hpp"
#include "thread_cpu_time.hpp"

namespace godwit {

namespace {

using key_bytes = std::array<std::byte, mask_key_bytes>;

/// How much of a stream is stored before the same memory is used again; all stay in the caches.
constexpr std::size_t cache_line_bytes = 64;
constexpr std::size_t store_bytes[] = {std::size_t{32} << 10, std::size_t{64} << 10,
                                       std::size_t{256} << 10};

std::vector<key_bytes> keys_of(std::size_t count) {
  std::vector<key_bytes> keys(count);
  for (std::size_t i = 0; i < count; ++i)
    for (std::size_t k = 0; k < mask_key_bytes; ++k)
      keys[i][k] = static_cast<std::byte>(i * 131 + k * 7 + (i >> 8));
  return keys;
}

/// The generator alone: every mask's bytes, stored.
void store_streams(std::span<std::byte> memory, std::span<const key_bytes> keys,
                   const key_stream& stream, std::uint64_t stream_bytes) {
  for (const auto& key : keys)
    for (std::uint64_t at = 0; at < stream_bytes; at += memory.size())
      write_stream(memory.first(std::min<std::uint64_t>(memory.size(), stream_bytes - at)), key,
                   stream, at);
}

/// One kernel's rows; `lanes` are zero, and hold the sum of the masks afterwards.
void measure(rows out, std::span<std::uint32_t> lanes, std::span<const key_bytes> keys,
             const key_stream& stream, int repeats) {
  std::vector<mask_term> terms, taken_out;
  for (const auto& key : keys) {
    terms.push_back({key, false});
    taken_out.push_back({key, true});
  }
  least_cpu_time adding, storing;
  std::vector<std::byte> memory(std::ranges::max(store_bytes) + cache_line_bytes);
  void* first = memory.data();
  std::size_t room = memory.size();
  auto* line = static_cast<std::byte*>(
      std::align(cache_line_bytes, memory.size() - cache_line_bytes, first, room));
  for (int i = 0; i < repeats; ++i) {
    if (i > 0)
      add_masks(lanes, taken_out, stream);
    adding.take([&] { add_masks(lanes, terms, stream); });
    for (const std::size_t count : store_bytes)
      storing.take([&] { store_streams({line, count}, keys, stream, lanes.size_bytes()); });
  }
  const double gigabytes = static_cast<double>(lanes.size_bytes() * keys.size()) * 1e-9;
  out.write("seconds", adding.seconds(), "s");
  out.write("rate", gigabytes / adding.seconds(), "GB/s");
  out.write("bare_generator_rate", gigabytes / storing.seconds(), "GB/s");
  out.write("ratio_to_bare_generator", storing.seconds() / adding.seconds(), "1");
}

} // namespace

int run_mask_bench(const mask_bench_options& options, std::ostream& csv) {
  csv << csv_header << '\n';
  const auto keys = keys_of(options.mask_count);
  bool agree = true;
  for (const std::size_t lane_count : options.lane_counts)
    for (const auto suite : {mask_suite::aes256_ctr, mask_suite::chacha20}) {
      const std::string head = "mask_n" + std::to_string(options.mask_count) + "_d" +
                               std::to_string(lane_count) +
                               (suite == mask_suite::aes256_ctr ? ",aes256_ctr_" : ",chacha20_");
      std::vector<std::uint32_t> expected;
      for (const auto kernel : {mask_kernel::portable, mask_kernel::aes_ni, mask_kernel::vaes_512,
                                mask_kernel::avx2, mask_kernel::avx512, mask_kernel::neon}) {
        if (!is_available(suite, kernel))
          continue;
        std::vector<std::uint32_t> lanes(lane_count);
        measure(rows(csv, head + std::string(name(kernel))), lanes, keys,
                {suite, mask_nonce(round_id{1}), kernel}, options.repeats);
        if (expected.empty())
          expected = std::move(lanes);
        else
          agree = agree && lanes == expected;
      }
    }
  rows(csv, "mask,all").write("kernels_agree", agree ? 1 : 0, "1");
  return agree ? 0 : 1;
}

} // namespace godwit
