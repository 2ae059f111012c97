// The writing of YAML, from the table.
#include "config/effective.hpp"

#include <algorithm>
#include <cstddef>
#include <string_view>

#include "config/schema.hpp"
#include "config/value.hpp"

namespace godwit::config {
namespace {

/// A double-quoted scalar (YAML 1.2, section 7.3.1).
std::string double_quoted(std::string_view text) {
  constexpr const char* digits = "0123456789abcdef";
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F) {
      out += "\\x";
      out += digits[byte >> 4U];
      out += digits[byte & 0xFU];
      continue;
    }
    if (c == '"' || c == '\\')
      out += '\\';
    out += c;
  }
  return out + '"';
}

bool needs_quotes(const acceptance& what) {
  return std::holds_alternative<words>(what) || std::holds_alternative<location>(what) ||
         std::holds_alternative<endpoint>(what);
}

std::string indent(std::size_t depth) {
  return std::string(2 * depth, ' ');
}

/// Writes the headings between the section that is open and the key's own; returns the key's depth.
std::size_t open_sections(std::string& out, std::string_view path, std::string& open) {
  std::size_t depth = 0;
  for (auto point = path.find('.'); point != std::string_view::npos;
       point = path.find('.', point + 1)) {
    const auto section = path.substr(0, point);
    const auto start = section.rfind('.') == std::string_view::npos ? 0 : section.rfind('.') + 1;
    if (open != section && !open.starts_with(std::string(section) + '.'))
      out += indent(depth) + std::string(section.substr(start)) + ":\n";
    ++depth;
  }
  const auto last = path.rfind('.');
  open = path.substr(0, last == std::string_view::npos ? 0 : last);
  return depth;
}

std::string write(file_kind kind, any_config config) {
  std::string out = "kind: " + std::string(name(kind)) + '\n';
  std::string open;
  for (const auto& key : rows(kind)) {
    const auto held = key.sets(config);
    if (std::holds_alternative<std::monostate>(held) || !is_used(key, kind, config))
      continue;
    const auto value = value_text(held);
    if (value.empty() && std::holds_alternative<location>(key.accepts))
      continue;
    const auto depth = open_sections(out, key.path, open);
    const auto last = key.path.rfind('.');
    out += indent(depth) +
           std::string(key.path.substr(last == std::string_view::npos ? 0 : last + 1)) + ": " +
           (needs_quotes(key.accepts) ? double_quoted(value) : value) + '\n';
  }
  return out;
}

} // namespace

std::string to_yaml(const server_config& config) {
  return write(file_kind::server, config);
}
std::string to_yaml(const edge_config& config) {
  return write(file_kind::edge, config);
}
std::string to_yaml(const simulation_config& config) {
  return write(file_kind::simulation, config);
}

} // namespace godwit::config
