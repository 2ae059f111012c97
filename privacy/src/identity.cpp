// Who does a certificate say that its holder is?
#include <godwit/privacy/identity.hpp>

#include <algorithm>
#include <array>
#include <exception>
#include <optional>
#include <span>
#include <vector>

#include <botan/pem.h>

#include <godwit/privacy/digest.hpp>

#include "der.hpp"

namespace godwit {
namespace {

constexpr std::string_view scheme = "godwit:";

failure unusable(const std::string& why) {
  return {.code = failure_code::bad_key,
          .detail = "the certificate " + why + "; make one with `godwit keys`"};
}

// RFC 3986 section 3.1: a scheme means the same in capitals. Such a URI is ours, and then
// malformed.
bool is_ours(std::string_view uri) {
  return uri.size() >= scheme.size() &&
         std::equal(scheme.begin(), scheme.end(), uri.begin(), [](char ours, char theirs) {
           return ours == theirs || (theirs >= 'A' && theirs <= 'Z' && ours == theirs - 'A' + 'a');
         });
}

std::optional<peer_identity> parse_identity(std::string_view uri) {
  for (auto who : {role::server, role::edge, role::person, role::trustee}) {
    const auto prefix = identity_uri(who, "");
    if (uri.starts_with(prefix) && is_valid_name(uri.substr(prefix.size())))
      return peer_identity{who, std::string(uri.substr(prefix.size())), {}};
  }
  return std::nullopt;
}

struct extension {
  bytes_view identifier;
  bytes_view value;
};

// RFC 5280 section 4.2.1: 2.5.29.17 and 2.5.29.19.
constexpr std::array alternative_names_id{std::byte{0x55}, std::byte{0x1D}, std::byte{0x11}};
constexpr std::array basic_constraints_id{std::byte{0x55}, std::byte{0x1D}, std::byte{0x13}};

constexpr std::array version_3{std::byte{der_tag::integer}, std::byte{1}, std::byte{2}};

bool equal(bytes_view one, bytes_view other) {
  return std::equal(one.begin(), one.end(), other.begin(), other.end());
}

/// RFC 5280 section 4.1. Issuer, validity and key are passed over.
attempt<std::vector<extension>> extensions_of(bytes_view der) {
  using namespace der_tag;
  der_reader outer(der);
  der_reader certificate(outer.take(sequence));
  der_reader body(certificate.take(sequence));
  certificate.take(sequence); // with what it is signed
  certificate.take(bit_string);
  // What the fingerprint is taken over must be what is parsed, without a byte more.
  if (!outer.is_finished() || !certificate.is_finished())
    return unusable("is not exactly one DER structure");
  if (!equal(body.take_if(constructed_context(0)), version_3))
    return unusable("is not of X.509 version 3");
  body.take(integer);
  for (int i = 0; i < 5; ++i) // the signature's algorithm, issuer, validity, subject, key
    body.take(sequence);
  body.take_if(context(1));
  body.take_if(context(2));
  der_reader wrapped(body.take_if(constructed_context(3)));
  der_reader list(wrapped.take_if(sequence));
  std::vector<extension> found;
  while (list.next_tag() != 0) {
    der_reader one(list.take(sequence));
    const auto identifier = one.take(object_identifier);
    one.take_if(boolean); // whether it is critical
    found.push_back({identifier, one.take(octet_string)});
    if (!one.is_finished())
      return unusable("has a malformed extension");
  }
  if (!body.is_finished() || !wrapped.is_finished() || !list.is_finished())
    return unusable("is malformed");
  return found;
}

/// RFC 5280 section 4.2.1.9: whether the holder may sign certificates; so, too, where that is not
/// clear.
bool may_be_authoritys(bytes_view basic_constraints) {
  der_reader outer(basic_constraints);
  der_reader inner(outer.take(der_tag::sequence));
  const bool is_stated = inner.next_tag() == der_tag::boolean;
  const auto statement = inner.take_if(der_tag::boolean);
  inner.take_if(der_tag::integer); // how long a chain may be
  const bool is_denied = !is_stated || equal(statement, std::array{std::byte{0}});
  return !is_denied || !outer.is_finished() || !inner.is_finished();
}

/// RFC 5280 section 4.2.1.6: every URI, in order; other kinds of name are passed over. nullopt:
/// malformed.
std::optional<std::vector<std::string>> uris_of(bytes_view alternative_names) {
  constexpr auto uri = der_tag::context(6);
  der_reader outer(alternative_names);
  der_reader names(outer.take(der_tag::sequence));
  std::vector<std::string> uris;
  while (const auto kind = names.next_tag()) {
    const auto name = names.take(kind);
    if (kind == uri)
      uris.push_back(as_text(name));
  }
  if (!outer.is_finished() || !names.is_finished())
    return std::nullopt;
  return uris;
}

} // namespace

std::string identity_uri(role who, std::string_view name) {
  return std::string(scheme) + std::string(godwit::name(who)) + ":" + std::string(name);
}

attempt<peer_identity> identity_of(bytes_view certificate_der) {
  const auto extensions = extensions_of(certificate_der);
  if (!extensions)
    return extensions.why();
  std::vector<bytes_view> name_lists;
  for (const auto& [identifier, value] : *extensions) {
    if (equal(identifier, alternative_names_id))
      name_lists.push_back(value);
    if (equal(identifier, basic_constraints_id) && may_be_authoritys(value))
      return unusable("is an authority's, not a node's");
  }
  if (name_lists.size() != 1)
    return unusable("has not exactly one list of alternative names");
  auto uris = uris_of(name_lists.front());
  if (!uris)
    return unusable("has a malformed list of alternative names");
  std::erase_if(*uris, [](const auto& uri) { return !is_ours(uri); });
  if (uris->size() != 1)
    return unusable("carries " + std::to_string(uris->size()) + " godwit URIs instead of one");
  auto identity = parse_identity(uris->front());
  if (!identity)
    return unusable("carries a godwit URI that does not state a role and a name");
  identity->fingerprint = sha256(certificate_der);
  return *identity;
}

attempt<peer_identity> identity_of_pem(std::string_view certificate_pem) {
  try {
    const auto der =
        Botan::PEM_Code::decode_check_label(std::string(certificate_pem), "CERTIFICATE");
    return identity_of(std::as_bytes(std::span(der)));
  } catch (const std::exception& thrown) {
    return unusable(std::string("cannot be read (") + thrown.what() + ")");
  }
}

} // namespace godwit
