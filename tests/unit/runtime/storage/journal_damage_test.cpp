// Does a journal survive a power cut at every byte, and is damage that no power cut does told from
// it?
#include <memory>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "storage/journal_file.hpp"
#include "storage/journal_format.hpp"
#include "support/journal_samples.hpp"
#include "support/scratch_folder.hpp"
#include "support/simulated_disk.hpp"

using namespace godwit;

namespace {

/// A journal of four groups, and where each begins.
struct written_journal {
  bytes content;
  std::vector<std::size_t> group_offsets;
  std::vector<std::uint64_t> first_numbers; ///< of each group, and the next one's
};

written_journal write_journal() {
  written_journal out;
  auto disk = std::make_shared<simulated_disk>();
  auto opened = journal_file::open(disk);
  REQUIRE(opened);
  std::uint64_t next = 1;
  for (const std::size_t count : {2, 5, 3, 4}) {
    out.group_offsets.push_back(disk->content(journal_name).size());
    out.first_numbers.push_back(next);
    REQUIRE(opened->journal.keep(sample_group(next, count)));
    next += count;
  }
  out.first_numbers.push_back(next);
  out.content = disk->content(journal_name);
  return out;
}

std::shared_ptr<simulated_disk> disk_with(const bytes& content) {
  auto disk = std::make_shared<simulated_disk>();
  const bytes_view piece = content;
  REQUIRE(disk->replace(journal_name, std::span(&piece, 1)));
  return disk;
}

/// Opens, expects all groups but the last and perhaps a beginning of that one; then a further group
/// must be found, too.
void expect_only_the_last_group_hurt(const bytes& damaged, const written_journal& written) {
  auto disk = disk_with(damaged);
  auto opened = journal_file::open(disk);
  REQUIRE(opened);
  auto found = sample_numbers(*opened);
  const auto whole_count = written.first_numbers[3] - 1;
  REQUIRE(found.size() >= whole_count);
  REQUIRE(found.size() < written.first_numbers[4] - 1);
  REQUIRE(found == numbers_from(1, found.size()));
  REQUIRE(disk->content(journal_name).size() + opened->torn_bytes == damaged.size());
  REQUIRE(opened->journal.keep(sample_group(found.size() + 1, 3)));
  auto again = journal_file::open(disk);
  REQUIRE(again);
  REQUIRE(again->torn_bytes == 0);
  REQUIRE(sample_numbers(*again) == numbers_from(1, found.size() + 3));
}

} // namespace

TEST_CASE("a power cut at every byte of the last group costs at most that group") {
  const auto written = write_journal();
  for (auto size = written.group_offsets[3]; size < written.content.size(); ++size) {
    CAPTURE(size);
    auto cut = written.content;
    cut.resize(size);
    expect_only_the_last_group_hurt(cut, written);
  }
}

TEST_CASE("a power cut at every byte of the last group that leaves zeros behind costs no more") {
  const auto written = write_journal();
  for (auto size = written.group_offsets[3]; size + 1 < written.content.size(); ++size) {
    CAPTURE(size);
    auto cut = written.content;
    cut.resize(size);
    cut.resize(written.content.size());
    if (cut != written.content)
      expect_only_the_last_group_hurt(cut, written);
  }
}

TEST_CASE("every bit of the last group that flips costs at most that group") {
  const auto written = write_journal();
  for (auto at = written.group_offsets[3]; at < written.content.size(); ++at)
    for (int bit = 0; bit < 8; ++bit) {
      CAPTURE(at);
      CAPTURE(bit);
      auto flipped = written.content;
      flipped[at] ^= std::byte{1} << bit;
      expect_only_the_last_group_hurt(flipped, written);
    }
}

TEST_CASE("every byte of the last group but the first record's may be lost before the others") {
  // Devices write the pages of one write in any order, so a later record may be whole.
  const auto written = write_journal();
  for (auto from = written.group_offsets[3]; from + 16 < written.content.size(); ++from) {
    CAPTURE(from);
    auto holed = written.content;
    std::fill_n(holed.begin() + static_cast<std::ptrdiff_t>(from), 16, std::byte{0});
    expect_only_the_last_group_hurt(holed, written);
  }
}

TEST_CASE("every byte that flips before the last group is refused as damage, and nothing changes") {
  const auto written = write_journal();
  for (std::size_t at = 0; at < written.group_offsets[3]; ++at) {
    CAPTURE(at);
    auto flipped = written.content;
    flipped[at] ^= std::byte{0x10};
    auto disk = disk_with(flipped);
    const auto opened = journal_file::open(disk);
    REQUIRE_FALSE(opened);
    REQUIRE(opened.why().code == failure_code::corrupt);
    REQUIRE(contains(opened.why().detail, "journal: "));
    REQUIRE(contains(opened.why().detail, "restore a copy"));
    REQUIRE(disk->content(journal_name) == flipped);
  }
}

