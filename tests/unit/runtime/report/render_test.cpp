// The live view's lines: they fit, they say what is known, and they hold no escape sequence unless
// asked to.
#include <doctest/doctest.h>

#include <cmath>
#include <sstream>

#include "support/scratch_folder.hpp"
#include "telemetry/live_view.hpp"
#include "telemetry/plain_text.hpp"

using namespace godwit;

namespace {

run_status busy() {
  run_status status;
  status.phase = "collecting";
  status.round = 12, status.round_limit = 20;
  status.edges_connected = 10, status.invited = 10, status.accepted = 9, status.reported = 4;
  status.needed = 8;
  status.seconds_to_deadline = 41, status.elapsed_seconds = 72, status.seconds_left = 48;
  status.loss = 0.4123, status.accuracy = 0.8531;
  status.bytes_up = 12'300'000, status.bytes_down = 14'500'000;
  status.refused = 3;
  status.notice = "token.refused client=edge-3 reason=token_expired";
  return status;
}

std::vector<round_record> history(std::uint64_t count) {
  std::vector<round_record> rounds(count);
  for (std::uint64_t i = 0; i < count; ++i) {
    rounds[i].round = i + 1;
    rounds[i].outcome = "committed";
    rounds[i].cohort = 10, rounds[i].reporters = 9;
    rounds[i].collecting_seconds = 3.2;
    rounds[i].train_loss = 1.0 / static_cast<double>(i + 1);
    rounds[i].test_accuracy = 0.8 * static_cast<double>(i) / static_cast<double>(count);
  }
  return rounds;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);)
    lines.push_back(line);
  return lines;
}

} // namespace

TEST_CASE("every line leaves the last column free at every width") {
  for (unsigned width : {40U, 41U, 59U, 60U, 61U, 80U, 120U, 200U})
    for (bool unicode : {true, false}) {
      CAPTURE(width);
      const auto text = render(busy(), history(11), {.width = width, .unicode = unicode});
      CHECK(text.ends_with('\n'));
      const auto lines = lines_of(text);
      CHECK(lines.size() == 8);
      for (const auto& line : lines) {
        CAPTURE(line);
        CHECK(column_count(line) < width);
      }
    }
}

TEST_CASE("at 80 columns the view says all that is known") {
  const auto text = render(busy(), history(11), {.width = 80});
  for (const auto* part :
       {"Round 12 of 20", "57 %", "collecting, at most 41 s more", "4 of 8 reported", "9 accepted",
        "10 invited", "0.8531", "best 0.7273 in round 11", "0.4123", "12.3 MB", "14.5 MB",
        "3 refused", "1 min 12 s gone", "about 48 s left", "round 11 committed", "9 of 10 reported",
        "token.refused client=edge-3"}) {
    CAPTURE(part);
    CHECK(contains(text, part));
  }
}

TEST_CASE("a wider view has longer bars, a narrow one shorter words") {
  const auto blocks = [](const std::string& text) {
    std::size_t count = 0;
    for (auto at = text.find("░"); at != std::string::npos; at = text.find("░", at + 1))
      ++count;
    return count;
  };
  const auto narrow = lines_of(render(busy(), {}, {.width = 40})).front();
  const auto usual = lines_of(render(busy(), {}, {.width = 80})).front();
  const auto wide = lines_of(render(busy(), {}, {.width = 200})).front();
  CHECK(blocks(narrow) < blocks(usual));
  CHECK(blocks(usual) < blocks(wide));
  CHECK(contains(narrow, "Round 12/20"));
}

TEST_CASE("without colours there is no escape sequence; with them each is closed on its line") {
  CHECK_FALSE(contains(render(busy(), history(11), {.width = 80}), "\x1b"));
  for (unsigned width : {40U, 80U}) {
    const auto coloured = render(busy(), history(11), {.width = width, .colours = true});
    CHECK(contains(coloured, "\x1b[1m"));
    for (const auto& line : lines_of(coloured)) {
      const auto last = line.rfind('\x1b');
      if (last != std::string::npos)
        CHECK(line.substr(last).starts_with("\x1b[0m"));
    }
  }
}

TEST_CASE("without unicode everything is ASCII") {
  for (char c : render(busy(), history(11), {.width = 80, .unicode = false}))
    CHECK((c == '\n' || (c >= ' ' && c <= '~')));
}

TEST_CASE("nothing that a peer or a strategy wrote can drive the terminal") {
  auto status = busy();
  status.phase = "collecting\x1b[31m";
  status.notice = "a\nb\x1b[2J\xc2\x9b\xff";
  auto rounds = history(2);
  rounds.back().outcome = "abandoned: \x1b]0;title\x07";
  const auto text = render(status, rounds, {.width = 200});
  CHECK_FALSE(contains(text, "\x1b"));
  CHECK_FALSE(contains(text, "\x07"));
  CHECK_FALSE(contains(text, "\xc2\x9b"));
  CHECK(lines_of(text).size() == 8);
}

TEST_CASE("before the first round the view says that nothing is known yet") {
  run_status status;
  status.phase = "waiting for edges";
  const auto text = render(status, {}, {.width = 80});
  CHECK(contains(text, "waiting for edges"));
  CHECK(contains(text, "not known yet"));
  CHECK_FALSE(contains(text, "Last"));
  CHECK_FALSE(contains(text, "left"));
}

TEST_CASE("progress is full only when the run has finished") {
  auto status = busy();
  status.round = 20, status.reported = 8;
  status.phase = "collecting";
  CHECK(contains(render(status, {}, {.width = 80}), "100 %"));
  status.reported = 7;
  CHECK_FALSE(contains(render(status, {}, {.width = 80}), "100 %"));
  status.phase = "finished", status.round = 9;
  const auto text = render(status, {}, {.width = 80});
  CHECK(contains(text, "100 %"));
  CHECK_FALSE(contains(text, "more"));
}

TEST_CASE("a sparkline rises with what rises and leaves out what is not finite") {
  auto rounds = history(9);
  rounds[4].test_accuracy = std::nan("");
  const auto text = render(run_status{}, rounds, {.width = 80});
  CHECK(contains(text, "▁▂▃▄▅▆▇█"));
  CHECK(contains(text, "best 0.7111 in round 9"));
}

TEST_CASE("a thousand rounds fit into the same lines") {
  const auto text = render(busy(), history(1000), {.width = 80});
  CHECK(lines_of(text).size() == 8);
}

TEST_CASE("abandoned rounds are counted in the view") {
  auto rounds = history(4);
  rounds[1].outcome = rounds[2].outcome = "abandoned: too few updates";
  CHECK(contains(render(busy(), rounds, {.width = 120}), "2 abandoned so far"));
  CHECK_FALSE(contains(render(busy(), history(4), {.width = 120}), "abandoned"));
}
