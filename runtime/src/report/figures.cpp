// How numbers are written for people: bytes, seconds, counts and decimals, alike in the report and
// in the live view.
#include "report/figures.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <string_view>

namespace godwit {
namespace {

/// Of a number below 100.
std::string two_digits(std::uint64_t value) {
  return {static_cast<char>('0' + value / 10), static_cast<char>('0' + value % 10)};
}

} // namespace

std::string decimal_text(double value, int digits) {
  if (!std::isfinite(value))
    return "not finite";
  char text[400]; // the longest double has 309 digits before its point
  const auto end = std::to_chars(text, text + sizeof text, value, std::chars_format::fixed, digits);
  return {text, end.ptr};
}

std::string bytes_text(std::uint64_t count) {
  if (count < 1000)
    return std::to_string(count) + " B";
  constexpr std::array<std::string_view, 6> units{" kB", " MB", " GB", " TB", " PB", " EB"};
  double value = static_cast<double>(count) / 1000;
  std::size_t unit = 0;
  while (value >= 999.5 && unit + 1 < units.size()) {
    value /= 1000;
    ++unit;
  }
  const int digits = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
  return decimal_text(value, digits).append(units[unit]);
}

std::string seconds_text(double seconds) {
  if (!std::isfinite(seconds) || seconds <= 0)
    return "0 s";
  if (seconds < 0.995)
    return decimal_text(seconds, 2) + " s";
  if (seconds < 9.95)
    return decimal_text(seconds, 1) + " s";
  if (seconds >= 1e15)
    return decimal_text(seconds / 3600, 0) + " h";
  const auto whole = static_cast<std::uint64_t>(std::llround(seconds));
  if (whole < 60)
    return std::to_string(whole) + " s";
  if (whole < 3600)
    return std::to_string(whole / 60) + " min " + two_digits(whole % 60) + " s";
  return count_text(whole / 3600) + " h " + two_digits(whole % 3600 / 60) + " min";
}

std::string count_text(std::uint64_t count) {
  auto text = std::to_string(count);
  for (auto place = static_cast<std::ptrdiff_t>(text.size()) - 3; place > 0; place -= 3)
    text.insert(static_cast<std::size_t>(place), 1, ',');
  return text;
}

} // namespace godwit
