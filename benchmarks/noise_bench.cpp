// The noise workload: samples of each law, with each kernel that this processor has.
#include "noise_bench.hpp"

#include <array>
#include <cmath>
#include <cstdint>
#include <ostream>
#include <span>
#include <string>
#include <vector>

#include <godwit/privacy/noise.hpp>

#include "csv_rows.hpp"
#include "noise/plain_samplers.hpp"
#include "noise/proposals.hpp"
#include "thread_cpu_time.hpp"

namespace godwit {

namespace {

constexpr std::array<std::byte, mask_key_bytes> bench_key{std::byte{0x17}};
constexpr std::size_t stored_bytes = std::size_t{32} << 10; ///< they stay in the cache

double nanoseconds(const least_cpu_time& time, double count) {
  return time.seconds() * 1e9 / count;
}

/// The generator alone: as many bytes as the proposals of these samples take, were all taken.
void store_stream(std::size_t sample_count) {
  alignas(64) static std::byte memory[stored_bytes];
  for (std::uint64_t at = 0; at < sample_count * 16; at += stored_bytes)
    write_stream(memory, bench_key, {}, at);
}

bool has_variance(std::span<const std::int64_t> samples, double variance) {
  double squares = 0;
  for (const auto sample : samples)
    squares += static_cast<double>(sample) * static_cast<double>(sample);
  const auto count = static_cast<double>(samples.size());
  return std::abs(squares / count / variance - 1) < 15 / std::sqrt(count);
}

/// Judging alone, for each proposal: how the kernels compare.
void measure_kernels(rows out, noise_kind kind, double scale, const noise_bench_options& options) {
  const auto table = noise::make_rows({kind, scale});
  std::vector<std::byte> stream(64 * noise::group_bytes);
  write_stream(stream, bench_key, {});
  const std::size_t passes = options.sample_count / (64 * noise::group_size) + 1;
  noise::proposals found;
  for (const auto& one : noise::available_judges()) {
    least_cpu_time judging;
    for (int i = 0; i < options.repeats; ++i)
      judging.take([&] {
        for (std::size_t pass = 0; pass < passes; ++pass)
          for (std::size_t at = 0; at < stream.size(); at += noise::group_bytes)
            one.judge(table, stream.data() + at, found);
      });
    out.write(std::string("per_proposal_") + one.name,
              nanoseconds(judging, static_cast<double>(passes * 64 * noise::group_size)), "ns");
  }
}

template <class PlainDraw>
bool measure_law(const std::string& law, noise_kind kind, double scale, const PlainDraw& plain_draw,
                 const noise_bench_options& options, std::ostream& csv) {
  const auto sampler = noise_sampler::make(kind, scale).value();
  std::vector<std::int64_t> samples(options.sample_count), by_the_book(options.sample_count / 10);
  noise::plain_samplers plain(bench_key);
  least_cpu_time drawing, plain_drawing, storing, making;
  for (int i = 0; i < options.repeats; ++i) {
    making.take([&] { (void)noise_sampler::make(kind, scale).has_value(); });
    drawing.take([&] { sampler.draw(samples, bench_key); });
    plain_drawing.take([&] {
      for (auto& sample : by_the_book)
        sample = plain_draw(plain);
    });
    storing.take([&] { store_stream(samples.size()); });
  }
  const double fast = nanoseconds(drawing, static_cast<double>(samples.size()));
  const double slow = nanoseconds(plain_drawing, static_cast<double>(by_the_book.size()));
  const double bare = nanoseconds(storing, static_cast<double>(samples.size()));
  rows out(csv, "noise," + law + "_" + std::to_string(static_cast<int>(scale)));
  out.write("per_sample", fast, "ns");
  out.write("per_sample_by_the_book", slow, "ns");
  out.write("times_as_fast", slow / fast, "1");
  out.write("bare_generator_per_sample", bare, "ns");
  out.write("ratio_to_bare_generator", bare / fast, "1");
  out.write("making_the_rows", making.seconds() * 1e3, "ms");
  measure_kernels(out, kind, scale, options);
  return has_variance(samples, sampler.variance()) && has_variance(by_the_book, sampler.variance());
}

} // namespace

int run_noise_bench(const noise_bench_options& options, std::ostream& csv) {
  csv << csv_header << '\n';
  bool is_right = true;
  for (const std::uint64_t scale : {4, 256, 4096}) {
    const auto gaussian = [scale](noise::plain_samplers& plain) {
      return plain.discrete_gaussian(scale * scale);
    };
    is_right = measure_law("discrete_gaussian", noise_kind::discrete_gaussian,
                           static_cast<double>(scale), gaussian, options, csv) &&
               is_right;
  }
  const auto laplace = [](noise::plain_samplers& plain) { return plain.discrete_laplace(256); };
  is_right =
      measure_law("discrete_laplace", noise_kind::discrete_laplace, 256.0, laplace, options, csv) &&
      is_right;
  const auto skellam = [](noise::plain_samplers& plain) { return plain.skellam(256); };
  is_right = measure_law("skellam", noise_kind::skellam, 16.0, skellam, options, csv) && is_right;
  rows(csv, "noise,all").write("variances_are_right", is_right ? 1 : 0, "1");
  return is_right ? 0 : 1;
}

} // namespace godwit
