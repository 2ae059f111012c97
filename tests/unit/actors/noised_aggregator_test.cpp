// Does a sum whose clients added the noise leave only when the ledger says whose noise it has, and
// does a repetition cost nothing?
#include <godwit/actors/secure_aggregator.hpp>

#include <memory>
#include <numeric>
#include <optional>
#include <vector>

#include <caf/event_based_actor.hpp>
#include <doctest/doctest.h>

#include <godwit/actors/keeper.hpp>
#include <godwit/actors/server_ports.hpp>

#include "support/caf_fixture.hpp"
#include "support/noised_terms.hpp"
#include "support/played_ledger.hpp"
#include "support/secure_sum_steps.hpp"

using namespace godwit;
using namespace godwit::secure_sum;

namespace {

constexpr std::size_t length = 200;
constexpr std::uint32_t client_count = 20;
constexpr distributed_noise promised{
    .clip_norm = 2, .noise_multiplier = 1, .survivors_min = 14, .corrupt_max = 2};

/// A sum of twenty clients of whom some drop out, up to its opening, and its aggregator.
struct stage : deterministic {
  explicit stage(std::uint32_t dropped)
      : flown(noised_flock_terms(promised, client_count, length), client_count) {
    flown.advertise();
    flown.share();
    std::vector<std::uint32_t> survivors(client_count - dropped);
    std::iota(survivors.begin(), survivors.end(), 0U);
    for (const auto i : survivors) {
      const auto& who = flown.clients[i];
      const std::vector<float> values(length, 0.01F);
      const auto body = make_body(*who.machine, {1, {values}});
      REQUIRE(body);
      flown.packed[who.name] = *body;
      flown.client_hears(i, client::body_made{sha256(*body)});
      flown.done(server::body_arrived{who.name, sha256(*body), {}});
    }
    if (dropped > 0)
      flown.done(server::bodies_closed{});
    flown.unmask(survivors);
    REQUIRE(flown.opened);
    keeper_setup keeping{};
    keeping.releases = file;
    keeping.log = std::make_shared<silent_log>();
    keeping.is_detached = false;
    keeper = spawn_keeper(system(), std::move(keeping));
    begin(privacy_ledger::begin("birds", ledger_key(), {}));
  }
  ~stage() {
    end(aggregator);
    end(keeper);
  }
  /// A process whose ledger this is.
  void begin(privacy_ledger ledger) {
    end(aggregator);
    const auto& noised = *flown.rules.noised;
    aggregator = spawn_secure_aggregator(
        system(), {.sum = body_sum(flown.rules),
                   .round = {},
                   .log = std::make_shared<silent_log>(),
                   .noised = noised_releases{
                       .rules = {.noise = release_of(noised, length, 1).mechanism,
                                 .survivors_min = promised.survivors_min,
                                 .corrupt_max = promised.corrupt_max,
                                 .step = noised.step},
                       .cohort = client_count,
                       .keys = {.ledger = std::move(ledger),
                                .signer = std::make_shared<const signing_key>(ledger_key()),
                                .noise = nullptr},
                       .keeper = keeper}});
  }
  void fly() {
    mean.reset();
    tell(aggregator, begin_sum{flown.rules.round});
    for (const auto& [client, body] : flown.packed)
      tell(aggregator, add_update{client, flown.rules.round, 1, shared_bytes(bytes(body))});
    system().spawn([this](caf::event_based_actor* self) {
      self->request(aggregator, caf::infinite,
                    take_mean{flown.rules.round,
                              std::make_shared<const sum_opening>(copy_of(*flown.opened))})
          .then([this](const round_mean& answer) { mean = answer; });
    });
    deliver();
  }
  privacy_ledger ledger() const {
    auto all = privacy_ledger::begin("birds", ledger_key(), {}).opening_line();
    for (const auto& line : file->lines)
      all.insert(all.end(), line.begin(), line.end());
    auto read = privacy_ledger::read(all, "birds");
    REQUIRE(read);
    CHECK(read->torn_bytes == 0);
    return std::move(read->ledger);
  }

  stepped_sum flown;
  std::shared_ptr<played_file> file = std::make_shared<played_file>();
  keeper_actor keeper;
  aggregator_actor aggregator;
  std::optional<round_mean> mean;
};

} // namespace

TEST_CASE("the ledger says how many honest clients' noise a sum has, and no loss is told") {
  for (const std::uint32_t dropped : {0U, 6U}) {
    CAPTURE(dropped);
    stage s(dropped);
    s.fly();
    REQUIRE(s.mean);
    REQUIRE(s.mean->mean);
    CHECK(s.mean->mean->size() == length);
    CHECK_FALSE(s.mean->loss);
    const auto ledger = s.ledger();
    REQUIRE(ledger.releases().size() == 1);
    const auto& release = ledger.releases().front();
    CHECK(release.clients.size() == client_count - dropped);
    CHECK(release.result == sha256(std::as_bytes(std::span(*s.mean->mean))));
    REQUIRE(release.shared);
    CHECK(std::get<accounting::discrete_gaussian>(*release.shared).client_count ==
          client_count - dropped - 2);
    CHECK(release.noise_multiplier >= doctest::Approx(1)); // as was promised of the fewest
    CHECK(ledger.spent().size() == client_count - dropped);
  }
}

TEST_CASE("while the ledger's disk is full nothing leaves") {
  stage s(0);
  s.file->is_full = true;
  s.fly();
  CHECK_FALSE(s.mean);
  CHECK(s.file->lines.empty());
}

TEST_CASE("a server that was killed behind its line makes the same mean again, and pays once") {
  stage s(3);
  s.fly();
  REQUIRE(s.mean);
  const auto first = *s.mean->mean;
  s.begin(s.ledger());
  s.fly();
  REQUIRE(s.mean);
  CHECK(*s.mean->mean == first);
  CHECK(s.file->lines.size() == 1);
}