TEST_CASE("the refusal says where the damage is, also when the last group is torn as well") {
  const auto written = write_journal();
  auto damaged = written.content;
  damaged[written.group_offsets[1] + 10] ^= std::byte{1};
  damaged.resize(written.group_offsets[3] + sizeof(record_fields) + 1);
  const auto opened = journal_file::open(disk_with(damaged));
  REQUIRE_FALSE(opened);
  CHECK(opened.why().code == failure_code::corrupt);
  const auto& why = opened.why().detail;
  CHECK(contains(why, "the record at byte " + std::to_string(written.group_offsets[1])));
  CHECK(contains(why, "the one at byte " + std::to_string(written.group_offsets[2])));
}

TEST_CASE("damage far before the next group is found, too") {
  auto disk = std::make_shared<simulated_disk>();
  auto opened = journal_file::open(disk);
  for (std::uint64_t number : {1, 4}) {
    journal_record large = sample_record(number);
    large.body = shared_bytes(sample_bytes(9, 1'000'003));
    REQUIRE(opened->journal.keep(std::span(&large, 1)));
  }
  for (const auto at : {sizeof(journal_head) + 20, sizeof(journal_head) + 500'000}) {
    disk->content(journal_name)[at] ^= std::byte{1};
    const auto again = journal_file::open(disk);
    REQUIRE_FALSE(again);
    CHECK(again.why().code == failure_code::corrupt);
    disk->content(journal_name)[at] ^= std::byte{1};
  }
  CHECK(journal_file::open(disk)->records.size() == 2);
}

TEST_CASE("a later group is found wherever it lies in what is read at once") {
  constexpr std::size_t read_at_once = 256 << 10, around = 64;
  for (auto body_bytes = read_at_once - 2 * around; body_bytes < read_at_once + around;
       body_bytes += 5) {
    CAPTURE(body_bytes);
    auto disk = std::make_shared<simulated_disk>();
    auto opened = journal_file::open(disk);
    const journal_record large{.head = {}, .body = shared_bytes(sample_bytes(1, body_bytes))};
    REQUIRE(opened->journal.keep(std::span(&large, 1)));
    REQUIRE(opened->journal.keep(sample_group(2, 1)));
    disk->content(journal_name)[sizeof(journal_head)] ^= std::byte{1};
    const auto again = journal_file::open(disk);
    REQUIRE_FALSE(again);
    REQUIRE(again.why().code == failure_code::corrupt);
  }
}

TEST_CASE(
    "a group that is missing in the middle is damage, and one that is there twice counts once") {
  const auto written = write_journal();
  const auto at = [&](std::size_t group) {
    return static_cast<std::ptrdiff_t>(written.group_offsets[group]);
  };
  auto without = written.content;
  without.erase(without.begin() + at(1), without.begin() + at(2));
  const auto refused = journal_file::open(disk_with(without));
  REQUIRE_FALSE(refused);
  CHECK(refused.why().code == failure_code::corrupt);
  auto twice = written.content;
  twice.insert(twice.end(), written.content.begin() + at(3), written.content.end());
  auto opened = journal_file::open(disk_with(twice));
  REQUIRE(opened);
  CHECK(opened->torn_bytes == written.content.size() - written.group_offsets[3]);
  CHECK(sample_numbers(*opened) == numbers_from(1, written.first_numbers[4] - 1));
}

TEST_CASE("a body that looks like later records does not make a torn tail a damaged middle") {
  record_fields planted;
  planted.number = planted.group_number = 1000;
  planted.content_sum = checksum().value();
  planted.sum = sum_of(planted);
  bytes body;
  for (int i = 0; i < 20; ++i)
    body.insert(body.end(), raw(planted).begin(), raw(planted).end());
  auto disk = std::make_shared<simulated_disk>();
  {
    const journal_record record{.head = sample_bytes(1, 8), .body = shared_bytes(body)};
    REQUIRE(journal_file::open(disk)->journal.keep(std::span(&record, 1)));
  }
  const auto whole = disk->content(journal_name);
  const auto begin_of_content = sizeof(journal_head) + sizeof(record_fields);
  for (auto at = begin_of_content; at < whole.size(); ++at) {
    auto torn = whole;
    torn.resize(at);
    auto cut = journal_file::open(disk_with(torn));
    REQUIRE(cut);
    REQUIRE(cut->records.empty());
    auto flipped = whole;
    flipped[at] ^= std::byte{1};
    auto opened = journal_file::open(disk_with(flipped));
    REQUIRE(opened);
    REQUIRE(opened->records.empty());
  }
}
