// How durations are read and printed.
#include "config/duration.hpp"

#include <array>
#include <charconv>
#include <cstdint>
#include <limits>
#include <system_error>

namespace godwit::config {
namespace {

struct unit {
  std::string_view name;
  std::int64_t milliseconds;
};

// Largest first: printing takes the first that divides.
constexpr std::array<unit, 5> units{
    {{"d", 86'400'000}, {"h", 3'600'000}, {"min", 60'000}, {"s", 1000}, {"ms", 1}}};

} // namespace

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
  std::int64_t count = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc{} || count < 0 || text.front() == '-')
    return std::nullopt;
  auto name = text.substr(static_cast<std::size_t>(rest - text.data()));
  while (!name.empty() && name.front() == ' ')
    name.remove_prefix(1);
  for (const auto& [unit_name, milliseconds] : units) {
    if (name != unit_name)
      continue;
    if (count > std::numeric_limits<std::int64_t>::max() / milliseconds)
      return std::nullopt;
    return std::chrono::milliseconds(count * milliseconds);
  }
  return std::nullopt;
}

std::string print_duration(std::chrono::milliseconds span) {
  const std::int64_t count = span.count();
  if (count == 0)
    return "0s";
  for (const auto& [name, milliseconds] : units)
    if (count % milliseconds == 0)
      return std::to_string(count / milliseconds) + std::string(name);
  return std::to_string(count) + "ms";
}

} // namespace godwit::config
