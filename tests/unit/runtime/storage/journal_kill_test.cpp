// Is each record that a process acknowledged there after kill -9?
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <memory>
#include <random>
#include <thread>
#include <vector>

#include <sys/wait.h>
#include <unistd.h>

#include <doctest/doctest.h>

#include "storage/journal_file.hpp"
#include "storage/real_disk.hpp"
#include "support/journal_samples.hpp"
#include "support/scratch_folder.hpp"

using namespace godwit;

namespace {

constexpr std::size_t body_bytes_max = 40'000;
constexpr std::uint64_t restart_every = 16; ///< groups

/// The child's work: keeps groups and says the number of each one's last record when that is
/// durable. Every so often the journal starts anew with the last record. Ends only by a signal or a
/// failure.
[[noreturn]] void keep_until_killed(const std::filesystem::path& folder, int acknowledgements,
                                    std::uint64_t seed) {
  std::mt19937_64 chance(seed);
  auto opened = journal_file::open(std::make_shared<real_disk>(folder));
  if (!opened)
    ::_exit(2);
  const auto found = sample_numbers(*opened, body_bytes_max);
  auto last = found.empty() ? 0 : found.back();
  for (std::uint64_t group = 1;; ++group) {
    const auto count = 1 + chance() % 3;
    if (!opened->journal.keep(sample_group(last + 1, count, body_bytes_max)))
      ::_exit(3);
    last += count;
    if (::write(acknowledgements, &last, sizeof last) != sizeof last)
      ::_exit(4);
    if (group % restart_every == 0 &&
        !opened->journal.restart(sample_group(last, 1, body_bytes_max)))
      ::_exit(5);
  }
}

/// Reads acknowledgements until `count` have come or there are no more; the last one of them, or 0.
std::uint64_t read_acknowledgements(int from, std::uint64_t count) {
  std::uint64_t last = 0, next = 0;
  while (count-- > 0) {
    ssize_t got = 0;
    do
      got = ::read(from, &next, sizeof next);
    while (got < 0 && errno == EINTR);
    if (got != sizeof next)
      break;
    last = next;
  }
  return last;
}

} // namespace

TEST_CASE("what a process acknowledged is there after kill -9, at 25 random moments") {
  const std::uint64_t seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937_64 chance(seed);
  scratch_folder folder;
  std::uint64_t acknowledged = 0;
  for (int cycle = 0; cycle < 25; ++cycle) {
    CAPTURE(cycle);
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    const auto child_seed = chance();
    const auto child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      ::close(ends[0]);
      keep_until_killed(folder.path(), ends[1], child_seed);
    }
    ::close(ends[1]);
    acknowledged = std::max(acknowledged, read_acknowledgements(ends[0], 1 + chance() % 40));
    for (auto pauses = chance() % 3000; pauses > 0; --pauses)
      std::this_thread::yield(); // so that the moment is any one, and not just behind an answer
    ::kill(child, SIGKILL);
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    REQUIRE(WIFSIGNALED(status)); // it did not end by itself
    acknowledged = std::max(acknowledged, read_acknowledgements(ends[0], ~std::uint64_t{0}));
    ::close(ends[0]);
    auto opened = journal_file::open(std::make_shared<real_disk>(folder.path()));
    REQUIRE(opened);
    const auto found = sample_numbers(*opened, body_bytes_max);
    REQUIRE_FALSE(found.empty());
    REQUIRE(found.back() >= acknowledged);
    REQUIRE(found == numbers_from(found.front(), found.size()));
    REQUIRE(found.size() <= 3 * restart_every * 25);
  }
}
