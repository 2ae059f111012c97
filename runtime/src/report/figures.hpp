// How numbers are written for people: bytes, seconds, counts and decimals, alike in the report and
// in the live view.
#pragma once

#include <cstdint>
#include <string>

namespace godwit {

/// "0 B", "999 B", "12.3 kB", "1.20 GB": three significant digits, powers of 1000.
std::string bytes_text(std::uint64_t count);

/// "0.42 s", "8.1 s", "42 s", "1 min 12 s", "2 h 05 min"; "0 s" for what is negative or not finite.
std::string seconds_text(double seconds);

/// "199,210".
std::string count_text(std::uint64_t count);

/// With so many digits after the point: "0.8530"; "not finite" for NaN and infinity.
std::string decimal_text(double value, int digits);

} // namespace godwit
