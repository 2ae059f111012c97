#include "certificate_parts.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>

#include "der.hpp"

namespace godwit {
namespace {

using namespace der_tag;

constexpr std::uint8_t utc_time = 0x17;
constexpr std::uint8_t generalized_time = 0x18;

bool equal(bytes_view one, bytes_view other) {
  return std::equal(one.begin(), one.end(), other.begin(), other.end());
}

/// `count` decimal digits from `at`; -1 where there are none.
int digits(bytes_view text, std::size_t at, std::size_t count) {
  int value = 0;
  for (std::size_t i = at; i < at + count; ++i) {
    const auto digit = std::to_integer<int>(text[i]) - '0';
    if (digit < 0 || digit > 9)
      return -1;
    value = 10 * value + digit;
  }
  return value;
}

/// RFC 5280 section 4.1.2.5: YYMMDDhhmmssZ for the years 1950 to 2049, or YYYYMMDDhhmmssZ.
std::optional<unix_seconds> take_time(der_reader& from) {
  const bool is_short = from.next_tag() == utc_time;
  const auto text = from.take(is_short ? utc_time : generalized_time);
  const std::size_t year_length = is_short ? 2 : 4;
  if (text.size() != year_length + 11 || text.back() != std::byte{'Z'})
    return std::nullopt;
  auto year = digits(text, 0, year_length);
  if (is_short && year >= 0)
    year += year < 50 ? 2000 : 1900;
  std::array<int, 5> rest{}; // month, day, hour, minute, second
  for (std::size_t i = 0; i < rest.size(); ++i)
    rest[i] = digits(text, year_length + 2 * i, 2);
  const auto [month, day, hour, minute, second] = rest;
  if (year < 0 || month < 0 || day < 0 || hour < 0 || hour > 23 || minute < 0 || minute > 59 ||
      second < 0 || second > 59)
    return std::nullopt;
  const std::chrono::year_month_day date(std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day)));
  if (!date.ok())
    return std::nullopt;
  return std::chrono::sys_days(date).time_since_epoch() + std::chrono::hours(hour) +
         std::chrono::minutes(minute) + std::chrono::seconds(second);
}

/// RFC 5280 section 4.1.2.9.
bool read_extensions(bytes_view content, std::vector<certificate_extension>& out) {
  der_reader wrapped(content);
  der_reader list(wrapped.take_if(sequence));
  while (list.next_tag() != 0) {
    der_reader one(list.take(sequence));
    const auto identifier = one.take(object_identifier);
    const bool is_stated = one.next_tag() == boolean;
    const bool is_critical = is_stated && !equal(one.take(boolean), std::array{std::byte{0}});
    if (std::any_of(out.begin(), out.end(),
                    [&](const auto& other) { return equal(other.identifier, identifier); }))
      return false;
    out.push_back({identifier, is_critical, one.take(octet_string)});
    if (!one.is_finished())
      return false;
  }
  return wrapped.is_finished() && list.is_finished();
}

} // namespace

std::optional<certificate_parts> read_certificate(bytes_view der) {
  constexpr std::array version_3{std::byte{integer}, std::byte{1}, std::byte{2}};
  certificate_parts parts;
  der_reader outer(der);
  der_reader certificate(outer.take(sequence));
  parts.statement = certificate.take_whole(sequence);
  const auto algorithm = certificate.take(sequence);
  auto signature = certificate.take(bit_string);
  if (!outer.is_finished() || !certificate.is_finished() || signature.empty() ||
      signature.front() != std::byte{0}) // bits that the last byte lacks
    return std::nullopt;
  parts.signature = signature.subspan(1);
  der_reader whole(parts.statement);
  der_reader body(whole.take(sequence));
  const bool is_version_3 = equal(body.take_if(constructed_context(0)), version_3);
  body.take(integer); // the serial number
  parts.algorithm = body.take(sequence);
  parts.issuer = body.take(sequence);
  der_reader validity(body.take(sequence));
  const auto begin = take_time(validity);
  const auto end = take_time(validity);
  parts.subject = body.take(sequence);
  parts.key = body.take(sequence);
  body.take_if(context(1));
  body.take_if(context(2));
  const auto extensions = body.take_if(constructed_context(3));
  if (!body.is_finished() || !is_version_3 || !begin || !end || !validity.is_finished() ||
      !equal(parts.algorithm, algorithm) || !read_extensions(extensions, parts.extensions))
    return std::nullopt;
  parts.begin = *begin;
  parts.end = *end;
  return parts;
}

} // namespace godwit
