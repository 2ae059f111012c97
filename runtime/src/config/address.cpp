// How an address is taken apart.
#include "config/address.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <system_error>

namespace godwit::config {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_address(int family, const std::string& host) {
  std::array<unsigned char, 16> binary{};
  return inet_pton(family, host.c_str(), binary.data()) == 1;
}

/// A label of a name; the underscore is no part of RFC 1123 but of many container networks.
bool is_label(std::string_view label) {
  if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-')
    return false;
  return std::all_of(label.begin(), label.end(), [](char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
  });
}

bool is_host(const std::string& host) {
  if (host.empty() || host.size() > 253)
    return false;
  std::string_view rest = host;
  std::string_view label;
  while (true) {
    const auto dot = rest.find('.');
    label = rest.substr(0, dot);
    if (!is_label(label))
      return false;
    if (dot == std::string_view::npos)
      break;
    rest.remove_prefix(dot + 1);
  }
  // RFC 1123, section 2.1: a name whose last label is a number can only be meant as an address.
  if (std::all_of(label.begin(), label.end(), is_digit))
    return is_address(AF_INET, host);
  return true;
}

} // namespace

std::optional<host_port> parse_address(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos)
    return std::nullopt;
  host_port out;
  const auto port = text.substr(colon + 1);
  const auto [rest, error] = std::from_chars(port.data(), port.data() + port.size(), out.port);
  if (error != std::errc{} || rest != port.data() + port.size())
    return std::nullopt;
  const auto host = text.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    out.host = host.substr(1, host.size() - 2);
    if (out.host.find('\0') != std::string::npos || !is_address(AF_INET6, out.host))
      return std::nullopt;
    return out;
  }
  out.host = host;
  if (!is_host(out.host))
    return std::nullopt;
  return out;
}

} // namespace godwit::config
