// Rounds as JSON lines: what goes in comes back, and broken lines are refused with a reason.
#include <doctest/doctest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "report/run_folder.hpp"

using namespace godwit;

namespace {

round_record full_round() {
  round_record round;
  round.round = 12;
  round.outcome = "committed";
  round.recruiting_seconds = 0.1, round.collecting_seconds = 2.5, round.releasing_seconds = 0.3;
  round.cohort = 3, round.reporters = 2;
  round.clients = {{"edge-1", "reported", 600, 0.25, 1.5, 0.875},
                   {"edge-2", "reported", 18446744073709551615ULL, 1.0 / 3.0, 1.25, std::nullopt},
                   {"edge-3", "token_expired", 0, 0, 0, std::nullopt}};
  round.train_loss = 0.1 + 0.2;
  round.test_loss = 0.5, round.test_accuracy = 0.8512;
  round.federated_accuracy = 0.875;
  round.bytes_up = 1'593'680, round.bytes_down = 2'390'520;
  round.model_sha256 = std::string(64, 'a');
  round.finished_seconds = 31.25;
  return round;
}

void check_equal(const round_record& a, const round_record& b) {
  CHECK(a.round == b.round);
  CHECK(a.outcome == b.outcome);
  CHECK(a.recruiting_seconds == b.recruiting_seconds);
  CHECK(a.collecting_seconds == b.collecting_seconds);
  CHECK(a.releasing_seconds == b.releasing_seconds);
  CHECK(a.cohort == b.cohort);
  CHECK(a.reporters == b.reporters);
  CHECK(a.train_loss == b.train_loss);
  CHECK(a.test_loss == b.test_loss);
  CHECK(a.test_accuracy == b.test_accuracy);
  CHECK(a.federated_accuracy == b.federated_accuracy);
  CHECK(a.federated_loss == b.federated_loss);
  CHECK(a.bytes_up == b.bytes_up);
  CHECK(a.bytes_down == b.bytes_down);
  CHECK(a.model_sha256 == b.model_sha256);
  CHECK(a.finished_seconds == b.finished_seconds);
  REQUIRE(a.clients.size() == b.clients.size());
  for (std::size_t i = 0; i < a.clients.size(); ++i) {
    CHECK(a.clients[i].client == b.clients[i].client);
    CHECK(a.clients[i].outcome == b.clients[i].outcome);
    CHECK(a.clients[i].example_count == b.clients[i].example_count);
    CHECK(a.clients[i].loss == b.clients[i].loss);
    CHECK(a.clients[i].seconds == b.clients[i].seconds);
    CHECK(a.clients[i].accuracy == b.clients[i].accuracy);
  }
}

} // namespace

TEST_CASE("a round comes back from its JSON line bit for bit") {
  const auto round = full_round();
  const auto line = to_json_line(round);
  CHECK(line.find('\n') == std::string::npos);
  const auto back = round_from_json(line);
  REQUIRE(back);
  check_equal(round, *back);
}

TEST_CASE("absent figures are left out, and figures that are not finite are null") {
  auto round = full_round();
  round.federated_loss = std::nullopt;
  round.test_loss = std::nan("");
  round.train_loss = INFINITY;
  const auto line = nlohmann::json::parse(to_json_line(round));
  CHECK_FALSE(line.contains("federated_loss"));
  CHECK(line["test_loss"].is_null());
  CHECK(line["train_loss"].is_null());
  const auto back = round_from_json(to_json_line(round));
  REQUIRE(back);
  REQUIRE(back->test_loss);
  CHECK(std::isnan(*back->test_loss));
  CHECK(std::isnan(back->train_loss));
  CHECK_FALSE(back->federated_loss);
}

TEST_CASE("a line with strange names stays one line of valid UTF-8") {
  auto round = full_round();
  round.clients[0].client = "a\nb\"</script>\xff";
  const auto line = to_json_line(round);
  CHECK(line.find('\n') == std::string::npos);
  CHECK(nlohmann::json::accept(line));
}

TEST_CASE("fields of later versions are skipped, missing ones keep their defaults") {
  const auto back = round_from_json(R"({"round":3,"outcome":"committed","novelty":[1,2]})");
  REQUIRE(back);
  CHECK(back->round == 3);
  CHECK(back->bytes_up == 0);
  CHECK_FALSE(back->test_accuracy);
}

TEST_CASE("what is no round is refused as corrupt") {
  for (const auto* line :
       {"", "{", "null", "[]", "7", "{}", R"({"round":1})", R"({"outcome":"committed"})",
        R"({"round":-1,"outcome":"committed"})", R"({"round":1.5,"outcome":"committed"})",
        R"({"round":"1","outcome":"committed"})", R"({"round":1,"outcome":7})",
        R"({"round":1,"outcome":"committed","cohort":4294967296})",
        R"({"round":1,"outcome":"committed","train_loss":"low"})",
        R"({"round":1,"outcome":"committed","clients":[3]})",
        R"({"round":1,"outcome":"committed","clients":[{"client":null}]})"}) {
    CAPTURE(line);
    const auto back = round_from_json(line);
    REQUIRE_FALSE(back);
    CHECK(back.why().code == failure_code::corrupt);
    CHECK_FALSE(back.why().detail.empty());
  }
}
