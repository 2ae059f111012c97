// How amounts of bytes are read and printed.
#include "config/amount.hpp"

#include <array>
#include <charconv>
#include <cstdint>
#include <limits>
#include <system_error>

namespace godwit::config {
namespace {

struct unit {
  std::string_view name;
  std::uint64_t bytes;
};

// Largest first: printing takes the first that divides.
constexpr std::array<unit, 4> units{
    {{"GB", 1'000'000'000}, {"MB", 1'000'000}, {"kB", 1000}, {"B", 1}}};

} // namespace

std::optional<byte_amount> parse_amount(std::string_view text) {
  std::uint64_t count = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc{})
    return std::nullopt;
  auto name = text.substr(static_cast<std::size_t>(rest - text.data()));
  while (!name.empty() && name.front() == ' ')
    name.remove_prefix(1);
  for (const auto& [unit_name, bytes] : units) {
    if (name != unit_name)
      continue;
    if (count > std::numeric_limits<std::uint64_t>::max() / bytes)
      return std::nullopt;
    return byte_amount{count * bytes};
  }
  return std::nullopt;
}

std::string print_amount(byte_amount amount) {
  for (const auto& [name, bytes] : units)
    if (amount.bytes % bytes == 0 && amount.bytes > 0)
      return std::to_string(amount.bytes / bytes) + std::string(name);
  return std::to_string(amount.bytes) + "B";
}

} // namespace godwit::config
