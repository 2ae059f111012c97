// When does a job open a round, when does it wait, and when is it over?
#include <chrono>
#include <random>
#include <set>
#include <string>

#include <doctest/doctest.h>

#include <godwit/actors/machines/job.hpp>

using namespace godwit;
using namespace std::chrono_literals;

namespace {

/// A job of three rounds that waits for ten edges, of which five are enough to go on.
struct driver {
  explicit driver(job::plan rules = {.round_count = 3,
                                     .wait_for = 10,
                                     .cohort_min = 5,
                                     .patience = 8s,
                                     .pause = 2s,
                                     .abandoned_in_a_row_max = 3},
                  round_id last = {}, std::uint64_t committed = 0)
      : m(rules, {.last = last, .committed_count = committed}) {}

  /// The effects in words: "open 2", "wake 8", "finish", one behind the other. A wake's time is
  /// from now.
  std::string feed(const job::input& in) {
    const auto out = m.apply(in, now);
    if (!out)
      return "refused: " + std::string(name(out.why()));
    std::string words;
    for (const auto& x : *out) {
      words += words.empty() ? "" : ", ";
      if (auto* open = std::get_if<job::open_round>(&x)) {
        words += "open " + std::to_string(open->round.value);
      } else if (auto* wake = std::get_if<job::wake_at>(&x)) {
        words += "wake " + std::to_string((wake->when - now) / 1s);
        alarms.insert(wake->when);
      } else {
        words += "finish: " + std::get<job::finish>(x).reason;
      }
    }
    return words;
  }
  std::string edges(std::size_t count) { return feed(job::edges_present{count}); }
  std::string alarm() { return feed(job::patience_over{}); }
  std::string commits(std::size_t present, std::optional<double> accuracy = {}) {
    return feed(job::round_ended{open(), true, accuracy, present});
  }
  std::string abandons(std::size_t present) {
    return feed(job::round_ended{open(), false, {}, present});
  }
  round_id open() const {
    auto* here = std::get_if<job::running>(&m.current());
    return here ? here->round : round_id{};
  }
  bool is_waiting() const { return std::holds_alternative<job::waiting>(m.current()); }

  job::machine m;
  instant now = std::chrono::hours(1);
  std::set<instant> alarms;
};

} // namespace

TEST_CASE("the first round waits for as many edges as asked for, however long that takes") {
  driver d;
  CHECK(d.edges(0) == "");
  CHECK(d.edges(9) == "");
  d.now += 1000h;
  CHECK(d.alarm() == "");
  CHECK(d.edges(9) == "");
  CHECK(d.edges(10) == "open 1");
  CHECK(d.m.last_round() == round_id{0});
}

TEST_CASE("while a round is open, edges come and go and nothing is opened") {
  driver d;
  d.edges(10);
  CHECK(d.edges(20) == "");
  CHECK(d.edges(0) == "");
  CHECK(d.alarm() == "");
  CHECK(d.open() == round_id{1});
}

TEST_CASE("the next round begins at once while the minimum is there, without waiting for more") {
  driver d;
  d.edges(10);
  CHECK(d.commits(5) == "open 2");
  CHECK(d.m.committed_count() == 1);
  CHECK(d.m.last_round() == round_id{1});
}

TEST_CASE("below the minimum the job waits; with the minimum it has patience for more, and then "
          "goes on") {
  driver d;
  d.edges(10);
  CHECK(d.commits(4) == "");
  CHECK(d.edges(3) == "");
  CHECK(d.edges(5) == "wake 8");
  d.now += 3s;
  CHECK(d.edges(6) == ""); // the alarm is set already
  d.now += 4s;
  CHECK(d.alarm() == ""); // somebody else's: patience is not over
  d.now += 1s;
  CHECK(d.alarm() == "open 2");
}

TEST_CASE(
    "patience ends early when all are there, and begins anew when they fall below the minimum") {
  driver d;
  d.edges(10);
  d.commits(5);
  CHECK(d.commits(2) == "");
  CHECK(d.edges(5) == "wake 8");
  SUBCASE("all are there") {
    CHECK(d.edges(10) == "open 3");
  }
  SUBCASE("below the minimum for a moment") {
    d.now += 7s;
    CHECK(d.edges(4) == "");
    CHECK(d.edges(5) == "wake 8");
    d.now += 1s;
    CHECK(d.alarm() == ""); // the first alarm
    d.now += 7s;
    CHECK(d.alarm() == "open 3");
  }
}

