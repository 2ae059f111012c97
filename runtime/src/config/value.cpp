// The check of a single value.
#include "config/value.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <system_error>
#include <type_traits>

#include "config/address.hpp"
#include "config/amount.hpp"
#include "config/duration.hpp"

namespace godwit::config {
namespace {

template <class... Fs>
struct overloaded : Fs... {
  using Fs::operator()...;
};
template <class... Fs>
overloaded(Fs...) -> overloaded<Fs...>; // Clang before 17 does not find it by itself

constexpr std::size_t path_bytes_max = 4096; // PATH_MAX of Linux

template <class Number>
bool parse_all(const std::string& text, Number& out) {
  const auto* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, out);
  return error == std::errc{} && rest == end;
}

bool has_control(const std::string& text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) == 0x7F;
  });
}

std::size_t character_count(const std::string& utf8) {
  return static_cast<std::size_t>(std::count_if(utf8.begin(), utf8.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

bool is_inside(const number& range, double value) {
  return std::isfinite(value) && (range.low_open ? value > range.low : value >= range.low) &&
         (range.high_open ? value < range.high : value <= range.high);
}

/// Stores text in whichever textual member it is.
bool store(const std::string& text, const member& target) {
  if (auto* const* held = std::get_if<std::string*>(&target))
    **held = text;
  else if (auto* const* path = std::get_if<std::filesystem::path*>(&target))
    **path = text;
  return true;
}

bool set(const integer& range, const std::string& text, const member& target) {
  std::uint64_t value = 0;
  if (!parse_all(text, value) || value < range.first || value > range.last)
    return false;
  if (auto* const* narrow = std::get_if<std::uint32_t*>(&target))
    **narrow = static_cast<std::uint32_t>(value);
  else if (auto* const* wide = std::get_if<std::uint64_t*>(&target))
    **wide = value;
  return true;
}

bool set(const number& range, const std::string& text, const member& target) {
  double value = 0;
  if (!parse_all(text, value) || !is_inside(range, value))
    return false;
  if (auto* const* narrow = std::get_if<float*>(&target)) {
    // Rounding to float may step onto an open bound: 0.99999999999 is 1 there.
    const auto rounded = static_cast<float>(value);
    if (!is_inside(range, static_cast<double>(rounded)))
      return false;
    **narrow = rounded;
  } else if (auto* const* wide = std::get_if<double*>(&target)) {
    **wide = value;
  }
  return true;
}

bool set(const words& range, const std::string& text, const member& target) {
  const auto length = character_count(text);
  return length >= range.length_min && length <= range.length_max && store(text, target);
}

bool set(const choice& from, const std::string& text, const member& target) {
  return std::find(from.names.begin(), from.names.end(), text) != from.names.end() &&
         store(text, target);
}

bool set(const location& place, const std::string& text, const member& target) {
  if (text.empty() && place.expects != location::presence::data)
    return false;
  return text.size() <= path_bytes_max && store(text, target);
}

bool set(const time_span& range, const std::string& text, const member& target) {
  const auto value = parse_duration(text);
  if (!value || *value < range.shortest || *value > range.longest)
    return false;
  if (auto* const* fine = std::get_if<std::chrono::milliseconds*>(&target)) {
    **fine = *value;
  } else if (auto* const* coarse = std::get_if<std::chrono::seconds*>(&target)) {
    const auto whole = std::chrono::duration_cast<std::chrono::seconds>(*value);
    if (whole != *value)
      return false;
    **coarse = whole;
  }
  return true;
}

bool set(const amount& range, const std::string& text, const member& target) {
  const auto value = parse_amount(text);
  if (!value || value->bytes < range.least.bytes || value->bytes > range.most.bytes)
    return false;
  if (auto* const* held = std::get_if<byte_amount*>(&target))
    **held = *value;
  return true;
}

bool set(const endpoint& range, const std::string& text, const member& target) {
  const auto address = parse_address(text);
  return address && address->port >= range.port_min && store(text, target);
}

template <class Number>
std::string digits(Number value) {
  std::array<char, 64> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
  return {buffer.data(), end};
}

} // namespace

bool set_value(const acceptance& accepts, const std::string& text, const member& target) {
  if (has_control(text))
    return false;
  return std::visit([&](const auto& range) { return set(range, text, target); }, accepts);
}

std::string value_text(const member& source) {
  return std::visit(
      overloaded{
          [](std::monostate) { return std::string{}; },
          [](const std::string* value) { return *value; },
          [](const std::filesystem::path* value) { return value->string(); },
          [](const std::chrono::milliseconds* value) { return print_duration(*value); },
          [](const std::chrono::seconds* value) { return print_duration(*value); },
          [](const byte_amount* value) { return print_amount(*value); },
          [](const auto* value) { return digits(*value); },
      },
      source);
}

std::string advice(const acceptance& accepts, const std::string& text) {
  double value = 0;
  const bool is_number = parse_all(text, value) && std::isfinite(value);
  if (std::holds_alternative<time_span>(accepts) && is_number)
    return "a duration needs its unit: " + text + "s or " + text + "ms";
  if (std::holds_alternative<amount>(accepts) && is_number)
    return "an amount needs its unit: " + text + "MB or " + text + "kB";
  if (std::holds_alternative<number>(accepts) && text.find(',') != std::string::npos)
    return "decimals are written with a point";
  if (std::holds_alternative<endpoint>(accepts) && text.find(':') == std::string::npos)
    return "the port is missing: " + text + ":7443";
  return {};
}

} // namespace godwit::config
