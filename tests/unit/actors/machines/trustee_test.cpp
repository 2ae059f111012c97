// Is a sum opened by a server and its trustees together, whoever comes and goes, and given up where
// one of them changes what others say?
#include <array>
#include <deque>
#include <functional>
#include <optional>
#include <set>
#include <string>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <godwit/actors/machines/shared_body.hpp>
#include <godwit/actors/machines/sum_leader.hpp>
#include <godwit/actors/machines/trustee.hpp>

using namespace godwit;
using namespace godwit::shared_sum;

namespace {

secret drawn(unsigned what, std::size_t count = 32) {
  bytes made(count);
  for (std::size_t i = 0; i < count; ++i)
    made[i] = static_cast<std::byte>(what * 37 + i * 11 + 1);
  return secret(std::move(made));
}

/// A server, its trustees, and the words between them, which somebody may change.
struct world {
  using change = std::function<void(bool to_leader, unsigned trustee, sum_word&)>;

  explicit world(scheme how, unsigned trustees, std::uint64_t number = 7) {
    round.terms.scheme = how;
    round.terms.server_count = trustees + 1;
    round.terms.lane_bits = 32;
    round.terms.job = "a job";
    round.terms.round = {number};
    round.terms.clients_min = 2;
    round.terms.clients_max = 6;
    round.streams = {{5, -1, 1, 16}, {1, 0, 16, 16}};
    for (unsigned s = 1; s <= trustees; ++s)
      round.servers.push_back({.name = fmt::format("trustee-{}", s),
                               .key = public_part(drawn(s).reveal()),
                               .evidence = {}});
    round.servers.push_back({.name = "server", .key = {}, .evidence = {}});
    settle_terms(round);
    for (unsigned s = 1; s <= trustees; ++s)
      start(s);
  }

  void start(unsigned s, std::uint32_t clients_min = 2) {
    machines[s].emplace(trustee::plan{fmt::format("trustee-{}", s), clients_min,
                                      [this](const sum_server&) { return proves; }},
                        drawn(s), kept[s]);
  }
  void upload(const std::string& name, float value) {
    const std::vector<float> values(5, value);
    auto made = upload_of(round, {name}, drawn(static_cast<unsigned>(name.size() + bodies.size())),
                          {.values = values, .loss = 2, .weight = 1});
    REQUIRE(made);
    bodies[{name}] = shared_bytes(std::move(*made));
  }
  void collect() { lead.emplace(round, bodies, drawn(99)); }
  void arrive(unsigned s) { perform(lead->arrive(s)); }
  void arrive_all() {
    for (unsigned s = 1; s < round.terms.server_count; ++s)
      arrive(s);
  }
  /// Delivers words until there are none, or so many.
  void run(int count_max = 1'000'000) {
    for (; count_max > 0 && !words.empty(); --count_max) {
      auto [to_leader, s, word] = std::move(words.front());
      words.pop_front();
      if (bend)
        bend(to_leader, s, word);
      const auto bound = to_leader ? word_bytes_max(round.terms, word.step, s)
                                   : machines[s]->word_bytes_max(word.step);
      if (bound == 0)
        continue; // of an attempt that is over
      CHECK(word.content.size() <= bound);
      if (to_leader) {
        perform(lead->hear(s, word));
        continue;
      }
      for (const auto& each :
           machines[s]->hear("server", word, drawn(++draw_count, trustee::fresh_bytes)))
        if (const auto* said = std::get_if<trustee::say>(&each))
          words.push_back({true, s, said->word});
        else if (const auto* line = std::get_if<trustee::keep>(&each))
          kept[s] = {line->what};
        else if (const auto* lost = std::get_if<trustee::passed_over>(&each))
          passed_over.insert(lost->client);
    }
  }
  void perform(const leader::effects& effects) {
    for (const auto& each : effects)
      if (const auto* x = std::get_if<tell>(&each))
        words.push_back({false, x->server, x->word});
      else if (const auto* y = std::get_if<opened>(&each))
        sum = *y;
      else if (const auto* z = std::get_if<abandoned>(&each))
        end = *z;
  }
  std::string outcome() const {
    if (sum)
      return fmt::format("opened {}", sum->clients.size());
    return end ? fmt::format("{} {}", name(end->why), end->server) : "nothing";
  }

  struct letter {
    bool to_leader;
    unsigned trustee;
    sum_word word;
  };
  shared_round round;
  std::map<client_id, shared_bytes> bodies;
  std::array<std::optional<trustee::machine>, 3> machines;
  std::array<std::vector<trustee::opened_list>, 3> kept;
  std::optional<leader> lead;
  std::deque<letter> words;
  change bend;
  bool proves = true;
  unsigned draw_count = 100;
  std::set<client_id> passed_over;
  std::optional<opened> sum;
  std::optional<abandoned> end;
};

void fill(world& w) {
  w.upload("a", 0.25F);
  w.upload("bb", 0.75F);
  w.upload("ccc", -0.25F);
  w.collect();
}

void bend_byte(sum_word& word, std::size_t at) {
  const auto view = word.content.view();
  bytes changed(view.begin(), view.end());
  changed[at] ^= std::byte{1};
  word.content = shared_bytes(std::move(changed));
}

} // namespace

