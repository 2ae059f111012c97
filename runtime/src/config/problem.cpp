// How a problem is shown.
#include "config/problem.hpp"

#include <cstddef>

namespace godwit::config {
namespace {

constexpr std::size_t shown_bytes_max = 60;

bool is_continuation(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U;
}

} // namespace

std::string shown(const std::string& value) {
  constexpr const char* digits = "0123456789abcdef";
  auto end = value.size();
  if (end > shown_bytes_max) {
    end = shown_bytes_max;
    while (end > 0 && is_continuation(value[end]))
      --end;
  }
  std::string out = "\"";
  for (std::size_t i = 0; i < end; ++i) {
    const auto byte = static_cast<unsigned char>(value[i]);
    if (byte < 0x20 || byte == 0x7F) {
      out += "\\x";
      out += digits[byte >> 4U];
      out += digits[byte & 0xFU];
    } else {
      if (byte == '"' || byte == '\\')
        out += '\\';
      out += value[i];
    }
  }
  out += end < value.size() ? "...\"" : "\"";
  return out;
}

std::string text(const problem& what) {
  std::string out = what.file;
  if (what.line > 0)
    out += ':' + std::to_string(what.line);
  out += ": ";
  if (!what.key.empty())
    out += what.key + ": ";
  out += "found " + what.found + "; accepted: " + what.accepted;
  if (!what.hint.empty())
    out += " (" + what.hint + ')';
  return out;
}

std::string text(const std::vector<problem>& all) {
  std::string out;
  for (const auto& what : all)
    out += text(what) + '\n';
  return out;
}

} // namespace godwit::config
