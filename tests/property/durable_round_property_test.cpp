// Does replaying what was written down give the very state that was, after any sequence of inputs,
// letters, losses and restarts?
#include <cstdint>
#include <random>
#include <span>
#include <sstream>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <godwit/actors/machines/durable_round.hpp>

#include "support/round_driver.hpp"

using namespace godwit;

namespace {

constexpr mailbox_id server_mailbox = 77;

std::string words(const durable::machine& m) {
  std::ostringstream out;
  const auto& round = m.round();
  out << round::name(round.current());
  if (auto* here = round.open_round()) {
    out << ' ' << here->id.value << ' ' << here->opened_at.count() << ' ' << here->undecided << ' '
        << here->uploading << ' ' << here->adding << ' ' << here->counted << ' '
        << here->unanswered;
    for (const auto& client : here->line)
      out << " line:" << client.name;
    for (const auto& client : here->reserve)
      out << " reserve:" << client.name;
    for (const auto& [client, who] : here->cohort)
      out << '\n'
          << client.name << ' ' << static_cast<int>(who.at) << who.is_away << who.has_accepted
          << who.evaluated.has_value() << who.update.byte_count << who.reason;
  }
  for (const auto& mail : m.mail()) {
    if (mail.taken == 0 && mail.newest == 0)
      continue; // said hello, and there was nothing to write down
    out << '\n'
        << mail.client.name << ' ' << mail.edge_mailbox << ' ' << mail.taken << ' ' << mail.newest;
    for (const auto& letter : mail.kept)
      out << ' ' << letter.number << ':' << letter.kind << ':' << hex(as_bytes(letter.head));
  }
  return out.str();
}

/// Feeds a durable round with anything, and keeps what it wants kept.
class scribe {
public:
  explicit scribe(std::uint64_t seed)
      : random_(seed), rules_(round::driver::rules(3, 1)),
        m_(rules_, {.last = {}, .mailbox = server_mailbox, .mail = {}}) {
    rules_.upload_count_max = 1 + static_cast<std::uint32_t>(random_() % 3);
    m_ = durable::machine(rules_, {.last = {}, .mailbox = server_mailbox, .mail = {}});
  }

  void run() {
    feed(round::open{{1}, round::driver::named("abcd"), round::driver::named("ef"), true});
    for (int i = 0; i < 60 && !is_over_; ++i) {
      now_ += std::chrono::milliseconds(random_() % 1500);
      step();
      check();
    }
  }

private:
  std::uint64_t pick(std::uint64_t below) { return random_() % below; }

  void note(const result<durable::outcome>& out) {
    if (!out)
      return;
    if (out->ends_round) {
      is_over_ = true;
      return;
    }
    if (out->line) {
      const auto written = encode(*out->line);
      auto read = decode_server_line(written);
      REQUIRE(read);
      lines_.push_back(std::move(*read));
      m_.kept(std::span(&out->later, 1), now_);
    }
  }
  void feed(const round::input& in, const durable::origin& from = {}) {
    note(m_.apply(in, from, now_, 5));
  }
  /// A letter: a new one, one that was sent before, or one behind a gap.
  durable::origin letter_of(const client_id& client) {
    auto& sent = sent_[client];
    const auto kind = pick(6);
    if (kind == 0 && sent > 0)
      return {client, 9, {sent, sent - 1}};
    if (kind == 1)
      return {client, 9, {sent + 3, sent + 2}};
    ++sent;
    return {client, 9, {sent, sent - 1}};
  }

  void step() {
    const client_id client{std::string(1, "abcdefz"[pick(7)])};
    const round_id round{pick(15) == 0 ? 9U : 1U};
    switch (pick(12)) {
    case 0:
      return feed(round::answered{client, {round, static_cast<std::uint8_t>(pick(4) != 0), "no"}},
                  letter_of(client));
    case 1:
    case 2:
      return feed(round::offered{client, round::driver::offer_of(round)}, letter_of(client));
    case 3:
    case 4:
      return feed(round::arrived{client, round});
    case 5:
      return feed(round::spoiled{client, round});
    case 6:
      m_.disconnected(client);
      return feed(round::edge_lost{client});
    case 7:
      return note(m_.connected(client, 9, server_mailbox, 0, now_));
    case 8:
      return feed(round::evaluated{client, {round, 4, 2, 1.0}}, letter_of(client));
    case 9:
      return feed(round::released{{1}});
    case 10:
      return pick(4) == 0 ? feed(round::restarted{}) : feed(round::upload_due{round, client});
    default:
      return feed(round::summed{
          client, {1}, pick(5) == 0 ? std::optional(refusal::value_not_finite) : std::nullopt});
    }
  }

  void check() {
    if (is_over_)
      return;
    durable::machine again(rules_, {.last = {}, .mailbox = server_mailbox, .mail = {}});
    for (const auto& line : lines_) {
      const auto replayed = again.replay(line, 0);
      REQUIRE_MESSAGE(replayed, replayed.why().detail);
    }
    REQUIRE(words(again) == words(m_));
    REQUIRE(again.counted().size() ==
            (m_.round().open_round() ? m_.round().open_round()->counted : 0));
  }

  std::mt19937_64 random_;
  round::plan rules_;
  durable::machine m_;
  std::vector<server_line> lines_;
  std::map<client_id, std::uint64_t> sent_;
  instant now_ = std::chrono::hours(1);
  bool is_over_ = false;
};

} // namespace

TEST_CASE("what was written down, replayed, is what was: at every step") {
  for (std::uint64_t seed = 1; seed <= 1'500; ++seed) {
    CAPTURE(seed);
    scribe(seed).run();
  }
}
