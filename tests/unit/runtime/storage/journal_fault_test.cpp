// Does a journal hold what it acknowledged, whatever the disk does?
#include <algorithm>
#include <cstdint>
#include <memory>
#include <random>
#include <vector>

#include <doctest/doctest.h>

#include "storage/journal_file.hpp"
#include "support/journal_samples.hpp"
#include "support/simulated_disk.hpp"

using namespace godwit;

namespace {

using numbers = std::vector<std::uint64_t>;

/// What may be in the journal: what was acknowledged, and perhaps a beginning of a group that
/// failed. A restart that failed may be in effect or not: then there is more than one account of
/// it.
struct expected_journal {
  std::vector<numbers> accounts{{}};
  numbers unsure_group;

  bool allows(const numbers& found) const {
    return std::any_of(accounts.begin(), accounts.end(), [&](numbers account) {
      const auto kept_count = account.size();
      account.insert(account.end(), unsure_group.begin(), unsure_group.end());
      return found.size() >= kept_count && found.size() <= account.size() &&
             std::equal(found.begin(), found.end(), account.begin());
    });
  }
};

/// A node's life with its journal on a disk that does what a seed says.
class journal_life {
public:
  explicit journal_life(std::uint64_t seed) : chance_(seed) { open(); }

  void step() {
    const auto fault = chance_() % 8;
    if (fault == 0)
      disk_->fail(1 + chance_() % 3, chance_() % 6);
    if (fault == 1)
      disk_->lose_power(chance_() % 8);
    if (fault == 2)
      disk_->fill_at(disk_->used_bytes() + chance_() % 400);
    if (chance_() % 6 == 0)
      restart();
    else
      keep();
    const bool crashes = fault == 1 || chance_() % 10 == 0;
    disk_->fail(0);
    disk_->fill_at(~std::uint64_t{0});
    if (crashes) {
      disk_->crash(chance_());
      open();
    } else if (chance_() % 4 == 0) {
      open(); // the process was ended; the disk goes on
    }
  }

private:
  void keep() {
    const auto count = 1 + chance_() % 4;
    if (journal_->keep(sample_group(next_, count))) {
      for (auto& account : expected_.accounts)
        for (std::size_t i = 0; i < count; ++i)
          account.push_back(next_ + i);
      next_ += count;
      expected_.unsure_group.clear();
    } else {
      expected_.unsure_group =
          numbers_from(next_, std::max<std::size_t>(count, expected_.unsure_group.size()));
    }
  }

  void restart() {
    const auto& kept = expected_.accounts.front();
    const auto count = std::min<std::size_t>(kept.size(), chance_() % 3);
    const numbers last(kept.end() - static_cast<std::ptrdiff_t>(count), kept.end());
    std::vector<journal_record> records;
    for (const auto number : last)
      records.push_back(sample_record(number));
    if (journal_->restart(records))
      expected_ = {.accounts = {last}, .unsure_group = {}};
    else
      expected_.accounts.push_back(last);
  }

  void open() {
    auto opened = journal_file::open(disk_);
    REQUIRE(opened);
    const auto found = sample_numbers(*opened);
    REQUIRE(expected_.allows(found));
    expected_ = {.accounts = {found}, .unsure_group = {}};
    next_ = std::max(next_, found.empty() ? 0 : found.back() + 1);
    journal_ = std::make_unique<journal_file>(std::move(opened->journal));
  }

  std::mt19937_64 chance_;
  std::shared_ptr<simulated_disk> disk_ = std::make_shared<simulated_disk>();
  std::unique_ptr<journal_file> journal_;
  expected_journal expected_;
  std::uint64_t next_ = 1;
};

} // namespace

TEST_CASE("whatever the disk does in a thousand lives, what was acknowledged is there") {
  for (std::uint64_t seed = 1; seed <= 1000; ++seed) {
    CAPTURE(seed);
    journal_life life(seed);
    for (int i = 0; i < 40; ++i)
      life.step();
  }
}

TEST_CASE("a full disk refuses a group, keeps the old ones, and takes it when there is room") {
  auto disk = std::make_shared<simulated_disk>();
  auto opened = journal_file::open(disk);
  REQUIRE(opened->journal.keep(sample_group(1, 3)));
  const auto old_content = disk->content(journal_name);
  const auto group = sample_group(4, 3);
  std::uint64_t group_bytes = 0;
  {
    auto twin_disk = std::make_shared<simulated_disk>();
    auto twin = journal_file::open(twin_disk);
    const auto before = twin_disk->used_bytes();
    REQUIRE(twin->journal.keep(group));
    group_bytes = twin_disk->used_bytes() - before;
  }
  for (std::uint64_t room = 0; room < group_bytes; ++room) {
    disk->fill_at(old_content.size() + room);
    const auto kept = opened->journal.keep(group);
    REQUIRE_FALSE(kept);
    REQUIRE(kept.why().code == failure_code::no_space);
    REQUIRE(disk->content(journal_name) == old_content);
    REQUIRE(opened->journal.body(0).why().code == failure_code::not_found);
  }
  disk->fill_at(old_content.size() + group_bytes);
  REQUIRE(opened->journal.keep(group));
  disk->crash(1);
  CHECK(numbers_kept_on(disk) == numbers_from(1, 6));
}

