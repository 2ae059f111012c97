// The summing workload: n updates, cycling through a pool, into one sum; the fastest of a few
// repeats.
#include "aggregate_bench.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <ostream>
#include <span>
#include <string>
#include <string_view>
#include <thread>

#include <godwit/aggregation/fixed_point.hpp>

#include "read_through.hpp"

namespace godwit {

namespace {

double seconds_of(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

double fastest_of(int repeats, const std::function<void()>& work) {
  double best = seconds_of(work);
  for (int i = 1; i < repeats; ++i)
    best = std::min(best, seconds_of(work));
  return best;
}

/// Floats in -1 .. 1, the same in every run.
std::vector<std::vector<float>> pool_of(std::size_t update_count, std::size_t parameter_count) {
  std::uint64_t state = 88172645463325252U; // xorshift64 (Marsaglia 2003)
  std::vector<std::vector<float>> pool(update_count, std::vector<float>(parameter_count));
  for (auto& update : pool) {
    for (float& value : update) {
      state ^= state << 13;
      state ^= state >> 7;
      state ^= state << 17;
      value = static_cast<float>(static_cast<std::int32_t>(state >> 32)) * 0x1p-31F;
    }
  }
  return pool;
}

void on_threads(std::size_t part_count, const std::function<void(std::size_t)>& work) {
  std::vector<std::jthread> threads;
  for (std::size_t part = 1; part < part_count; ++part)
    threads.emplace_back([&work, part] { work(part); });
  work(0);
}

/// One parameter count's measurements.
class workload {
public:
  workload(std::ostream& csv, const aggregate_bench_options& options, std::size_t parameter_count)
      : csv_(csv), repeats_(options.repeats), parameter_count_(parameter_count),
        name_("W1_n" + std::to_string(options.update_count) + "_p" +
              std::to_string(parameter_count)) {
    const std::size_t update_bytes = std::max<std::size_t>(1, parameter_count) * sizeof(float);
    const std::size_t fitting = std::max<std::size_t>(1, options.pool_bytes_max / update_bytes);
    pool_ = pool_of(std::min(options.update_count, fitting), parameter_count);
    for (std::size_t i = 0; i < options.update_count; ++i)
      updates_.push_back({std::as_bytes(std::span(pool_[i % pool_.size()])), 1 + i % 600});
  }

  /// Whether all variants gave the same words.
  bool run() {
    measure_reading();
    const auto best = fixed_point::best_instruction_set();
    measure("one_by_one_" + std::string(name(best)), best, [this](fixed_point_sum& sum) {
      for (const auto& one : updates_)
        (void)sum.add(one.values, one.weight);
    });
    for (auto set : {fixed_point::instruction_set::portable, fixed_point::instruction_set::avx2,
                     fixed_point::instruction_set::avx512})
      if (fixed_point::is_available(set))
        measure("folded_" + std::string(name(set)), set,
                [this](fixed_point_sum& sum) { (void)sum.add_many(updates_); });
    measure("folded_" + std::string(name(best)) + "_2_threads", best,
            [this](fixed_point_sum& sum) { (void)sum.add_many(updates_, 2, on_threads); });
    measure_mean();
    return agree_;
  }

private:
  void measure_reading() {
    std::uint64_t seen = 0;
    read_seconds_ = fastest_of(repeats_, [&] {
      for (const auto& one : updates_)
        seen ^= read_through(one.values.data(), one.values.size());
    });
    write("read_only", read_seconds_);
    csv_ << name_ << ",read_only,checksum," << seen << ",\n"; // so that reading cannot be left out
  }

  void measure(const std::string& variant, fixed_point::instruction_set set,
               const std::function<void(fixed_point_sum&)>& add_all) {
    fixed_point_sum sum{parameter_count_, set};
    write(variant, fastest_of(repeats_, [&] {
            sum.clear();
            add_all(sum);
          }));
    if (words_.empty())
      words_.assign(sum.words().begin(), sum.words().end());
    agree_ = agree_ && sum.count() == updates_.size() && std::ranges::equal(sum.words(), words_);
  }

  void measure_mean() {
    fixed_point_sum sum{parameter_count_};
    (void)sum.add(updates_.front().values, 3);
    std::vector<float> out(parameter_count_);
    const double seconds = fastest_of(repeats_, [&] { sum.mean(out); });
    csv_ << name_ << ",mean,seconds," << seconds << ",s\n";
  }

  void write(const std::string& variant, double seconds) {
    const double gigabytes = static_cast<double>(updates_.size()) *
                             static_cast<double>(updates_.front().values.size()) * 1e-9;
    csv_ << name_ << ',' << variant << ",seconds," << seconds << ",s\n";
    csv_ << name_ << ',' << variant << ",update_bytes_rate," << gigabytes / seconds << ",GB/s\n";
    csv_ << name_ << ',' << variant << ",ratio_to_read_only," << seconds / read_seconds_ << ",1\n";
    csv_.flush();
  }

  std::ostream& csv_;
  int repeats_;
  std::size_t parameter_count_;
  std::string name_;
  std::vector<std::vector<float>> pool_;
  std::vector<weighted_update> updates_;
  std::vector<std::uint64_t> words_;
  double read_seconds_ = 0;
  bool agree_ = true;
};

} // namespace

int run_aggregate_bench(std::ostream& csv, const aggregate_bench_options& options) {
  csv << "workload,variant,metric,value,unit\n";
  bool agree = true;
  for (const std::size_t parameter_count : options.parameter_counts)
    agree = workload(csv, options, parameter_count).run() && agree;
  csv << "W1,all,variants_agree," << (agree ? 1 : 0) << ",\n";
  return agree ? 0 : 1;
}

} // namespace godwit
