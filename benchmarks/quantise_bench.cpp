// The quantise workload: values to entries, entries to packed bits, and those added to lanes.
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <ostream>
#include <span>
#include <string>

#include <godwit/aggregation/packing.hpp>
#include <godwit/aggregation/quantiser.hpp>

#include "csv_rows.hpp"
#include "mask_bench.hpp"
#include "thread_cpu_time.hpp"

namespace godwit {

namespace {

constexpr unsigned modulus_bits = 26; // 16 bits of 1,024 clients
constexpr value_grid grid{-1.0, 1.0, 16};

/// Values beyond both ends and between them, and bytes that no pattern is seen in.
struct material {
  explicit material(std::size_t count)
      : values(count), rounding(count * rounding_bytes_each), entries(count), lanes(count),
        body(packed_bytes(count, modulus_bits)) {
    std::uint64_t state = 88172645463325252U; // xorshift64 (Marsaglia 2003)
    const auto next = [&state] {
      state ^= state << 13;
      state ^= state >> 7;
      return state ^= state << 17;
    };
    for (auto& value : values)
      value = static_cast<float>(static_cast<std::int32_t>(next() >> 32)) * 0x1.1p-31F;
    for (auto& one : rounding)
      one = static_cast<std::byte>(next() >> 32);
  }
  std::vector<float> values;
  bytes rounding;
  std::vector<std::uint32_t> entries, lanes;
  bytes body;
};

void measure(std::ostream& csv, const std::string& head, material& all, lane_kernel kernel,
             int repeats) {
  least_cpu_time copying, quantising, packing, adding;
  for (int i = 0; i < repeats; ++i) {
    copying.take([&] {
      std::memcpy(all.entries.data(), all.values.data(), all.values.size() * sizeof(float));
    });
    quantising.take(
        [&] { (void)quantise(all.values, grid, 1, all.rounding, std::span(all.entries), kernel); });
    packing.take([&] { pack(std::span(all.entries), modulus_bits, all.body, kernel); });
    std::ranges::fill(all.lanes, 0);
    adding.take([&] { add_packed(std::span(all.lanes), all.body, modulus_bits, 0, kernel); });
  }
  rows out(csv, head + ',' + std::string(name(kernel)));
  const auto write = [&](const std::string& what, double seconds) {
    out.write(what + "_rate", static_cast<double>(all.values.size()) * 1e-6 / seconds, "M/s");
    out.write(what + "_ratio_to_memcpy", copying.seconds() / seconds, "1");
  };
  write("memcpy", copying.seconds());
  write("quantise", quantising.seconds());
  write("pack", packing.seconds());
  write("add_packed", adding.seconds());
}

} // namespace

int run_quantise_bench(const quantise_bench_options& options, std::ostream& csv) {
  csv << csv_header << '\n';
  bool agree = true;
  for (const std::size_t value_count : options.value_counts) {
    material all(value_count);
    std::vector<std::uint32_t> expected;
    for (const auto kernel : {lane_kernel::portable, lane_kernel::avx2, lane_kernel::avx512}) {
      if (!is_available(kernel))
        continue;
      measure(csv, "quantise_d" + std::to_string(value_count), all, kernel, options.repeats);
      agree = agree && all.lanes == all.entries && (expected.empty() || expected == all.entries);
      expected = all.entries;
    }
  }
  rows(csv, "quantise,all").write("kernels_agree", agree ? 1 : 0, "1");
  return agree ? 0 : 1;
}

} // namespace godwit
