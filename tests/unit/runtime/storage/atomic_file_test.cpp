// Does a file hold its old or its new content, and nothing else, whatever happens?
#include <array>
#include <cstddef>
#include <filesystem>
#include <string>

#include <sys/stat.h>

#include <doctest/doctest.h>

#include "storage/atomic_file.hpp"
#include "support/file_size_limit.hpp"
#include "support/scratch_folder.hpp"

using namespace godwit;

TEST_CASE("a file is made, replaced and read back whole") {
  scratch_folder folder;
  const auto path = folder / "state";
  REQUIRE(write_atomically(path, as_bytes("first content")));
  CHECK(as_text(*read_file(path, 100)) == "first content");
  const std::array pieces{as_bytes("sec"), bytes_view{}, as_bytes("ond")};
  REQUIRE(write_atomically(path, pieces));
  CHECK(as_text(*read_file(path, 6)) == "second");
  REQUIRE(write_atomically(path, bytes_view{}));
  CHECK(read_file(path, 0)->empty());
  CHECK_FALSE(std::filesystem::exists(folder / "state.tmp"));
}

TEST_CASE("a file name without a folder means the working folder") {
  scratch_folder folder;
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(folder.path());
  const bool written = write_atomically("plain", as_bytes("x")).has_value();
  std::filesystem::current_path(before);
  CHECK(written);
  CHECK(read_whole(folder / "plain") == "x");
}

TEST_CASE("what a crash left beside the file is overwritten and gone") {
  scratch_folder folder;
  write_whole(folder / "state.tmp", "half of something that was longer than what comes now");
  REQUIRE(write_atomically(folder / "state", as_bytes("new")));
  CHECK(read_whole(folder / "state") == "new");
  CHECK_FALSE(std::filesystem::exists(folder / "state.tmp"));
}

TEST_CASE("where space ends, the old content stays, nothing is left over and the failure says so") {
  scratch_folder folder;
  const auto path = folder / "state";
  REQUIRE(write_atomically(path, as_bytes("old")));
  const std::string large(100'000, 'x');
  {
    file_size_limit limit(4096);
    const auto written = write_atomically(path, as_bytes(large));
    REQUIRE_FALSE(written);
    CHECK(written.why().code == failure_code::no_space);
    CHECK(contains(written.why().detail, path.string()));
  }
  CHECK(read_whole(path) == "old");
  CHECK_FALSE(std::filesystem::exists(folder / "state.tmp"));
}

TEST_CASE("a missing folder, and a folder in place of the file, are told apart from a full disk") {
  scratch_folder folder;
  const auto missing = write_atomically(folder.path() / "no" / "state", as_bytes("x"));
  REQUIRE_FALSE(missing);
  CHECK(missing.why().code == failure_code::not_found);
  std::filesystem::create_directories(folder / "taken");
  const auto taken = write_atomically(folder / "taken", as_bytes("x"));
  REQUIRE_FALSE(taken);
  CHECK(taken.why().code == failure_code::io);
  CHECK_FALSE(std::filesystem::exists(folder / "taken.tmp"));
}

TEST_CASE("reading says whether a file is missing, too long or no file at all") {
  scratch_folder folder;
  CHECK(read_file(folder / "no", 10).why().code == failure_code::not_found);
  write_whole(folder / "long", "12345678901");
  const auto too_long = read_file(folder / "long", 10);
  REQUIRE_FALSE(too_long);
  CHECK(too_long.why().code == failure_code::corrupt);
  CHECK(contains(too_long.why().detail, "11 bytes"));
  CHECK(read_file(folder / "long", 11));
  CHECK(read_file(folder.path(), 10).why().code == failure_code::io);
  REQUIRE(::mkfifo((folder / "pipe").c_str(), 0600) == 0);
  CHECK(read_file(folder / "pipe", 10).why().code == failure_code::io); // and does not wait
}
