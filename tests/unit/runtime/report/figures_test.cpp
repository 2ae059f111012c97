// Numbers as people read them.
#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "report/figures.hpp"

using namespace godwit;

TEST_CASE("bytes have three significant digits and a unit") {
  CHECK(bytes_text(0) == "0 B");
  CHECK(bytes_text(999) == "999 B");
  CHECK(bytes_text(1000) == "1.00 kB");
  CHECK(bytes_text(12'345) == "12.3 kB");
  CHECK(bytes_text(999'499) == "999 kB");
  CHECK(bytes_text(999'500) == "1.00 MB"); // never "1000 kB"
  CHECK(bytes_text(9'999'999) == "10.0 MB");
  CHECK(bytes_text(std::numeric_limits<std::uint64_t>::max()) == "18.4 EB");
}

TEST_CASE("seconds turn into minutes and hours where those read better") {
  CHECK(seconds_text(0) == "0 s");
  CHECK(seconds_text(0.123) == "0.12 s");
  CHECK(seconds_text(8.14) == "8.1 s");
  CHECK(seconds_text(59.4) == "59 s");
  CHECK(seconds_text(59.6) == "1 min 00 s");
  CHECK(seconds_text(72) == "1 min 12 s");
  CHECK(seconds_text(7500) == "2 h 05 min");
}

TEST_CASE("durations that mean nothing are no time at all") {
  CHECK(seconds_text(-1) == "0 s");
  CHECK(seconds_text(std::nan("")) == "0 s");
  CHECK(seconds_text(INFINITY) == "0 s");
  CHECK(seconds_text(1e300).ends_with(" h"));
}

TEST_CASE("counts are grouped by thousands") {
  CHECK(count_text(0) == "0");
  CHECK(count_text(999) == "999");
  CHECK(count_text(199'210) == "199,210");
  CHECK(count_text(1'663'370) == "1,663,370");
}

TEST_CASE("decimals have the digits asked for, and NaN is said in words") {
  CHECK(decimal_text(0.85, 4) == "0.8500");
  CHECK(decimal_text(-1.5, 0) == "-2");
  CHECK(decimal_text(std::nan(""), 4) == "not finite");
  CHECK(decimal_text(-INFINITY, 4) == "not finite");
  CHECK(decimal_text(std::numeric_limits<double>::max(), 1).size() == 311);
}
