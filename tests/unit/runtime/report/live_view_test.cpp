// The live view on a terminal (a pseudo one) and elsewhere.
#include <doctest/doctest.h>

#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "captured_log.hpp"
#include "support/scratch_folder.hpp"
#include "telemetry/live_view.hpp"

using namespace godwit;
using test::captured_log;

namespace {

/// Sets an environment variable (or unsets it) until the end of the test.
class with_variable {
public:
  with_variable(const char* key, const char* value) : key_(key) {
    if (const char* before = std::getenv(key))
      before_ = before;
    value ? ::setenv(key, value, 1) : ::unsetenv(key);
  }
  ~with_variable() { before_ ? ::setenv(key_, before_->c_str(), 1) : ::unsetenv(key_); }
  with_variable(const with_variable&) = delete;
  with_variable& operator=(const with_variable&) = delete;

private:
  const char* key_;
  std::optional<std::string> before_;
};

/// Both ends of a pseudo terminal; what is drawn on `screen` is read by `drawn`.
struct pseudo_terminal {
  int reader = -1;
  std::FILE* screen = nullptr;

  explicit pseudo_terminal(unsigned short columns, unsigned short rows = 24) {
    reader = ::posix_openpt(O_RDWR | O_NOCTTY);
    REQUIRE(reader >= 0);
    REQUIRE(::grantpt(reader) == 0);
    REQUIRE(::unlockpt(reader) == 0);
    resize(columns, rows);
    screen = std::fopen(::ptsname(reader), "w");
    REQUIRE(screen != nullptr);
  }
  ~pseudo_terminal() {
    if (screen)
      std::fclose(screen);
    ::close(reader);
  }
  pseudo_terminal(const pseudo_terminal&) = delete;
  pseudo_terminal& operator=(const pseudo_terminal&) = delete;

  void resize(unsigned short columns, unsigned short rows = 24) const {
    const winsize size{.ws_row = rows, .ws_col = columns, .ws_xpixel = 0, .ws_ypixel = 0};
    REQUIRE(::ioctl(reader, TIOCSWINSZ, &size) == 0);
  }
  std::string drawn() const {
    std::string text;
    char block[4096];
    pollfd ready{.fd = reader, .events = POLLIN, .revents = 0};
    while (::poll(&ready, 1, 0) == 1) {
      const auto count = ::read(reader, block, sizeof block);
      if (count <= 0)
        break;
      text.append(block, static_cast<std::size_t>(count));
    }
    return text;
  }
};

round_record committed(std::uint64_t number) {
  round_record round;
  round.round = number;
  round.outcome = "committed";
  round.cohort = 10, round.reporters = 9;
  round.train_loss = 0.5;
  round.test_accuracy = 0.8;
  return round;
}

run_status collecting() {
  run_status status;
  status.phase = "collecting";
  status.round = 3, status.round_limit = 20;
  return status;
}

} // namespace

TEST_CASE("where there is no terminal each round is logged once and nothing is drawn") {
  scratch_folder folder;
  captured_log log;
  std::FILE* file = std::fopen((folder / "out").c_str(), "w");
  REQUIRE(file != nullptr);
  {
    live_view view(file, log.sink);
    CHECK_FALSE(view.draws_in_place());
    view.show(collecting(), {committed(1)});
    view.show(collecting(), {committed(1)});
    view.show(collecting(), {committed(1), committed(2)});
  }
  std::fclose(file);
  CHECK(read_whole(folder / "out").empty());
  REQUIRE(log.lines.size() == 2);
  CHECK(contains(log.lines[0], "round.finished round=1 of=20 outcome=committed"));
  CHECK(contains(log.lines[1], "round=2"));
  CHECK(contains(log.lines[1], "accuracy=0.8"));
  for (const auto& line : log.lines)
    CHECK_FALSE(contains(line, "\x1b"));
}

