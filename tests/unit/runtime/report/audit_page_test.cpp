// Does the page of an audit say what was found, and nothing that could become a part of it?
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "report/audit_page.hpp"

namespace {

using namespace godwit;

bool has(const std::string& page, std::string_view text) {
  return page.find(text) != std::string::npos;
}

/// A thousand of each kind, without noise.
std::vector<audit_trial> bare() {
  std::vector<audit_trial> made;
  for (int i = 0; i < 2'000; ++i)
    made.push_back({.is_in = i % 2 == 0, .score = i % 2 == 0 ? 1.0 : 0.0});
  return made;
}

} // namespace

TEST_CASE("the page says the verdict, the figures and where the scores lie") {
  const audit_claim claim{.noise_multiplier = 4, .delta = 1e-5};
  const auto trials = bare();
  const auto found = *audit(trials, claim, 0.95);
  REQUIRE(found.contradicts());
  const auto page = html_audit("trials.csv", trials, found, claim, 0.95);
  CHECK(has(page, "The claim is contradicted."));
  CHECK(has(page, "1000 with a canary&#39;s update, 1000 without"));
  CHECK(has(page, R"("was_in":[0.0,0.0,)"));
  CHECK(has(page, R"("was_out":[1.0,0.0,)"));
  CHECK(has(page, "Chart"));
  CHECK(page == html_audit("trials.csv", trials, found, claim, 0.95));
}

TEST_CASE("scores that are all the same, and shown by no noise, have a page, too") {
  const std::vector<audit_trial> same{{true, 0.5}, {false, 0.5}};
  const audit_claim claim{.noise_multiplier = 1, .delta = 1e-5};
  const auto found = *audit(same, claim, 0.95);
  CHECK_FALSE(found.contradicts());
  const auto page = html_audit("t", same, found, claim, 0.95);
  CHECK(has(page, "Nothing contradicts the claim."));
  CHECK_FALSE(has(page, "multiplier of"));
}

TEST_CASE("a file's name cannot become a part of the page") {
  const auto trials = bare();
  const audit_claim claim{.noise_multiplier = 1, .delta = 1e-5};
  const auto page = html_audit("</title><b>", trials, *audit(trials, claim, 0.95), claim, 0.95);
  CHECK_FALSE(has(page, "</title><b>"));
}
