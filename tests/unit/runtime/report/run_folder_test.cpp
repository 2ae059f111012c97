// The run folder: fresh starts, resumed ones, and what kills leave behind.
#include <doctest/doctest.h>

#include <csignal>
#include <filesystem>

#include <sys/resource.h>

#include "captured_log.hpp"
#include "report/run_folder.hpp"
#include "support/scratch_folder.hpp"

using namespace godwit;

namespace {

round_record round_number(std::uint64_t number) {
  round_record round;
  round.round = number;
  round.outcome = "committed";
  return round;
}

std::vector<std::uint64_t> numbers_in(const std::filesystem::path& file) {
  std::vector<std::uint64_t> numbers;
  if (const auto rounds = read_rounds(file))
    for (const auto& round : *rounds)
      numbers.push_back(round.round);
  return numbers;
}

using numbers = std::vector<std::uint64_t>;

} // namespace

TEST_CASE("a fresh run folder is made with its parents and takes a line a round") {
  scratch_folder scratch;
  auto folder = run_folder::open(scratch.path() / "runs" / "a", false);
  REQUIRE(folder);
  REQUIRE(folder->append(round_number(1)));
  CHECK(numbers_in(folder->rounds_jsonl()) ==
        numbers{1}); // flushed: readable while the run goes on
  REQUIRE(folder->append(round_number(2)));
  CHECK(numbers_in(folder->rounds_jsonl()) == numbers{1, 2});
  REQUIRE(folder->write_config("seed: 1\n"));
  REQUIRE(folder->write_report("<!doctype html>"));
  CHECK(read_whole(folder->config_yml()) == "seed: 1\n");
  CHECK(read_whole(folder->report_html()) == "<!doctype html>");
}

TEST_CASE(
    "a fresh start in a folder that holds a run fails, says what to do, and changes nothing") {
  scratch_folder scratch;
  {
    auto first = run_folder::open(scratch.path(), false);
    REQUIRE(first);
    REQUIRE(first->append(round_number(1)));
  }
  const auto before = read_whole(scratch.path() / "rounds.jsonl");
  const auto second = run_folder::open(scratch.path(), false);
  REQUIRE_FALSE(second);
  CHECK(second.why().code == failure_code::bad_config);
  CHECK(second.why().detail.find("holds a run; give another --out, or remove it") !=
        std::string::npos);
  CHECK(read_whole(scratch.path() / "rounds.jsonl") == before);
}

TEST_CASE("a folder of a run that ended before its first round may be used again") {
  scratch_folder scratch;
  REQUIRE(run_folder::open(scratch.path(), false));
  CHECK(run_folder::open(scratch.path(), false));
}

TEST_CASE("a folder is written by one process at a time") {
  scratch_folder scratch;
  auto first = run_folder::open(scratch.path(), false);
  REQUIRE(first);
  const auto second = run_folder::open(scratch.path(), true);
  REQUIRE_FALSE(second);
  CHECK(second.why().detail.find("another process") != std::string::npos);
  REQUIRE(first->append(round_number(1)));
  REQUIRE(first->append(round_number(2)));
  REQUIRE(first->truncate_after(1)); // the replaced file is locked as well
  CHECK_FALSE(run_folder::open(scratch.path(), true));
}

TEST_CASE("resuming keeps the lines up to the checkpoint and drops the rounds beyond it") {
  scratch_folder scratch;
  {
    auto first = run_folder::open(scratch.path(), false);
    REQUIRE(first);
    for (const std::uint64_t number : {1U, 2U, 3U, 4U})
      REQUIRE(first->append(round_number(number)));
  }
  auto again = run_folder::open(scratch.path(), true);
  REQUIRE(again);
  REQUIRE(again->truncate_after(2));
  CHECK(numbers_in(again->rounds_jsonl()) == numbers{1, 2});
  REQUIRE(again->append(round_number(3)));
  CHECK(numbers_in(again->rounds_jsonl()) == numbers{1, 2, 3});
  REQUIRE(again->truncate_after(9));
  CHECK(numbers_in(again->rounds_jsonl()) == numbers{1, 2, 3});
  REQUIRE(again->truncate_after(0));
  CHECK(read_whole(again->rounds_jsonl()).empty());
}

