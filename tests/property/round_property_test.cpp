// Does a round keep its promises under any sequence of inputs, hostile ones among them?
#include <cstdint>
#include <map>
#include <random>
#include <set>
#include <sstream>
#include <string>

#include <doctest/doctest.h>

#include "support/round_driver.hpp"

using namespace godwit;
using namespace godwit::round;

namespace {

/// Everything that a refusal must leave as it was.
std::string fingerprint(const machine& m) {
  std::ostringstream out;
  out << m.current().index();
  if (auto* here = m.open_round()) {
    out << ' ' << here->undecided << ' ' << here->uploading << ' ' << here->adding << ' '
        << here->counted << ' ' << here->line.size() << ' ' << here->reserve.size();
    for (const auto& [client, who] : here->cohort)
      out << ' ' << client.name << static_cast<int>(who.at) << who.is_away
          << who.evaluated.has_value() << who.upload_ends.count() << who.reason;
  }
  if (auto* here = std::get_if<evaluating>(&m.current()))
    out << ' ' << here->awaited;
  return out.str();
}

/// Watches one round from outside: what was asked of the world, and what it still owes.
class observer {
public:
  explicit observer(const driver& d) : d_(d) {}

  void see(const effects& out) {
    for (const auto& x : out) {
      REQUIRE_MESSAGE(finishes == 0, "an effect behind the end");
      std::visit([this](const auto& e) { note(e); }, x);
    }
    REQUIRE(uploading_.size() + adding_.size() <= d_.m.rules().upload_count_max);
    check_counters();
  }

  /// The server was down: uploads and verdicts on their way are lost.
  void restart() {
    uploading_.clear();
    adding_.clear();
  }

  int finishes = 0;
  bool awaits_release = false;
  std::set<client_id> adding_; ///< given to the aggregator, which has not answered

private:
  void note(const grant& x) { REQUIRE(uploading_.insert(x.client).second); }
  void note(const round::revoke& x) { REQUIRE(uploading_.erase(x.client) == 1); }
  void note(const add& x) {
    REQUIRE(uploading_.erase(x.client) == 1);
    REQUIRE(adding_.insert(x.client).second);
  }
  void note(const refuse& x) {
    uploading_.erase(x.client); // spoiled
    adding_.erase(x.client);
  }
  void note(const acknowledge& x) {
    REQUIRE(adding_.erase(x.client) == 1);
    REQUIRE(acknowledged_.insert(x.client).second);
  }
  void note(const release&) {
    REQUIRE(uploading_.empty());
    REQUIRE(adding_.empty());
    REQUIRE(acknowledged_.size() >= d_.m.rules().cohort_min);
    awaits_release = true;
  }
  void note(const tell& x) { REQUIRE(told_.insert(x.client).second); }
  void note(const invite& x) { invited_.insert(x.client); } // said again to one that is back
  void note(const finish& x) {
    ++finishes;
    REQUIRE(uploading_.empty());
    if (x.committed)
      REQUIRE(adding_.empty());
    adding_.clear(); // the verdicts come too late for an abandoned round
    REQUIRE(told_ == invited_);
    std::set<client_id> reported;
    for (const auto& [client, who] : x.cohort) {
      REQUIRE(who.at >= progress::reported);
      if (who.at == progress::reported)
        reported.insert(client);
    }
    REQUIRE(reported == acknowledged_);
    if (x.committed)
      REQUIRE(reported.size() >= std::max(d_.m.rules().cohort_min, 1U));
    else
      REQUIRE_FALSE(x.reason.empty());
  }
  void note(const auto&) {}

  void check_counters() const {
    auto* here = d_.m.open_round();
    if (!here)
      return;
    std::map<progress, std::uint32_t> tally;
    for (const auto& [client, who] : here->cohort)
      ++tally[who.at];
    REQUIRE(here->counted == acknowledged_.size());
    REQUIRE(here->counted == tally[progress::reported]);
    REQUIRE(here->unanswered == tally[progress::invited]);
    if (d_.phase() == "recruiting" || d_.phase() == "collecting") {
      REQUIRE(here->uploading == tally[progress::uploading]);
      REQUIRE(here->uploading == uploading_.size());
      REQUIRE(here->adding == adding_.size());
      REQUIRE(here->line.size() == tally[progress::offered]);
      REQUIRE(here->undecided == tally[progress::invited] + tally[progress::accepted] +
                                     tally[progress::offered] + tally[progress::uploading] +
                                     tally[progress::adding]);
    }
    if (auto* last = std::get_if<evaluating>(&d_.m.current())) {
      std::uint32_t awaited = 0;
      for (const auto& [client, who] : here->cohort)
        awaited += who.at == progress::reported && !who.is_away && !who.evaluated;
      REQUIRE(last->awaited == awaited);
      REQUIRE(awaited > 0);
    }
  }