TEST_CASE("a full disk refuses a restart and leaves the journal as it is") {
  auto disk = std::make_shared<simulated_disk>();
  auto opened = journal_file::open(disk);
  REQUIRE(opened->journal.keep(sample_group(1, 5)));
  disk->fill_at(disk->used_bytes() + 40);
  const auto restarted = opened->journal.restart(sample_group(4, 2));
  REQUIRE_FALSE(restarted);
  CHECK(restarted.why().code == failure_code::no_space);
  disk->fill_at(10'000);
  REQUIRE(opened->journal.keep(sample_group(6, 1)));
  CHECK(numbers_kept_on(disk) == numbers_from(1, 6));
}

TEST_CASE(
    "a group that failed does not count, at whatever step, and the next one takes its place") {
  for (std::uint64_t after = 0; after < 4; ++after)
    for (std::uint64_t count = 1; count < 8; ++count) {
      CAPTURE(after);
      CAPTURE(count);
      auto disk = std::make_shared<simulated_disk>();
      auto opened = journal_file::open(disk);
      REQUIRE(opened->journal.keep(sample_group(1, 2)));
      disk->fail(count, after);
      const bool kept = opened->journal.keep(sample_group(3, 3)).has_value();
      CHECK(kept == (after >= 2)); // a write and a sync
      disk->fail(0);
      REQUIRE(opened->journal.keep(sample_group(100, 1)));
      auto expected = numbers_from(1, kept ? 5 : 2);
      expected.push_back(100);
      disk->crash(after * 10 + count);
      CHECK(numbers_kept_on(disk) == expected);
    }
}

TEST_CASE("a restart is whole or not at all when the power goes at any of its steps") {
  int old_count = 0, new_count = 0;
  for (std::uint64_t after = 0; after < 6; ++after)
    for (std::uint64_t chance = 0; chance < 50; ++chance) {
      CAPTURE(after);
      CAPTURE(chance);
      auto disk = std::make_shared<simulated_disk>();
      auto opened = journal_file::open(disk);
      REQUIRE(opened->journal.keep(sample_group(1, 5)));
      disk->lose_power(after);
      const bool restarted = opened->journal.restart(sample_group(50, 3)).has_value();
      disk->crash(chance);
      auto again = journal_file::open(disk);
      REQUIRE(again);
      REQUIRE(again->torn_bytes == 0);
      const auto found = sample_numbers(*again);
      const bool is_new = found == numbers_from(50, 3);
      REQUIRE((is_new || found == numbers_from(1, 5)));
      REQUIRE((is_new || !restarted));
      REQUIRE(restarted == (after >= 4)); // write beside, sync, rename, sync the folder
      ++(is_new ? new_count : old_count);
      REQUIRE(again->journal.keep(sample_group(90, 1)));
      REQUIRE(numbers_kept_on(disk).back() == 90);
    }
  CHECK(old_count > 100);
  CHECK(new_count > 100);
}

TEST_CASE("a restart whose last step fails once is finished, and what comes behind it is kept") {
  for (std::uint64_t count = 1; count < 8; ++count) {
    CAPTURE(count);
    auto disk = std::make_shared<simulated_disk>();
    auto opened = journal_file::open(disk);
    REQUIRE(opened->journal.keep(sample_group(1, 5)));
    disk->fail(count, 3); // the folder's sync, and what is done about it
    CHECK(opened->journal.restart(sample_group(50, 3)).has_value() == (count == 1));
    disk->fail(0);
    REQUIRE(opened->journal.keep(sample_group(53, 2)));
    disk->crash(count);
    CHECK(numbers_kept_on(disk) == numbers_from(50, 5));
  }
}

TEST_CASE("a restart of an empty journal that fails at any step is in effect or not, and no half") {
  for (std::uint64_t after = 0; after < 6; ++after)
    for (std::uint64_t count = 1; count < 8; ++count) {
      CAPTURE(after);
      CAPTURE(count);
      auto disk = std::make_shared<simulated_disk>();
      auto opened = journal_file::open(disk);
      disk->fail(count, after);
      const bool restarted = opened->journal.restart(sample_group(50, 3)).has_value();
      disk->fail(0);
      REQUIRE(opened->journal.keep(sample_group(53, 1)));
      const bool in_effect = after >= 3; // the rename is done
      CHECK((!restarted || in_effect));
      CHECK(numbers_kept_on(disk) == (in_effect ? numbers_from(50, 4) : numbers_from(53, 1)));
    }
}

TEST_CASE("a disk that lies about syncs costs records, but none is ever wrong") {
  int lost_count = 0;
  for (std::uint64_t chance = 1; chance <= 300; ++chance) {
    CAPTURE(chance);
    auto disk = std::make_shared<simulated_disk>();
    auto opened = journal_file::open(disk);
    REQUIRE(opened->journal.keep(sample_group(1, 2)));
    disk->lie_about_sync(true);
    for (std::uint64_t i = 0; i < 4; ++i)
      REQUIRE(opened->journal.keep(sample_group(3 + 2 * i, 2)));
    disk->crash(chance);
    auto again = journal_file::open(disk);
    if (!again) { // a group in the middle is damaged
      CHECK(again.why().code == failure_code::corrupt);
      continue;
    }
    const auto found = sample_numbers(*again);
    REQUIRE(found.size() >= 2);
    REQUIRE(found == numbers_from(1, found.size()));
    lost_count += found.size() < 10 ? 1 : 0;
  }
  CHECK(lost_count > 100); // or this disk did not lie
}
