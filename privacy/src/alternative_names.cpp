// How are alternative names written into a certificate?
#include "alternative_names.hpp"

#include <algorithm>

#include <arpa/inet.h>
#include <sys/socket.h>

#include <botan/asn1_obj.h>
#include <botan/der_enc.h>

namespace godwit {
namespace {

// RFC 5280 section 4.2.1.6: the context-specific tags of GeneralName.
constexpr auto dns_tag = static_cast<Botan::ASN1_Tag>(2);
constexpr auto uri_tag = static_cast<Botan::ASN1_Tag>(6);
constexpr auto address_tag = static_cast<Botan::ASN1_Tag>(7);

constexpr std::size_t dns_name_length_max = 253; // RFC 1035 section 2.3.4, without the root's dot
constexpr std::size_t dns_label_length_max = 63;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) {
  return c >= 'a' && c <= 'z';
}

// RFC 1123 section 2.1, and the underscore that container networks use inside names.
bool is_dns_label(std::string_view label) {
  const auto is_alphanumeric = [](char c) { return is_digit(c) || is_letter(c); };
  return !label.empty() && label.size() <= dns_label_length_max && is_alphanumeric(label.front()) &&
         is_alphanumeric(label.back()) && std::all_of(label.begin(), label.end(), [&](char c) {
           return is_alphanumeric(c) || c == '-' || c == '_';
         });
}

bool is_dns_name(std::string_view name) {
  if (name.empty() || name.size() > dns_name_length_max)
    return false;
  std::string_view label;
  for (std::size_t begin = 0; begin <= name.size(); begin += label.size() + 1) {
    label = name.substr(begin, name.find('.', begin) - begin);
    if (!is_dns_label(label))
      return false;
  }
  // A name that ends in a number is a mistyped address, e.g. 10.0.0.
  return !std::all_of(label.begin(), label.end(), is_digit);
}

} // namespace

bool add_host(alternative_names& names, std::string_view host) {
  std::string text(host);
  if (text.find('\0') != std::string::npos)
    return false;
  std::vector<std::uint8_t> address(16);
  if (inet_pton(AF_INET6, text.c_str(), address.data()) == 1) {
    names.addresses.push_back(address);
    return true;
  }
  address.resize(4);
  if (inet_pton(AF_INET, text.c_str(), address.data()) == 1) {
    names.addresses.push_back(address);
    return true;
  }
  std::transform(text.begin(), text.end(), text.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  if (!is_dns_name(text))
    return false;
  names.dns_names.push_back(text);
  return true;
}

std::vector<std::uint8_t> encode(const alternative_names& names) {
  std::vector<std::uint8_t> encoded;
  Botan::DER_Encoder to(encoded);
  to.start_cons(Botan::SEQUENCE);
  for (const auto& name : names.dns_names)
    to.add_object(dns_tag, Botan::CONTEXT_SPECIFIC, name);
  for (const auto& address : names.addresses)
    to.add_object(address_tag, Botan::CONTEXT_SPECIFIC, address);
  for (const auto& uri : names.uris)
    to.add_object(uri_tag, Botan::CONTEXT_SPECIFIC, uri);
  to.end_cons();
  return encoded;
}

} // namespace godwit
