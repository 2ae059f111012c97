// Does a folder of this machine behave as the disk that the journal is written for?
#include <array>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <doctest/doctest.h>

#include "storage/journal_file.hpp"
#include "storage/real_disk.hpp"
#include "support/file_size_limit.hpp"
#include "support/journal_samples.hpp"
#include "support/scratch_folder.hpp"

using namespace godwit;

namespace {

attempt<done> append(disk& to, std::string_view name, std::string_view text) {
  const auto piece = as_bytes(text);
  return to.append(name, std::span(&piece, 1));
}

std::string whole(disk& from, std::string_view name) {
  bytes content(*from.size(name));
  REQUIRE(from.read(name, 0, content));
  return as_text(content);
}

} // namespace

TEST_CASE("a file is made by what is appended, grows, is cut, replaced and removed") {
  scratch_folder folder;
  real_disk disk(folder.path());
  CHECK_FALSE(*disk.exists("f"));
  REQUIRE(append(disk, "f", "one"));
  REQUIRE(disk.sync("f"));
  const std::array pieces{as_bytes(" two"), bytes_view{}, as_bytes(" three")};
  REQUIRE(disk.append("f", pieces));
  CHECK(whole(disk, "f") == "one two three");
  CHECK(read_whole(folder / "f") == "one two three");
  REQUIRE(disk.truncate("f", 4));
  REQUIRE(append(disk, "f", "end"));
  CHECK(whole(disk, "f") == "one end");
  REQUIRE(disk.replace("f", std::span(pieces).first(1)));
  REQUIRE(append(disk, "f", "!")); // goes to the new file, not to the one that was open
  REQUIRE(disk.sync("f"));
  CHECK(read_whole(folder / "f") == " two!");
  REQUIRE(disk.remove("f"));
  CHECK_FALSE(*disk.exists("f"));
  REQUIRE(append(disk, "f", "anew"));
  CHECK(read_whole(folder / "f") == "anew");
}

TEST_CASE("many pieces at once are written in their order, empty ones among them") {
  scratch_folder folder;
  real_disk disk(folder.path());
  std::vector<std::string> texts;
  for (int i = 0; i < 3000; ++i)
    texts.push_back(i % 7 == 0 ? "" : std::to_string(i) + ",");
  std::vector<bytes_view> pieces;
  std::string expected;
  for (const auto& text : texts) {
    pieces.push_back(as_bytes(text));
    expected += text;
  }
  REQUIRE(disk.append("f", pieces));
  CHECK(whole(disk, "f") == expected);
  REQUIRE(disk.append("f", {}));
  CHECK(whole(disk, "f") == expected);
}

TEST_CASE("only their owner can read the files") {
  scratch_folder folder;
  real_disk disk(folder.path());
  REQUIRE(append(disk, "appended", "x"));
  REQUIRE(disk.replace("replaced", {}));
  namespace fs = std::filesystem;
  for (const auto* name : {"appended", "replaced"})
    CHECK((fs::status(folder / name).permissions() &
           (fs::perms::group_all | fs::perms::others_all)) == fs::perms::none);
}

TEST_CASE("what is not there is told from what cannot be read, and reads end where the file does") {
  scratch_folder folder;
  real_disk disk(folder.path());
  std::byte one{};
  for (const auto code :
       {disk.size("no").why().code, disk.sync("no").why().code, disk.truncate("no", 0).why().code,
        disk.remove("no").why().code, disk.read("no", 0, std::span(&one, 1)).why().code})
    CHECK(code == failure_code::not_found);
  CHECK_FALSE(std::filesystem::exists(folder / "no"));
  REQUIRE(append(disk, "f", "123"));
  CHECK(disk.read("f", 2, std::span(&one, 1)));
  CHECK(disk.read("f", 3, std::span(&one, 1)).why().code == failure_code::io);
  std::filesystem::create_directories(folder / "taken");
  CHECK(disk.exists("taken").why().code == failure_code::io);
  CHECK(append(disk, "taken", "x").why().code == failure_code::io);
  real_disk nowhere(folder / "missing");
  CHECK(append(nowhere, "f", "x").why().code == failure_code::not_found);
}