TEST_CASE("a cut-off last line is tolerated, reported, and gone after resuming") {
  scratch_folder scratch;
  const auto file = scratch.path() / "rounds.jsonl";
  const auto whole = to_json_line(round_number(1)) + '\n';
  const auto second = to_json_line(round_number(2));
  for (std::size_t length : {std::size_t{1}, second.size() / 2, second.size() - 1}) {
    CAPTURE(length);
    write_whole(file, whole + second.substr(0, length));
    test::captured_log log;
    const auto rounds = read_rounds(file, &log.sink);
    REQUIRE(rounds);
    CHECK(rounds->size() == 1);
    REQUIRE(log.lines.size() == 1);
    CHECK(log.lines[0].find("rounds.cut_off") != std::string::npos);
    CHECK(log.lines[0].find("rounds_kept=1") != std::string::npos);
    {
      auto again = run_folder::open(scratch.path(), true, &log.sink);
      REQUIRE(again);
      CHECK(read_whole(file) == whole);
      REQUIRE(again->append(round_number(2)));
    }
    CHECK(numbers_in(file) == numbers{1, 2});
  }
}

TEST_CASE("a last line that only lacks its line end is a round, and gets it on resuming") {
  scratch_folder scratch;
  const auto file = scratch.path() / "rounds.jsonl";
  write_whole(file, to_json_line(round_number(1)));
  test::captured_log log;
  auto again = run_folder::open(scratch.path(), true, &log.sink);
  REQUIRE(again);
  CHECK(log.lines.empty());
  REQUIRE(again->append(round_number(2)));
  CHECK(numbers_in(file) == numbers{1, 2});
}

TEST_CASE("a broken line in the middle is corrupt, with its number, and is left as it is") {
  scratch_folder scratch;
  const auto file = scratch.path() / "rounds.jsonl";
  const auto content =
      to_json_line(round_number(1)) + "\n{broken}\n" + to_json_line(round_number(3)) + '\n';
  write_whole(file, content);
  const auto rounds = read_rounds(file);
  REQUIRE_FALSE(rounds);
  CHECK(rounds.why().code == failure_code::corrupt);
  CHECK(rounds.why().detail.find("line 2") != std::string::npos);
  CHECK_FALSE(run_folder::open(scratch.path(), true));
  CHECK(read_whole(file) == content);
}

TEST_CASE("rounds that are not there are not found") {
  const auto rounds = read_rounds("/nowhere/at/all/rounds.jsonl");
  REQUIRE_FALSE(rounds);
  CHECK(rounds.why().code == failure_code::not_found);
}

TEST_CASE("a folder that cannot be made is a failure that names it") {
  scratch_folder scratch;
  write_whole(scratch.path() / "file", "x");
  const auto folder = run_folder::open(scratch.path() / "file" / "run", false);
  REQUIRE_FALSE(folder);
  CHECK(folder.why().detail.find("run cannot be made") != std::string::npos);
}

TEST_CASE("a line that cannot be written to its end is taken back whole") {
  scratch_folder scratch;
  auto folder = run_folder::open(scratch.path(), false);
  REQUIRE(folder);
  REQUIRE(folder->append(round_number(1)));
  const auto before = read_whole(folder->rounds_jsonl());
  // A limit in the middle of the next line: the first write is short, the second one fails with
  // EFBIG.
  rlimit usual{};
  REQUIRE(::getrlimit(RLIMIT_FSIZE, &usual) == 0);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit tight{.rlim_cur = before.size() + 10, .rlim_max = usual.rlim_max};
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &tight) == 0);
  const auto appended = folder->append(round_number(2));
  const bool restored = ::setrlimit(RLIMIT_FSIZE, &usual) == 0;
  std::signal(SIGXFSZ, handler);
  REQUIRE(restored);
  REQUIRE_FALSE(appended);
  CHECK(appended.why().code == failure_code::io);
  CHECK(read_whole(folder->rounds_jsonl()) == before);
  REQUIRE(folder->append(round_number(2)));
  CHECK(numbers_in(folder->rounds_jsonl()) == numbers{1, 2});
}

TEST_CASE("the next unused folder is the wanted one, then numbered ones") {
  scratch_folder scratch;
  const auto wanted = scratch.path() / "demo";
  CHECK(unused_run_folder(wanted) == wanted);
  for (const auto* name : {"demo", "demo-2"}) {
    auto folder = run_folder::open(scratch.path() / name, false);
    REQUIRE(folder);
    REQUIRE(folder->append(round_number(1)));
  }
  CHECK(unused_run_folder(wanted) == scratch.path() / "demo-3");
  CHECK(unused_run_folder(wanted / "") == scratch.path() / "demo-3");
}