TEST_CASE("after an abandoned round there is a pause, in which nothing is opened") {
  driver d;
  d.edges(10);
  CHECK(d.abandons(10) == "wake 2");
  CHECK(d.m.committed_count() == 0);
  CHECK(d.m.last_round() == round_id{1});
  d.now += 1s;
  CHECK(d.edges(20) == "");
  CHECK(d.alarm() == "");
  d.now += 1s;
  SUBCASE("then all are there") {
    CHECK(d.alarm() == "open 2");
  }
  SUBCASE("then the minimum is there") {
    d.edges(7);
    d.now += 8s;
    CHECK(d.alarm() == "open 2");
  }
  SUBCASE("then too few are there, and later enough") {
    d.edges(4);
    CHECK(d.alarm() == "");
    CHECK(d.edges(10) == "open 2");
  }
}

TEST_CASE("edges that came during the pause are not forgotten at its end") {
  driver d;
  d.edges(10);
  CHECK(d.abandons(0) == "wake 2");
  d.now += 1s;
  CHECK(d.edges(6) == "");
  d.now += 1s;
  CHECK(d.alarm() == "wake 8");
  d.now += 8s;
  CHECK(d.alarm() == "open 2");
}

TEST_CASE("a round is never opened with fewer than the minimum, also where fewer are waited for") {
  driver d({.round_count = 3, .wait_for = 1, .cohort_min = 5});
  CHECK(d.edges(4) == "");
  CHECK(d.edges(5) == "open 1");
}

TEST_CASE("the job is over after its committed rounds; abandoned ones do not count") {
  driver d;
  d.edges(10);
  d.commits(10);
  d.abandons(10);
  d.now += 2s;
  CHECK(d.alarm() == "open 3");
  CHECK(d.commits(10) == "open 4");
  CHECK(d.commits(10) == "finish: all rounds are done");
  CHECK(d.m.committed_count() == 3);
  CHECK(std::holds_alternative<job::finished>(d.m.current()));
  CHECK(d.edges(10) == "");
  CHECK(d.alarm() == "");
}

TEST_CASE("the job is over when the target accuracy is reached, and not before") {
  driver d({.round_count = 9, .wait_for = 1, .cohort_min = 1, .target_accuracy = 0.9});
  d.edges(1);
  CHECK(d.commits(1) == "open 2");
  CHECK(d.commits(1, 0.89) == "open 3");
  CHECK(d.commits(1, 0.9) == "finish: the target accuracy is reached");
}

TEST_CASE("without a target no accuracy ends the job") {
  driver d({.round_count = 9, .wait_for = 1, .cohort_min = 1});
  d.edges(1);
  CHECK(d.commits(1, 1.0) == "open 2");
}

TEST_CASE("a job gives up after so many abandoned rounds in a row, and a committed one begins the "
          "count anew") {
  driver d;
  d.edges(10);
  const auto abandon_and_pause = [&d] {
    CHECK(d.abandons(10) == "wake 2");
    d.now += 2s;
    d.alarm();
  };
  abandon_and_pause();
  abandon_and_pause();
  d.commits(10);
  abandon_and_pause();
  abandon_and_pause();
  CHECK(d.abandons(10) == "finish: gave up: 3 rounds in a row were abandoned");
}

TEST_CASE("the end of a round that is not open is refused and changes nothing") {
  driver d;
  CHECK(d.feed(job::round_ended{{1}, true, {}, 10}) == "refused: wrong_phase");
  d.edges(10);
  CHECK(d.feed(job::round_ended{{2}, true, {}, 10}) == "refused: wrong_round");
  CHECK(d.open() == round_id{1});
  CHECK(d.m.committed_count() == 0);
}

TEST_CASE("a server that is started again goes on behind its last round, after its patience, with "
          "the minimum") {
  driver d({.round_count = 3, .wait_for = 10, .cohort_min = 5, .patience = 8s}, {7}, 2);
  CHECK(d.edges(4) == "");
  CHECK(d.edges(5) == "wake 8");
  d.now += 8s;
  CHECK(d.alarm() == "open 8");
  CHECK(d.commits(5) == "finish: all rounds are done");
}