TEST_CASE("a journal that may grow no further refuses the group and goes on when it may") {
  scratch_folder folder;
  auto opened = journal_file::open(std::make_shared<real_disk>(folder.path()));
  REQUIRE(opened->journal.keep(sample_group(1, 3)));
  const auto old_content = read_whole(folder / journal_name);
  {
    file_size_limit limit(old_content.size() + 50);
    const auto kept = opened->journal.keep(sample_group(4, 3));
    REQUIRE_FALSE(kept);
    CHECK(kept.why().code == failure_code::no_space);
    CHECK(contains(kept.why().detail, (folder / journal_name).string()));
    CHECK(read_whole(folder / journal_name) == old_content);
  }
  REQUIRE(opened->journal.keep(sample_group(4, 3)));
  auto again = journal_file::open(std::make_shared<real_disk>(folder.path()));
  CHECK(again->torn_bytes == 0);
  CHECK(sample_numbers(*again) == numbers_from(1, 6));
}

namespace {

/// What is wrong with a journal on a file system of 64 KiB until that is full; empty: nothing.
std::string life_on_a_full_file_system(const std::filesystem::path& folder) {
  const auto disk = std::make_shared<real_disk>(folder);
  if (!append(*disk, "something else", std::string(12'000, 'x')))
    return "there is no room for anything";
  auto opened = journal_file::open(disk);
  if (!opened)
    return opened.why().detail;
  std::uint64_t kept_count = 0;
  for (;; ++kept_count) {
    const auto kept = opened->journal.keep(sample_group(kept_count + 1, 1, 3000));
    if (!kept && kept.why().code != failure_code::no_space)
      return kept.why().detail;
    if (!kept)
      break;
    if (kept_count > 1000)
      return "it never became full";
  }
  const auto restarted = opened->journal.restart(sample_group(1, 40, 3000));
  if (restarted || restarted.why().code != failure_code::no_space)
    return "a restart that does not fit was not refused for want of room";
  auto again = journal_file::open(disk);
  if (!again || again->torn_bytes != 0 ||
      sample_numbers(*again, 3000) != numbers_from(1, kept_count))
    return "the full file system changed what had been kept";
  if (!disk->remove("something else") || !opened->journal.restart({}) ||
      !opened->journal.keep(sample_group(1, 2, 3000)))
    return "it does not go on where there is room";
  again = journal_file::open(disk);
  return again && sample_numbers(*again, 3000) == numbers_from(1, 2) ? "" : "the new group is lost";
}

/// Does that in a process of its own on a file system of its own of 64 KiB, which is gone
/// afterwards; nothing where this system does not let us. True if nothing was wrong.
std::optional<bool> on_small_file_system(const std::filesystem::path& folder) {
  constexpr int not_allowed = 77;
  const auto child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    if (::unshare(CLONE_NEWNS) != 0 ||
        ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) ||
        ::mount("godwit", folder.c_str(), "tmpfs", 0, "size=64k"))
      ::_exit(not_allowed);
    const auto wrong = life_on_a_full_file_system(folder);
    if (!wrong.empty())
      std::fprintf(stderr, "%s\n", wrong.c_str());
    ::_exit(wrong.empty() ? 0 : 1);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  if (WIFEXITED(status) && WEXITSTATUS(status) == not_allowed)
    return std::nullopt;
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

} // namespace

TEST_CASE("a journal on a full file system keeps what it holds and goes on where there is room") {
  scratch_folder folder;
  const auto passed = on_small_file_system(folder.path());
  if (!passed)
    MESSAGE("no file system can be mounted here, so only the file size limit was tried");
  CHECK(passed.value_or(true));
}
