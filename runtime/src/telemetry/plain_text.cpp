// How text that somebody else chose is shown on a terminal without doing anything there.
#include "telemetry/plain_text.hpp"

namespace godwit {
namespace {

struct code_point {
  char32_t value = 0;
  std::size_t length = 1; ///< bytes
  bool valid = false;
};

/// The first code point of a text that is not empty (RFC 3629: no overlong forms, no surrogates).
code_point first_of(std::string_view text) noexcept {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned lead = byte(0);
  if (lead < 0x80)
    return {static_cast<char32_t>(lead), 1, true};
  std::size_t length = 0;
  char32_t value = 0;
  char32_t least = 0;
  if ((lead & 0xE0U) == 0xC0) {
    length = 2, value = lead & 0x1FU, least = 0x80;
  } else if ((lead & 0xF0U) == 0xE0) {
    length = 3, value = lead & 0x0FU, least = 0x800;
  } else if ((lead & 0xF8U) == 0xF0) {
    length = 4, value = lead & 0x07U, least = 0x10000;
  } else {
    return {};
  }
  if (text.size() < length)
    return {};
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0U) != 0x80)
      return {};
    value = (value << 6U) | (byte(i) & 0x3FU);
  }
  if (value < least || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF))
    return {};
  return {value, length, true};
}

/// Line separators, invisible marks and everything that turns the direction of what follows.
bool is_unseen(char32_t c) noexcept {
  return c == 0x061C || (c >= 0x200B && c <= 0x200F) || (c >= 0x2028 && c <= 0x202E) ||
         (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF || (c >= 0xFFF9 && c <= 0xFFFB) ||
         (c >= 0xE0000 && c <= 0xE0FFF);
}

std::string hex_digits(char32_t value, int count) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (int i = count - 1; i >= 0; --i)
    text += digits[(value >> (4 * i)) & 0xFU];
  return text;
}

bool is_wide(char32_t c) noexcept {
  return (c >= 0x1100 && c <= 0x115F) || (c >= 0x2E80 && c <= 0xA4CF) ||
         (c >= 0xAC00 && c <= 0xD7A3) || (c >= 0xF900 && c <= 0xFAFF) ||
         (c >= 0xFE30 && c <= 0xFE6F) || (c >= 0xFF00 && c <= 0xFF60) ||
         (c >= 0xFFE0 && c <= 0xFFE6) || (c >= 0x1F300 && c <= 0x1FAFF) ||
         (c >= 0x20000 && c <= 0x3FFFD);
}

bool is_combining(char32_t c) noexcept {
  return (c >= 0x0300 && c <= 0x036F) || (c >= 0x1AB0 && c <= 0x1AFF) ||
         (c >= 0x20D0 && c <= 0x20FF) || (c >= 0xFE00 && c <= 0xFE0F);
}

std::size_t width_of(const code_point& c) noexcept {
  return is_combining(c.value) ? 0 : is_wide(c.value) ? 2 : 1;
}

} // namespace

std::string visible(std::string_view text) {
  std::string shown;
  shown.reserve(text.size());
  while (!text.empty()) {
    const auto c = first_of(text);
    if (!c.valid)
      shown += "\\x" + hex_digits(static_cast<unsigned char>(text[0]), 2);
    else if (c.value == '\\')
      shown += "\\\\";
    else if (c.value == '\n')
      shown += "\\n";
    else if (c.value == '\t')
      shown += "\\t";
    else if (c.value == '\r')
      shown += "\\r";
    else if (c.value < 0x20 || c.value == 0x7F)
      shown += "\\x" + hex_digits(c.value, 2);
    else if ((c.value >= 0x80 && c.value < 0xA0) || is_unseen(c.value))
      shown += c.value > 0xFFFF ? "\\U" + hex_digits(c.value, 8) : "\\u" + hex_digits(c.value, 4);
    else
      shown += text.substr(0, c.length);
    text.remove_prefix(c.length);
  }
  return shown;
}

std::string word(std::string_view text) {
  auto shown = visible(text);
  constexpr std::string_view apart = " \"'=\\,;(){}[]";
  if (!shown.empty() && shown.find_first_of(apart) == std::string::npos)
    return shown;
  std::string quoted = "\"";
  for (char c : shown) {
    if (c == '"')
      quoted += '\\';
    quoted += c;
  }
  return quoted + '"';
}

std::size_t utf8_length(std::string_view text) noexcept {
  const auto c = first_of(text);
  return c.valid ? c.length : 0;
}

std::size_t column_count(std::string_view text) noexcept {
  std::size_t columns = 0;
  while (!text.empty()) {
    const auto c = first_of(text);
    columns += width_of(c);
    text.remove_prefix(c.length);
  }
  return columns;
}

std::string fitted(std::string_view text, std::size_t columns, std::string_view mark) {
  if (column_count(text) <= columns)
    return std::string(text);
  const auto mark_columns = column_count(mark);
  if (columns < mark_columns)
    return {};
  std::string kept;
  std::size_t used = 0;
  while (!text.empty()) {
    const auto c = first_of(text);
    if (used + width_of(c) + mark_columns > columns)
      break;
    used += width_of(c);
    kept += text.substr(0, c.length);
    text.remove_prefix(c.length);
  }
  return kept.append(mark);
}

} // namespace godwit