  const driver& d_;
  std::set<client_id> invited_, uploading_, acknowledged_, told_;
};

class random_world {
public:
  explicit random_world(std::uint64_t seed) : random_(seed), d_(rules()), seen_(d_) {}

  void run() {
    const auto clients = 1 + pick(8);
    names_ = std::string("abcdefghij").substr(0, clients + pick(2));
    const auto reserve = std::string("uvwx").substr(0, pick(5));
    seen_.see(d_.open(names_, reserve, pick(2) == 0));
    names_ += reserve + "z"; // z is never invited
    const auto steps = pick(80);
    for (std::uint64_t i = 0; i < steps && seen_.finishes == 0; ++i)
      step();
    end();
  }

private:
  plan rules() {
    auto made = driver::rules(1 + static_cast<std::uint32_t>(pick(6)), 0);
    made.cohort_min = static_cast<std::uint32_t>(pick(made.cohort + 1));
    made.upload_count_max = 1 + static_cast<std::uint32_t>(pick(3));
    return made;
  }
  std::uint64_t pick(std::uint64_t below) { return random_() % below; }
  std::string who() { return std::string(1, names_[pick(names_.size())]); }
  round_id round() { return pick(20) == 0 ? round_id{pick(4)} : d_.id; }

  void feed(const input& in) {
    const auto before = fingerprint(d_.m);
    const auto out = d_.feed(in);
    if (out)
      seen_.see(*out);
    else
      REQUIRE(fingerprint(d_.m) == before);
  }

  void step() {
    d_.now += std::chrono::milliseconds(pick(4000));
    const client_id client{who()};
    switch (pick(17)) {
    case 0:
      return feed(answered{client, {round(), static_cast<std::uint8_t>(pick(4) != 0), "no"}});
    case 1:
      return feed(edge_lost{client});
    case 2:
      return feed(upload_due{round(), client});
    case 3:
      return feed(spoiled{client, round(), refusal::wrong_checksum});
    case 4:
      return feed(deadline_passed{round()}); // early, or right on time
    case 5:
      return feed(evaluated{client, {round(), 4, 2, 1.0}});
    case 6:
      return feed(round::open{round(), {client}, {}, false});
    case 7:
      return answer_release();
    case 8: // a verdict out of the blue is the aggregator's bug, and is still refused
      if (!seen_.adding_.contains(client))
        return feed(summed{client, round(), {}});
      [[fallthrough]];
    case 9:
      return answer_add();
    case 10:
    case 11:
      return feed(arrived{client, round()});
    case 12:
      return feed(edge_back{client, pick(4) == 0});
    case 13:
      return restart();
    default: {
      auto offer = driver::offer_of(round());
      offer.update.byte_count += pick(10) == 0 ? 4 : 0;
      return feed(offered{client, offer});
    }
    }
  }

  void restart() {
    if (pick(3) != 0 || !d_.m.open_round())
      return;
    seen_.restart();
    feed(restarted{});
  }

  void answer_add() {
    if (seen_.adding_.empty())
      return;
    std::optional<refusal> why_not;
    if (pick(6) == 0)
      why_not = refusal::value_not_finite;
    feed(summed{*seen_.adding_.begin(), d_.id, why_not});
  }

  void answer_release() {
    if (!seen_.awaits_release)
      return feed(released{{99}});
    seen_.awaits_release = false;
    feed(released{d_.id});
  }

  /// The deadline, and whatever the aggregator and the coordinator still owe: then the round is
  /// over.
  void end() {
    const auto* here = d_.m.open_round();
    if (here && d_.now < here->deadline)
      d_.now = here->deadline;
    feed(deadline_passed{d_.id});
    while (!seen_.adding_.empty())
      answer_add();
    if (seen_.awaits_release)
      answer_release();
    REQUIRE(seen_.finishes == 1);
    REQUIRE(d_.phase() == "idle");
  }

  std::mt19937_64 random_;
  driver d_;
  observer seen_;
  std::string names_;
};

} // namespace

TEST_CASE(
    "any sequence of inputs leaves the counters right and ends the round once, by its deadline") {
  for (std::uint64_t seed = 1; seed <= 20'000; ++seed) {
    CAPTURE(seed);
    random_world(seed).run();
  }
}