TEST_CASE("a server and its trustees open the mean together, in either scheme") {
  for (const auto& [how, trustees] :
       {std::pair{scheme::additive, 1U}, {scheme::additive, 2U}, {scheme::replicated, 2U}}) {
    world w(how, trustees);
    fill(w);
    w.arrive_all();
    w.run();
    REQUIRE(w.outcome() == "opened 3");
    const auto means = means_of(w.round, w.sum->sum, 3);
    REQUIRE(means);
    for (const float mean : means->update)
      CHECK(mean == doctest::Approx(0.25).epsilon(1e-4));
    CHECK(means->loss == doctest::Approx(2).epsilon(1e-3));
    CHECK(w.kept[1].size() == 1);
    CHECK_FALSE(means_of(w.round, w.sum->sum, 4)); // a sum of three is none of four
  }
}

TEST_CASE("nothing is opened before the last trustee is there, and at the deadline it is named") {
  world w(scheme::additive, 2);
  fill(w);
  w.arrive(1);
  w.run();
  CHECK(w.outcome() == "nothing");
  w.perform(w.lead->give_up());
  CHECK(w.outcome() == "silent 2");
}

TEST_CASE("a trustee that is killed anywhere comes back, and the same sum is opened") {
  for (const auto how : {scheme::additive, scheme::replicated})
    for (int at = 0; at < 60; ++at) {
      CAPTURE(at);
      world w(how, 2);
      fill(w);
      w.arrive_all();
      w.run(at);
      if (w.sum)
        break;
      w.lead->leave(2);
      w.words.clear();
      w.start(2); // with what it had kept
      w.arrive(2);
      w.run();
      CHECK(w.outcome() == "opened 3");
    }
}

TEST_CASE("a server that was killed opens the same sum, and no other") {
  for (const auto how : {scheme::additive, scheme::replicated}) {
    world w(how, 2);
    fill(w);
    w.arrive_all();
    w.run();
    REQUIRE(w.outcome() == "opened 3");
    const auto first = w.sum->sum;
    w.sum.reset();
    w.collect();
    w.arrive_all();
    w.run();
    REQUIRE(w.outcome() == "opened 3");
    CHECK(hex(w.sum->sum) == hex(first));
    w.sum.reset();
    w.bodies.erase({"a"});
    w.collect();
    w.arrive_all();
    w.run();
    CHECK(w.outcome().starts_with("opened_before"));
  }
}

TEST_CASE("a trustee opens no sum of an earlier round than one that it has opened") {
  world w(scheme::additive, 1);
  fill(w);
  w.arrive_all();
  w.run();
  REQUIRE(w.outcome() == "opened 3");
  world earlier(scheme::additive, 1, 6);
  earlier.kept = w.kept;
  earlier.start(1);
  fill(earlier);
  earlier.arrive_all();
  earlier.run();
  CHECK(earlier.outcome() == "opened_before 1");
}

TEST_CASE(
    "a trustee takes no part where it is not named, others are not proven, or a sum may be of "
    "too few") {
  world w(scheme::replicated, 2);
  fill(w);
  w.proves = false;
  w.arrive_all();
  w.run();
  CHECK(w.outcome() == "refused_terms 1");

  world few(scheme::additive, 1);
  fill(few);
  few.start(1, 3);
  few.arrive_all();
  few.run();
  CHECK(few.outcome() == "refused_terms 1");

  world other(scheme::additive, 1);
  fill(other);
  other.machines[1].emplace(trustee::plan{"trustee-1", 2, [](const sum_server&) { return true; }},
                            drawn(77), std::vector<trustee::opened_list>{});
  other.arrive_all();
  other.run();
  CHECK(other.outcome() == "refused_terms 1");
}

TEST_CASE("a trustee whose opening is another than it should be is found out in a replicated sum") {
  for (const unsigned liar : {1U, 2U}) {
    world w(scheme::replicated, 2);
    fill(w);
    w.bend = [liar](bool to_leader, unsigned s, sum_word& word) {
      if (to_leader && s == liar && word.step == sum_step::said && word.server == 3 &&
          word.content.view()[0] == std::byte{7})
        bend_byte(word, 40);
    };
    w.arrive_all();
    w.run();
    CHECK(w.outcome().starts_with("openings_differ"));
  }
}

TEST_CASE("a server that changes any word on its way is found out in a replicated sum: nothing is "
          "opened, or a client is left out") {
  for (const bool between : {true, false})
    for (int nth = 0; nth < 12; ++nth) {
      world w(scheme::replicated, 2);
      fill(w);
      int seen = 0;
      w.bend = [&](bool to_leader, unsigned, sum_word& word) {
        const bool is_relayed = !to_leader && word.step == sum_step::said && word.server != 3;
        const bool is_own = !to_leader && word.step == sum_step::said && word.server == 3;
        if ((between ? is_relayed : is_own) && seen++ == nth)
          bend_byte(word, word.content.size() - 1);
      };
      w.arrive_all();
      w.run();
      w.perform(w.lead->give_up());
      CAPTURE(between);
      CAPTURE(nth);
      CHECK((nth >= seen || w.outcome() != "opened 3"));
    }
}

TEST_CASE("a part that was changed is not in the sum, and the others are") {
  world w(scheme::additive, 1);
  fill(w);
  w.bend = [](bool to_leader, unsigned, sum_word& word) {
    if (!to_leader && word.step == sum_step::part && word.content.view()[4] == std::byte{'a'})
      bend_byte(word, word.content.size() - 1);
  };
  w.arrive_all();
  w.run();
  CHECK(w.outcome() == "opened 2");
  CHECK(w.passed_over.contains({"a"}));
}

TEST_CASE("a part that is held back is missed, and the trustee gives up") {
  world w(scheme::additive, 1);
  fill(w);
  w.bend = [](bool to_leader, unsigned, sum_word& word) {
    if (!to_leader && word.step == sum_step::collected)
      bend_byte(word, 0);
  };
  w.arrive_all();
  w.run();
  CHECK(w.outcome() == "malformed 1");
}
