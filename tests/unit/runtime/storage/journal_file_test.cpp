// Does a journal give back what was kept in it, and refuse what it cannot read?
#include <cstring>
#include <memory>
#include <string>

#include <doctest/doctest.h>

#include "storage/journal_file.hpp"
#include "storage/journal_format.hpp"
#include "support/journal_samples.hpp"
#include "support/scratch_folder.hpp"
#include "support/simulated_disk.hpp"

using namespace godwit;

namespace {

std::shared_ptr<simulated_disk> disk_with(const bytes& content) {
  auto disk = std::make_shared<simulated_disk>();
  const bytes_view piece = content;
  REQUIRE(disk->replace(journal_name, std::span(&piece, 1)));
  return disk;
}

bytes head_bytes_of(journal_head head) {
  head.sum = sum_of(head);
  const auto content = raw(head);
  return {content.begin(), content.end()};
}

} // namespace

TEST_CASE("a journal that is not there is made, empty, and found by the next opening") {
  auto disk = std::make_shared<simulated_disk>();
  auto made = journal_file::open(disk);
  REQUIRE(made);
  CHECK(made->records.empty());
  CHECK(made->torn_bytes == 0);
  disk->crash(1);
  auto again = journal_file::open(disk);
  REQUIRE(again);
  CHECK(again->records.empty());
  CHECK(again->torn_bytes == 0);
}

TEST_CASE("groups come back in their order with heads and bodies, also behind further openings") {
  auto disk = std::make_shared<simulated_disk>();
  std::uint64_t next = 1;
  for (const std::size_t count : {1, 3, 0, 10, 1}) {
    auto opened = journal_file::open(disk);
    REQUIRE(opened);
    CHECK(sample_numbers(*opened) == numbers_from(1, next - 1));
    REQUIRE(opened->journal.keep(sample_group(next, count)));
    next += count;
    REQUIRE(opened->journal.keep(sample_group(next, 2)));
    next += 2;
    disk->crash(next);
  }
  auto opened = journal_file::open(disk);
  REQUIRE(opened);
  CHECK(sample_numbers(*opened) == numbers_from(1, next - 1));
  CHECK(opened->torn_bytes == 0);
}

TEST_CASE(
    "records without bytes, and bodies that are longer than what is read at once, come back") {
  auto disk = std::make_shared<simulated_disk>();
  const auto long_body = sample_bytes(7, 3'000'001);
  const auto long_head = sample_bytes(8, journal_head_bytes_max);
  {
    auto opened = journal_file::open(disk);
    REQUIRE(opened);
    const journal_record records[] = {{}, {long_head, shared_bytes(long_body)}, {}};
    REQUIRE(opened->journal.keep(records));
  }
  auto opened = journal_file::open(disk);
  REQUIRE(opened);
  REQUIRE(opened->records.size() == 3);
  CHECK(opened->records[0].head.empty());
  CHECK(opened->records[0].body_bytes == 0);
  CHECK(same(opened->records[1].head, long_head));
  CHECK(same(opened->journal.body(opened->records[1].body_place)->view(), long_body));
}

TEST_CASE("what a process wrote that was ended before its sync is durable once it is found") {
  auto disk = std::make_shared<simulated_disk>();
  {
    auto opened = journal_file::open(disk);
    REQUIRE(opened);
    disk->fail(100, 1); // the write, and then nothing more
    REQUIRE_FALSE(opened->journal.keep(sample_group(1, 2)));
    disk->fail(0);
  }
  REQUIRE(numbers_kept_on(disk) == numbers_from(1, 2));
  for (std::uint64_t chance = 0; chance < 20; ++chance)
    disk->crash(chance);
  CHECK(numbers_kept_on(disk) == numbers_from(1, 2));
}

TEST_CASE("a restart leaves only its own records, and later ones come behind them") {
  auto disk = std::make_shared<simulated_disk>();
  auto opened = journal_file::open(disk);
  REQUIRE(opened->journal.keep(sample_group(1, 5)));
  opened = journal_file::open(disk);
  const auto old_place = opened->records[0].body_place;
  REQUIRE(opened->journal.body(old_place));
  REQUIRE(opened->journal.restart(sample_group(4, 2)));
  const auto gone = opened->journal.body(old_place);
  REQUIRE_FALSE(gone);
  CHECK(gone.why().code == failure_code::not_found);
  REQUIRE(opened->journal.keep(sample_group(6, 1)));
  auto again = journal_file::open(disk);
  CHECK(sample_numbers(*again) == numbers_from(4, 3));
  REQUIRE(again->journal.restart({}));
  CHECK(journal_file::open(disk)->records.empty());
  CHECK(disk->content(journal_name).size() == sizeof(journal_head));
}

