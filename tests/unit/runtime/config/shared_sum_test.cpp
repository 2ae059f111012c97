// Which shared sums does a server start, and what is said of the others?
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "config_support.hpp"

using namespace godwit;
using namespace godwit::config;
using namespace config_test;

namespace {

auto shared(const std::string& what, const std::string& more = {}) {
  return read_server_config(least_server + "job:\n  shared_sum: {" + what + "}\n" + more,
                            "server.yml", no_files);
}

std::string refused_key(const std::string& what, const std::string& more = {}) {
  return only_problem(shared(what, more)).key;
}

} // namespace

TEST_CASE(
    "a shared sum has one or two trustees with names of their own, and two where tampering is "
    "to be noticed") {
  const auto one = shared("scheme: additive, trustees: clinic");
  REQUIRE(one);
  CHECK(trustee_names(one->job.shared_sum) == std::vector<std::string>{"clinic"});
  CHECK(shared("scheme: additive, trustees: clinic union"));
  CHECK(shared("scheme: replicated, trustees: clinic union"));
  for (const auto* bad : {"scheme: additive", "scheme: replicated, trustees: clinic",
                          "scheme: additive, trustees: a a", "scheme: additive, trustees: A",
                          "scheme: additive, trustees: a b c"})
    CHECK(refused_key(bad) == "job.shared_sum.trustees");
  CHECK(refused_key("scheme: none, trustees: clinic") == "job.shared_sum.trustees");
}

TEST_CASE(
    "a shared sum does not go with a masked one, nor with what edges would tell of themselves, "
    "nor with a cohort of one") {
  const std::string good = "scheme: additive, trustees: clinic";
  CHECK(refused_key(good, "  federated_evaluate_every: 1\n") == "job.federated_evaluate_every");
  CHECK(refused_key(good, "  round: {cohort: 5, cohort_min: 1}\n") == "job.round.cohort_min");
  CHECK(refused_key(good, "  secure_sum: {profile: semi_honest}\n  round: {cohort: 50}\n") ==
        "job.secure_sum.profile");
}
