// Does a private mean leave only when the ledger says so, and does a repetition cost nothing?
#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <vector>

#include <caf/event_based_actor.hpp>
#include <doctest/doctest.h>

#include <godwit/actors/keeper.hpp>
#include <godwit/actors/private_aggregator.hpp>
#include <godwit/actors/server_ports.hpp>

#include "support/caf_fixture.hpp"
#include "support/played_ledger.hpp"

using namespace godwit;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t length = 100;

struct stage : deterministic {
  std::shared_ptr<played_file> file = std::make_shared<played_file>();
  keeper_actor keeper;
  aggregator_actor aggregator;
  std::optional<round_mean> mean;

  stage() {
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
    auto sum = private_sum::begin({.clip_norm = 1, .noise_multiplier = 1, .cohort = 2}, length);
    REQUIRE(sum);
    aggregator = spawn_private_aggregator(
        system(), {.sum = std::move(*sum),
                   .round = {},
                   .keys = {.ledger = std::move(ledger),
                            .signer = std::make_shared<const signing_key>(ledger_key()),
                            .noise = std::make_shared<const secret>(bytes(32, std::byte{2}))},
                   .keeper = keeper,
                   .log = std::make_shared<silent_log>()});
  }
  void add(const std::string& client, round_id round, float value) {
    std::vector<float> update(length, value);
    const auto content = std::as_bytes(std::span(update));
    tell(aggregator,
         add_update{{client}, round, 500, shared_bytes(bytes(content.begin(), content.end()))});
  }
  void ask(round_id round) {
    mean.reset();
    system().spawn([this, round](caf::event_based_actor* self) {
      self->request(aggregator, caf::infinite, take_mean{round, nullptr})
          .then([this](const round_mean& answer) { mean = answer; });
    });
    deliver();
  }
  void fly(round_id round) {
    tell(aggregator, begin_sum{round});
    add("b", round, 0.5F);
    add("a", round, 0.25F);
    ask(round);
  }
  privacy_ledger ledger() const {
    auto bytes_so_far = privacy_ledger::begin("birds", ledger_key(), {}).opening_line();
    for (const auto& line : file->lines)
      bytes_so_far.insert(bytes_so_far.end(), line.begin(), line.end());
    auto read = privacy_ledger::read(bytes_so_far, "birds");
    REQUIRE(read);
    REQUIRE(read->torn_bytes == 0);
    return std::move(read->ledger);
  }
};

} // namespace

TEST_CASE("a private mean leaves with a line that names who is in it, and what it is") {
  stage s;
  s.fly({1});
  REQUIRE(s.mean);
  REQUIRE(s.mean->mean);
  REQUIRE(s.file->lines.size() == 1);
  const auto ledger = s.ledger();
  REQUIRE(ledger.releases().size() == 1);
  const auto& release = ledger.releases()[0];
  CHECK(release.round == round_id{1});
  CHECK(release.clients == std::vector<client_id>{{"a"}, {"b"}});
  CHECK(release.result == sha256(std::as_bytes(std::span(*s.mean->mean))));
}

TEST_CASE("while the ledger's disk is full nothing leaves; then the same mean does, once") {
  stage s;
  s.file->is_full = true;
  s.fly({1});
  s.pass(3s);
  CHECK_FALSE(s.mean);
  s.file->is_full = false;
  s.pass(2s);
  REQUIRE(s.mean);
  CHECK(s.file->lines.size() == 1);
}

TEST_CASE("a killed server makes the same mean again, and the ledger is not charged twice") {
  stage s;
  s.fly({1});
  REQUIRE(s.mean);
  const auto first = *s.mean->mean;
  s.begin(s.ledger());
  s.fly({1});
  REQUIRE(s.mean);
  CHECK(*s.mean->mean == first);
  CHECK(s.file->lines.size() == 1);
  s.fly({2}); // the same sum of another round is another release
  REQUIRE(s.mean);
  CHECK(*s.mean->mean != first);
  CHECK(s.file->lines.size() == 2);
}
