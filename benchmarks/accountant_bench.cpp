#include "accountant_bench.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

#include <godwit/privacy/calibration.hpp>

#include "csv_rows.hpp"
#include "thread_cpu_time.hpp"

namespace godwit {
namespace {

using namespace accounting;

constexpr double delta = 1e-5;

privacy_event rounds(double noise, std::uint64_t count) {
  return {gaussian{noise}, poisson_sampling{256.0 / 60000}, relation::add_or_remove_one, count};
}

/// A question, what is asked of its time, and what dp_accounting 0.6.0 takes for it: the least of
/// some runs on two cores of an EPYC with AVX-512.
struct workload {
  const char* variant;
  method by;
  double milliseconds_max;
  double dp_accounting_milliseconds;
  std::vector<privacy_event> events;
};

std::vector<workload> workloads() {
  std::vector<privacy_event> different;
  for (int i = 0; i < 20; ++i)
    different.push_back(rounds(0.9 + 0.02 * i, 50));
  const std::vector<privacy_event> equal{rounds(1.1, 10'000)};
  return {{"pld_10000_rounds", method::pld, 30, 600, equal},
          {"pld_20_different_events", method::pld, 100, 8700, different},
          {"rdp_10000_rounds", method::rdp, 0.5, 33, equal}};
}

} // namespace

int run_accountant_bench(const accountant_bench_options& options, std::ostream& csv) {
  csv << csv_header << '\n';
  bool is_right = true;
  for (const workload& each : workloads()) {
    least_cpu_time time;
    double epsilon = 0;
    for (int i = 0; i < options.repeats; ++i)
      time.take([&] {
        const auto spent = epsilon_of(each.events, delta, each.by);
        epsilon = spent ? spent->epsilon : std::nan("");
      });
    const double milliseconds = time.seconds() * 1e3;
    rows out(csv, std::string("accountant,") + each.variant);
    out.write("cpu_ms", milliseconds, "ms");
    out.write("asked_at_most", each.milliseconds_max, "ms");
    out.write("dp_accounting_over_ours", each.dp_accounting_milliseconds / milliseconds, "ratio");
    out.write("epsilon", epsilon, "nats");
    is_right = is_right && epsilon > 0.1 && epsilon < 10;
  }
  const auto spend = [&](auto work) {
    least_cpu_time time;
    for (int i = 0; i < std::max(1, options.repeats / 10); ++i)
      time.take([&] { is_right = is_right && work(); });
    return time.seconds() * 1e3;
  };
  rows out(csv, "accountant,calibration_10000_rounds");
  out.write("cpu_ms", spend([] {
              return with_least_noise(rounds(1, 10'000), {2, delta}).has_value();
            }),
            "ms");
  out.write("asked_at_most", 300, "ms");
  return is_right ? 0 : 1;
}

} // namespace godwit
