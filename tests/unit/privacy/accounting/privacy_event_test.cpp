// Events: what cannot be a release is refused with what was found, and what is not chance is said.
#include <cmath>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <godwit/privacy/privacy_event.hpp>

namespace {

using namespace godwit;
using namespace godwit::accounting;

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

constexpr auto replaced = relation::replace_one;

} // namespace

TEST_CASE("each mechanism is accepted with sound parameters") {
  const std::vector<privacy_event> sound{{gaussian{1}},
                                         {laplace{0.1}, poisson_sampling{0.5}},
                                         {discrete_gaussian{4, 3, 5, 100, 20}},
                                         {discrete_laplace{2, 3}},
                                         {skellam{10, 2, 3}},
                                         {randomised_response{5, 0.5}, everyone{}, replaced},
                                         {tree_aggregation{1, 100, 4, 20}},
                                         {concentrated{0}},
                                         {gaussian{1}, fixed_size_sampling{10, 10}, replaced},
                                         {gaussian{1}, chosen{"speed"}, replaced, event_count_max}};
  for (const auto& event : sound)
    CHECK_MESSAGE(check(event), describe(event));
}

TEST_CASE("a parameter out of range is refused by name, with what was found") {
  const double nan = std::nan("");
  struct unsound {
    privacy_event event;
    std::string_view said;
  };
  const std::vector<unsound> all{
      {{gaussian{0}}, "the noise multiplier is 0"},
      {{gaussian{-1}}, "the noise multiplier is -1"},
      {{gaussian{nan}}, "the noise multiplier is nan"},
      {{gaussian{HUGE_VAL}}, "the noise multiplier is inf"},
      {{laplace{0}}, "the scale of the Laplace noise is 0"},
      {{discrete_gaussian{0}}, "sigma"},
      {{discrete_gaussian{1, 2, 1}}, "below its L2 norm"},
      {{discrete_gaussian{1, 1, 1, 0}}, "dimension 0"},
      {{discrete_gaussian{1, 1, 1, 1, 0}}, "0 clients"},
      {{discrete_laplace{1, 0}}, "reaches 0 steps"},
      {{skellam{0}}, "variance"},
      {{skellam{1, nan}}, "L2 norm of a contribution is nan"},
      {{randomised_response{1, 0.5}, everyone{}, replaced}, "1 categories"},
      {{randomised_response{2, 0}, everyone{}, replaced}, "noise of randomised response is 0"},
      {{tree_aggregation{1, 0}}, "0 steps"},
      {{tree_aggregation{1, 4, 5}}, "5 times"},
      {{tree_aggregation{1, 4, 2, 0}}, "0 steps apart"},
      {{concentrated{-1}}, "rho is -1"},
      {{gaussian{1}, poisson_sampling{0}}, "the sampling rate is 0"},
      {{gaussian{1}, poisson_sampling{1.5}}, "the sampling rate is 1.5"},
      {{gaussian{1}, poisson_sampling{nan}}, "the sampling rate is nan"},
      {{gaussian{1}, fixed_size_sampling{11, 10}, replaced}, "a sample of 11"},
      {{gaussian{1}, everyone{}, replaced, 0}, "0 releases"}};
  for (const auto& [event, said] : all) {
    auto right = check(event);
    REQUIRE_FALSE(right);
    CHECK_MESSAGE(contains(right.why().detail, said), right.why().detail);
    CHECK(right.why().code == failure_code::bad_config);
  }
}

TEST_CASE("what does not go together is refused") {
  CHECK_FALSE(check({randomised_response{2, 0.5}}));
  CHECK_FALSE(check({gaussian{1}, fixed_size_sampling{1, 10}}));
  CHECK_FALSE(check({tree_aggregation{1, 10}, poisson_sampling{0.1}}));
  CHECK_FALSE(check({concentrated{1}, poisson_sampling{0.1}}));
}

TEST_CASE("a selection that is not random says that nothing is gained by it") {
  const auto said = describe({gaussian{1}, chosen{"the resource-aware selector"}});
  CHECK(contains(said, "the resource-aware selector"));
  CHECK(contains(said, "no amplification"));
  CHECK_FALSE(contains(describe({gaussian{1}, poisson_sampling{0.1}}), "no amplification"));
}