TEST_CASE("the rounds that a resumed run began with are not logged again") {
  scratch_folder folder;
  captured_log log;
  std::FILE* file = std::fopen((folder / "out").c_str(), "w");
  REQUIRE(file != nullptr);
  live_view view(file, log.sink, 2);
  view.show(collecting(), {committed(1), committed(2), committed(3)});
  std::fclose(file);
  REQUIRE(log.lines.size() == 1);
  CHECK(contains(log.lines[0], "round=3"));
}

TEST_CASE("on a terminal a frame is drawn over the last one and leaves the cursor visible") {
  const with_variable kind("TERM", "xterm-256color");
  const with_variable colours("NO_COLOR", nullptr);
  const with_variable locale("LC_ALL", "C.UTF-8");
  captured_log log;
  pseudo_terminal terminal(80);
  live_view view(terminal.screen, log.sink);
  CHECK(view.draws_in_place());
  view.show(collecting(), {committed(1), committed(2)});
  const auto first = terminal.drawn();
  CHECK(contains(first, "Round 3 of 20"));
  CHECK(contains(first, "\x1b[1m"));
  CHECK(first.starts_with("\x1b[?25l"));
  CHECK(first.ends_with("\x1b[?25h"));
  view.show(collecting(), {committed(1), committed(2)});
  CHECK(contains(terminal.drawn(), "\x1b[7A")); // seven lines up, then the same seven again
  view.close();
  view.show(collecting(), {});
  CHECK_FALSE(contains(terminal.drawn(), "A\x1b")); // what stood before close stays
  CHECK(log.lines.empty());
}

TEST_CASE("a terminal that became narrower is cleared of the lines that it wrapped") {
  const with_variable kind("TERM", "xterm");
  const with_variable locale("LC_ALL", "C.UTF-8");
  captured_log log;
  pseudo_terminal terminal(80);
  live_view view(terminal.screen, log.sink);
  auto status = collecting();
  status.notice = std::string(200, 'x');
  view.show(status, {});
  const auto wide = terminal.drawn();
  CHECK(contains(wide, std::string(75, 'x')));
  CHECK_FALSE(contains(wide, std::string(80, 'x')));
  terminal.resize(40);
  view.show(status, {});
  const auto narrow = terminal.drawn();
  CHECK_FALSE(contains(narrow, std::string(40, 'x')));
  const auto up = narrow.find("\x1b[", 7);
  REQUIRE(up != std::string::npos);
  CHECK(std::stoi(narrow.substr(up + 2)) > 7); // seven lines, some of which took two rows
}

TEST_CASE("a frame never takes more rows than the terminal has") {
  const with_variable kind("TERM", "xterm");
  captured_log log;
  pseudo_terminal terminal(80, 4);
  live_view view(terminal.screen, log.sink);
  view.show(collecting(), {committed(1)});
  std::size_t ends = 0;
  for (char c : terminal.drawn())
    ends += c == '\n' ? 1U : 0U;
  CHECK(ends == 3);
}

TEST_CASE("NO_COLOR and the locale are respected") {
  const with_variable kind("TERM", "xterm");
  captured_log log;
  pseudo_terminal terminal(80);
  const with_variable colours("NO_COLOR", "1");
  const with_variable locale("LC_ALL", "POSIX");
  live_view view(terminal.screen, log.sink);
  view.show(collecting(), {committed(1)});
  const auto drawn = terminal.drawn();
  for (const auto* escape : {"\x1b[1m", "\x1b[2m", "\x1b[33m", "\x1b[36m", "█", "…"})
    CHECK_FALSE(contains(drawn, escape));
  CHECK(contains(drawn, "###"));
}

TEST_CASE("a dumb terminal gets lines") {
  const with_variable kind("TERM", "dumb");
  captured_log log;
  pseudo_terminal terminal(80);
  live_view view(terminal.screen, log.sink);
  CHECK_FALSE(view.draws_in_place());
  view.show(collecting(), {committed(1)});
  CHECK(terminal.drawn().empty());
  CHECK(log.lines.size() == 1);
}
