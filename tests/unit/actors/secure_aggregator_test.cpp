// Does the secure aggregator say why it refuses a body, go on with the others, and open the sum of
// carried vectors as it opens that of masked ones?
#include <godwit/actors/secure_aggregator.hpp>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include <caf/event_based_actor.hpp>
#include <doctest/doctest.h>

#include "support/caf_fixture.hpp"
#include "support/secure_sum_steps.hpp"

using namespace godwit;
using namespace godwit::secure_sum;

namespace {

/// Two streams, as a round has them: an update of four values, and the loss.
terms terms_of(bool are_carried) {
  auto made = are_carried ? carried_flock_terms(3, 100, profile::semi_honest, {0, 200}, 3, 4)
                          : flock_terms(3, 100, profile::semi_honest, {0, 200}, 3, 4);
  auto& streams = are_carried ? made.carried->streams : made.streams;
  streams.front() = {4, 0, 4095, 12};
  streams.push_back({1, 0, 4095, 12});
  return made;
}

/// A sum of five clients up to its opening, and the aggregator that is to add it.
struct stage : deterministic {
  explicit stage(bool are_carried) : flown(terms_of(are_carried), 5) {
    flown.advertise();
    flown.share();
    flown.mask();
    std::vector<std::uint32_t> all;
    for (const auto& [i, answer] : flown.answers)
      all.push_back(i);
    flown.unmask(all);
    REQUIRE(flown.opened);
    aggregator = spawn_secure_aggregator(
        system(),
        {.sum = body_sum(flown.rules), .round = {}, .log = std::make_shared<silent_log>()});
    tell(aggregator, begin_sum{flown.rules.round});
  }
  ~stage() { end(aggregator); }

  /// Why the body is refused; nothing where it is added.
  std::optional<refusal> add(const client_id& client, const bytes& body) {
    std::optional<sum_verdict> verdict;
    system().spawn([&](caf::event_based_actor* self) {
      self->request(aggregator, caf::infinite,
                    add_update{client, flown.rules.round, 1, shared_bytes(bytes(body))})
          .then([&verdict](const sum_verdict& answer) { verdict = answer; });
    });
    deliver();
    REQUIRE(verdict);
    return verdict->why_not;
  }
  void add_all() {
    for (const auto& each : flown.clients)
      CHECK_FALSE(add(each.name, flown.packed.at(each.name)));
  }
  round_mean open() {
    std::optional<round_mean> mean;
    system().spawn([&](caf::event_based_actor* self) {
      self->request(aggregator, caf::infinite,
                    take_mean{flown.rules.round,
                              std::make_shared<const sum_opening>(copy_of(*flown.opened))})
          .then([&mean](const round_mean& answer) { mean = answer; });
    });
    deliver();
    REQUIRE(mean);
    return *mean;
  }
  double plain_mean(std::size_t entry) const {
    double sum = 0, weight = 0;
    for (const auto& each : flown.clients) {
      sum += static_cast<double>(each.entries[entry]);
      weight += static_cast<double>(each.entries[0]);
    }
    return sum / weight;
  }

  stepped_sum flown;
  aggregator_actor aggregator;
};

} // namespace

TEST_CASE("the mean of bodies is that of the clients, masked or carried") {
  for (const bool are_carried : {false, true}) {
    CAPTURE(are_carried);
    stage s(are_carried);
    s.add_all();
    const auto found = s.open();
    REQUIRE(found.mean);
    REQUIRE(found.mean->size() == 4);
    for (std::size_t i = 0; i < 4; ++i)
      CHECK((*found.mean)[i] == doctest::Approx(s.plain_mean(1 + i)).epsilon(1e-6));
    REQUIRE(found.loss);
    CHECK(*found.loss == doctest::Approx(s.plain_mean(5)).epsilon(1e-6));
  }
}

TEST_CASE("a body that can be none is refused with its reason, and the sum goes on without it") {
  stage s(true);
  auto bent = s.flown.packed.at(s.flown.clients[0].name);
  for (std::size_t i = bent.size() - 7; i < bent.size(); ++i)
    bent[i] = std::byte{0xff};
  CHECK(s.add({"mallory"}, bent) == refusal::malformed);
  bent.pop_back();
  CHECK(s.add({"mallory"}, bent) == refusal::wrong_shape);
  s.add_all();
  CHECK(s.open().mean);
}

TEST_CASE("a ciphertext under another key makes the sum one of nobody, and the next one is whole") {
  stage s(true);
  const auto& clients = s.flown.clients;
  auto strange = s.flown.packed.at(clients[0].name);
  const auto& other = s.flown.packed.at(clients[1].name);
  const auto carried = static_cast<std::ptrdiff_t>(carried_bytes(*s.flown.rules.carried));
  std::copy(other.end() - carried, other.end(), strange.end() - carried);
  CHECK_FALSE(s.add(clients[0].name, strange));
  for (std::size_t i = 1; i < clients.size(); ++i)
    CHECK_FALSE(s.add(clients[i].name, s.flown.packed.at(clients[i].name)));
  CHECK_FALSE(s.open().mean);
  s.tell(s.aggregator, begin_sum{s.flown.rules.round});
  s.add_all();
  CHECK(s.open().mean);
}