TEST_CASE("a job that was over stays over when its server is started again") {
  driver d({.round_count = 3, .wait_for = 1, .cohort_min = 1}, {4}, 3);
  REQUIRE(std::holds_alternative<job::finished>(d.m.current()));
  CHECK(d.edges(10) == "");
  CHECK(d.feed(job::round_ended{{5}, true, {}, 10}) == "refused: wrong_phase");
}

TEST_CASE("a job that has begun and has its minimum is never left without an alarm") {
  for (std::uint64_t seed = 1; seed <= 2000; ++seed) {
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    driver d({.round_count = 1000,
              .wait_for = 6,
              .cohort_min = 3,
              .patience = 8s,
              .pause = 2s,
              .abandoned_in_a_row_max = 1000},
             {1}, 1);
    std::size_t present = 0;
    for (int i = 0; i < 60; ++i) {
      d.now += std::chrono::seconds(random() % 4);
      if (!d.alarms.empty() && *d.alarms.begin() <= d.now) {
        d.alarms.erase(d.alarms.begin());
        d.alarm();
      } else if (random() % 2 == 0) {
        present = random() % 8;
        d.edges(present);
      } else if (!d.is_waiting()) {
        random() % 2 == 0 ? d.commits(present) : d.abandons(present);
      }
      if (d.is_waiting() && present >= 3)
        REQUIRE_FALSE(d.alarms.empty());
    }
    // Left alone with its minimum, it opens a round within the pause and its patience.
    d.edges(5);
    const auto begun = d.now;
    while (d.is_waiting()) {
      REQUIRE_FALSE(d.alarms.empty());
      d.now = std::max(d.now, *d.alarms.begin());
      d.alarms.erase(d.alarms.begin());
      d.alarm();
    }
    REQUIRE(d.now - begun <= 10s);
  }
}

TEST_CASE("a job whose server was killed waits for the edges that were there, with patience") {
  job::machine m({.round_count = 9, .wait_for = 3, .cohort_min = 2, .patience = 8s},
                 {.last = {4}, .committed_count = 4, .is_open = true, .present_count = 6});
  const auto now = std::chrono::nanoseconds(1h);
  auto out = m.apply(job::round_ended{{5}, true, {}, 4}, now);
  REQUIRE(out);
  REQUIRE(out->size() == 1);
  CHECK(std::get<job::wake_at>(out->at(0)).when == now + 8s);
  SUBCASE("they come") {
    out = m.apply(job::edges_present{6}, now + 1s);
    CHECK(std::get<job::open_round>(out->at(0)).round == round_id{6});
    out = m.apply(job::round_ended{{6}, true, {}, 2}, now + 2s); // and from then on goes on at once
    CHECK(std::get<job::open_round>(out->at(0)).round == round_id{7});
  }
  SUBCASE("they do not all come") {
    out = m.apply(job::patience_over{}, now + 8s);
    CHECK(std::get<job::open_round>(out->at(0)).round == round_id{6});
  }
}

TEST_CASE("a job whose edges have spent their privacy budget ends, with what can be done") {
  driver d;
  CHECK(d.edges(10) == "open 1");
  CHECK(d.feed(job::round_ended{d.open(), true, {}, 3, {.spent_count = 7, .left_count = 3}})
            .find("finish: the privacy budget is spent: 3 of the edges") == 0);
}

TEST_CASE(
    "a job waits for edges with budget left that are not there, and ends when none are left") {
  driver d;
  CHECK(d.edges(10) == "open 1");
  CHECK(d.feed(job::round_ended{d.open(), true, {}, 3, {.spent_count = 7, .left_count = 6}}) == "");
  CHECK(d.is_waiting());
  CHECK(d.feed(job::edges_present{5, {.spent_count = 7, .left_count = 6}}) == "wake 8");
  CHECK(d.feed(job::edges_present{2, {.spent_count = 2, .left_count = 2}}) == "");
  CHECK(d.feed(job::edges_present{2, {.spent_count = 3, .left_count = 2}})
            .find("finish: the privacy budget is spent") == 0);
}

TEST_CASE("a job that is older than what somebody knows of it ends, whatever it is doing, once") {
  for (const bool is_running : {false, true}) {
    driver d;
    if (is_running)
      d.edges(10);
    CHECK(d.feed(job::history_lost{"edge-1"})
              .find("finish: this state is older than what edge-1 has heard") == 0);
    CHECK(d.feed(job::history_lost{"edge-2"}) == "");
    CHECK(d.edges(10) == "");
  }
}