TEST_CASE("a body that is damaged after the opening is not handed out") {
  auto disk = std::make_shared<simulated_disk>();
  REQUIRE(journal_file::open(disk)->journal.keep(sample_group(1, 1)));
  auto opened = journal_file::open(disk);
  const auto place = opened->records[0].body_place;
  for (auto at = sizeof(journal_head); at < disk->content(journal_name).size(); ++at) {
    disk->content(journal_name)[at] ^= std::byte{4};
    const auto body = opened->journal.body(place);
    REQUIRE_FALSE(body);
    CHECK(body.why().code == failure_code::corrupt);
    disk->content(journal_name)[at] ^= std::byte{4};
  }
  CHECK(opened->journal.body(place));
}

TEST_CASE("a newer version's journal is refused as such and stays as it is") {
  journal_head newer;
  newer.schema = journal_head::schema_now + 1;
  auto content = head_bytes_of(newer);
  content.resize(content.size() + 100, std::byte{5});
  auto disk = disk_with(content);
  const auto opened = journal_file::open(disk);
  REQUIRE_FALSE(opened);
  CHECK(opened.why().code == failure_code::unsupported);
  CHECK(contains(opened.why().detail, "schema 2"));
  CHECK(contains(opened.why().detail, "use the version that wrote it"));
  CHECK(disk->content(journal_name) == content);
}

TEST_CASE("a beginning that a crash cut short is an empty journal, and is counted as cut off") {
  const auto whole = head_bytes_of({});
  for (std::size_t size = 0; size < whole.size(); ++size) {
    auto disk = disk_with(bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)));
    auto opened = journal_file::open(disk);
    REQUIRE(opened);
    CHECK(opened->records.empty());
    CHECK(opened->torn_bytes == size);
    REQUIRE(opened->journal.keep(sample_group(1, 2)));
    CHECK(numbers_kept_on(disk) == numbers_from(1, 2));
  }
}

TEST_CASE("another program's file is refused and stays as it is") {
  const auto text = as_bytes("a file of that name which somebody else has written, long ago");
  const bytes content(text.begin(), text.end());
  auto disk = disk_with(content);
  const auto opened = journal_file::open(disk);
  REQUIRE_FALSE(opened);
  CHECK(opened.why().code == failure_code::corrupt);
  CHECK(contains(opened.why().detail, "no journal of ours"));
  CHECK(disk->content(journal_name) == content);
}

TEST_CASE("lengths that no file has are a torn tail, for which no memory is taken") {
  for (const auto& [head_bytes, body_bytes] :
       {std::pair<std::uint32_t, std::uint64_t>{0xffffffff, 0},
        {0, ~std::uint64_t{0}},
        {journal_head_bytes_max + 1, 0},
        {1, ~std::uint64_t{0}},
        {100, 1}}) {
    record_fields fields;
    fields.head_bytes = head_bytes;
    fields.body_bytes = body_bytes;
    fields.number = fields.group_number = 1;
    fields.sum = sum_of(fields);
    auto content = head_bytes_of({});
    const auto more = raw(fields);
    content.insert(content.end(), more.begin(), more.end());
    content.resize(content.size() + 100);
    auto opened = journal_file::open(disk_with(content));
    REQUIRE(opened);
    CHECK(opened->records.empty());
    CHECK(opened->torn_bytes == sizeof fields + 100);
  }
}

TEST_CASE("a head that is longer than any is no record, even if the file holds it") {
  for (const std::uint32_t head_bytes : {journal_head_bytes_max, journal_head_bytes_max + 1}) {
    const auto head = sample_bytes(1, head_bytes);
    record_fields fields;
    fields.head_bytes = head_bytes;
    fields.number = fields.group_number = 1;
    fields.content_sum = checksum().add(head).value();
    fields.sum = sum_of(fields);
    auto content = head_bytes_of({});
    const auto more = raw(fields);
    content.insert(content.end(), more.begin(), more.end());
    content.insert(content.end(), head.begin(), head.end());
    auto opened = journal_file::open(disk_with(content));
    REQUIRE(opened);
    CHECK(opened->records.size() == (head_bytes == journal_head_bytes_max ? 1 : 0));
  }
}
