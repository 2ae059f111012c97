// flock_sim: flies simulated flocks in which things go wrong, and prints one line for each that
// replays what failed.
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <unistd.h>

#include <fmt/format.h>

#include "flight.hpp"

using namespace godwit;
using namespace godwit::faults;

namespace {

thread_local char replays_this_flight[200]; ///< what a thread that is stopped was at

/// A check that failed inside of godwit stops the process: say first what was flown.
void say_what_was_flown(int) {
  const auto length = std::strlen(replays_this_flight);
  if (write(STDOUT_FILENO, replays_this_flight, length) < 0)
    _exit(3);
  _exit(2);
}

struct options {
  std::string scenario;
  bool all = false, story = false;
  std::uint64_t seed = 1, count = 1;
  unsigned threads = 1;
  std::string canary = "none";
  std::string folder = GODWIT_SCENARIOS;
};

struct tally {
  std::atomic<std::uint64_t> next{0}, flown{0}, failed{0}, committed{0}, abandoned{0}, counted{0};
  std::mutex out;
};

void tell(instant when, std::string_view what) {
  fmt::print("{:10.3f}  {}\n", std::chrono::duration<double>(when).count() - 3600, what);
}

void fly_one(const flight_plan& plan, tally& sum) {
  const auto line = replay_line(plan);
  fmt::format_to_n(replays_this_flight, sizeof(replays_this_flight) - 2, "{}\n", line);
  const auto came = fly(plan);
  ++sum.flown;
  sum.committed += came.committed_count;
  sum.abandoned += came.abandoned_count;
  sum.counted += came.counted_count;
  if (came.complaints.empty())
    return;
  ++sum.failed;
  std::scoped_lock lock(sum.out);
  fmt::print("{}\n", line);
  for (const auto& each : came.complaints)
    fmt::print(stderr, "  {}\n", each);
  std::fflush(stdout);
}

int run(const options& how) {
  const auto planted = canary_of(how.canary);
  if (!planted) {
    fmt::print(stderr, "flock_sim: there is no canary \"{}\"\n", how.canary);
    return 64;
  }
  std::vector<scenario> scenarios;
  for (const auto& name :
       how.all ? scenario_names(how.folder) : std::vector<std::string>{how.scenario}) {
    auto loaded = load_scenario(how.folder, name);
    if (!loaded) {
      fmt::print(stderr, "flock_sim: {}\n", loaded.why().detail);
      return 64;
    }
    scenarios.push_back(std::move(*loaded));
  }
  tally sum;
  const auto began = std::chrono::steady_clock::now();
  const auto work = [&] {
    for (auto i = sum.next++; i < how.count; i = sum.next++) {
      flight_plan plan{
          .how = scenarios[i % scenarios.size()], .seed = how.seed + i, .planted = *planted};
      if (how.story)
        plan.story = tell;
      fly_one(plan, sum);
    }
  };
  std::vector<std::jthread> others;
  for (unsigned i = 1; i < how.threads; ++i)
    others.emplace_back(work);
  work();
  others.clear();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  fmt::print(
      stderr,
      "{} flown, {} failed, {} rounds committed, {} abandoned, {} updates counted, {:.1f} s\n",
      sum.flown.load(), sum.failed.load(), sum.committed.load(), sum.abandoned.load(),
      sum.counted.load(), took.count());
  return sum.failed > 0 ? 1 : 0;
}

constexpr const char* usage =
    "usage: flock_sim (--scenario NAME|FILE.yml | --all) [--seed N] [--count K] [--threads N]\n"
    "                 [--canary ack_before_write|lost_dedup|no_deadline] [--story]\n";

/// Takes one option and its value, if it has one; false where there is no such option.
bool take(options& into, const std::string& word, const std::function<std::string()>& value) {
  if (word == "--all")
    into.all = true;
  else if (word == "--story")
    into.story = true;
  else if (word == "--scenario")
    into.scenario = value();
  else if (word == "--canary")
    into.canary = value();
  else if (word == "--seed")
    into.seed = std::stoull(value());
  else if (word == "--count")
    into.count = std::stoull(value());
  else if (word == "--threads")
    into.threads = static_cast<unsigned>(std::stoul(value()));
  else
    return false;
  return true;
}

} // namespace

int main(int argc, char** argv) {
  options how;
  const std::vector<std::string> words(argv + 1, argv + argc);
  std::size_t i = 0;
  bool is_good = true;
  try {
    while (is_good && i < words.size()) {
      const auto word = words[i++];
      is_good = take(how, word, [&] { return words.at(i++); });
    }
  } catch (const std::exception&) { // no number, or no value
    is_good = false;
  }
  if (!is_good || how.all != how.scenario.empty()) {
    fmt::print(stderr, "{}", usage);
    return 64;
  }
  std::signal(SIGABRT, say_what_was_flown);
  return run(how);
}
