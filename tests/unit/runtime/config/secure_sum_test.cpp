// Is a secure sum whose updates are encrypted taken where it fits, and refused with what to change
// where it does not?
#include <string>

#include <doctest/doctest.h>

#include "config_support.hpp"

using namespace godwit::config;
using namespace config_test;

namespace {

std::string encrypted(const std::string& secure_sum, const std::string& round) {
  return least_server + "job:\n  secure_sum: {profile: semi_honest, method: encryption, " +
         secure_sum + "}\n  round: {" + round + "}\n";
}

auto read(const std::string& text) {
  return read_server_config(text, "server.yml", no_files);
}

} // namespace

TEST_CASE("updates are masked unless they are to be encrypted") {
  const auto masked = read(least_server + "job: {secure_sum: {profile: semi_honest}}\n");
  REQUIRE(masked);
  CHECK(masked->job.secure_sum.method == "masks");
  const auto asked = read(encrypted("bits: 16", "cohort: 20"));
  REQUIRE(asked);
  CHECK(asked->job.secure_sum.method == "encryption");
}

TEST_CASE(
    "a cohort whose encrypted updates do not fit their slots is refused, with what to change") {
  CHECK(read(encrypted("bits: 24", "cohort: 8, over_selection: 1")));
  auto what = only_problem(read(encrypted("bits: 24", "cohort: 9, over_selection: 1")));
  check_problem(
      what, "server.yml", 9, "job.round.cohort", "\"9\"",
      "at most 8 with job.round.over_selection, since updates of 24 bits that weigh up to "
      "1 are encrypted");
  CHECK(what.hint == "choose fewer bits, a smaller weight_max or cohort, or the method masks");
  what = only_problem(read(encrypted("bits: 24", "cohort: 8, over_selection: 1.1")));
  CHECK(what.key == "job.round.cohort");
  what = only_problem(read(encrypted("bits: 16, weight_max: 65536", "cohort: 8")));
  CHECK(what.accepted.starts_with("at most 0 "));
}

TEST_CASE("a method that nobody has heard of is refused") {
  const auto what = only_problem(
      read(least_server + "job: {secure_sum: {profile: semi_honest, method: hope}}\n"));
  CHECK(what.key == "job.secure_sum.method");
}

TEST_CASE("a round that trusts the server with nothing has 512 edges at most, over-selected ones "
          "among them") {
  const auto wary = [](const std::string& round) {
    return read(least_server + "job:\n  secure_sum: {profile: malicious}\n  round: {" + round +
                "}\n");
  };
  const auto most = wary("cohort: 512, over_selection: 1");
  REQUIRE(most);
  CHECK(most->job.secure_sum.profile == "malicious");
  CHECK_FALSE(wary("cohort: 513, over_selection: 1"));
  CHECK(wary("cohort: 400, over_selection: 1.28"));
  const auto what = only_problem(wary("cohort: 400, over_selection: 1.3"));
  CHECK(what.key == "job.round.cohort");
}
