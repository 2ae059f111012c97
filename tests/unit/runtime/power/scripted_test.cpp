// Does a power script play as written, and does a broken one say where?
#include "power/scripted.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <string_view>

using namespace godwit;
using namespace std::chrono_literals;

TEST_CASE("a reading holds until the next one's time, counted from the first look") {
  auto lines = scripted_power_source::parse("# seconds battery charging temperature\n"
                                            "\n"
                                            "0 90 no 35\n"
                                            "  120\t18 no -   # nearly empty\n"
                                            "300.5 - yes -20\n");
  REQUIRE(lines);
  REQUIRE(lines->size() == 3);
  instant now = 5000s;
  scripted_power_source source{*lines, [&now] { return now; }};
  const power_reading first{.battery_percent = 90, .charging = 0, .temperature_celsius = 35};
  const power_reading second{.battery_percent = 18, .charging = 0};
  const power_reading third{.charging = 1, .temperature_celsius = 0};
  const auto at = [&](instant when) {
    now = when;
    auto reading = source.read();
    REQUIRE(reading);
    return *reading;
  };
  CHECK(at(5000s) == first);
  CHECK(at(5120s - 1ns) == first);
  CHECK(at(5120s) == second);
  CHECK(at(5300s) == second);
  CHECK(at(5300s + 500ms) == third);
  CHECK(at(999'999s) == third);
}

TEST_CASE("a broken script is refused with the line's number and what is accepted") {
  struct example {
    std::string_view script, says;
  };
  for (const auto& [script, says] : {
           example{"", "no reading"},
           example{"# nothing\n\n", "no reading"},
           example{"0 90 no\n", "line 1: expected 4 values"},
           example{"0 90 no 35 7\n", "found 5"},
           example{"1 90 no 35\n", "must be 0"},
           example{"0 90 no 35\n0 80 no 35\n", "line 2: seconds must be greater"},
           example{"0 90 no 35\n\n9 80 no 35\n8 70 no 35\n", "line 4"},
           example{"x 90 no 35\n", "seconds is \"x\""},
           example{"-1 90 no 35\n", "seconds is \"-1\""},
           example{"0 101 no 35\n", "battery is \"101\""},
           example{"0 -1 no 35\n", "battery is \"-1\""},
           example{"0 90% no 35\n", "battery is \"90%\""},
           example{"0 nan no 35\n", "battery is \"nan\""},
           example{"0 90 maybe 35\n", "yes, no or -"},
           example{"0 90 no 151\n", "temperature is \"151\""},
           example{"0 90 no warm\n", "-60 to 150"},
       }) {
    CAPTURE(script);
    auto lines = scripted_power_source::parse(script);
    REQUIRE_FALSE(lines);
    CHECK(lines.why().code == failure_code::bad_config);
    CHECK(lines.why().detail.find(says) != std::string::npos);
  }
}
