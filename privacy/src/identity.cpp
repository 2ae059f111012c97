// Who does a certificate say that its holder is?
#include <godwit/privacy/identity.hpp>

#include <algorithm>
#include <exception>
#include <optional>

#include <botan/asn1_obj.h>
#include <botan/data_src.h>
#include <botan/x509_ext.h>
#include <botan/x509cert.h>

#include <godwit/privacy/digest.hpp>

#include "alternative_names.hpp"
#include "octets.hpp"

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
  for (auto who : {role::server, role::edge, role::person}) {
    const auto prefix = identity_uri(who, "");
    if (uri.starts_with(prefix) && is_valid_name(uri.substr(prefix.size())))
      return peer_identity{who, std::string(uri.substr(prefix.size())), {}};
  }
  return std::nullopt;
}

attempt<peer_identity> read(const Botan::X509_Certificate& certificate, bytes_view der) {
  // What the fingerprint is taken over must be what was parsed, without a byte more.
  const auto parsed = certificate.BER_encode();
  if (!std::equal(parsed.begin(), parsed.end(), octets(der), octets(der) + der.size()))
    return unusable("is not exactly one DER structure");
  if (certificate.x509_version() != 3)
    return unusable("is not of X.509 version 3");
  if (certificate.is_CA_cert())
    return unusable("is an authority's, not a node's");

  const auto& extensions = certificate.v3_extensions();
  const auto oid = Botan::Cert_Extension::Subject_Alternative_Name::static_oid();
  const auto& present = extensions.get_extension_oids();
  if (std::count(present.begin(), present.end(), oid) != 1)
    return unusable("has not exactly one list of alternative names");
  auto uris = uris_of(extensions.get_extension_bits(oid));
  if (!uris)
    return unusable("has a malformed list of alternative names");
  std::erase_if(*uris, [](const auto& uri) { return !is_ours(uri); });
  if (uris->size() != 1)
    return unusable("carries " + std::to_string(uris->size()) + " godwit URIs instead of one");
  auto identity = parse_identity(uris->front());
  if (!identity)
    return unusable("carries a godwit URI that does not state a role and a name");
  identity->fingerprint = sha256(der);
  return *identity;
}

} // namespace

std::string identity_uri(role who, std::string_view name) {
  return std::string(scheme) + std::string(godwit::name(who)) + ":" + std::string(name);
}

attempt<peer_identity> identity_of(bytes_view certificate_der) {
  try {
    return read(Botan::X509_Certificate(octets(certificate_der), certificate_der.size()),
                certificate_der);
  } catch (const std::exception& thrown) {
    return unusable(std::string("cannot be read (") + thrown.what() + ")");
  }
}

attempt<peer_identity> identity_of_pem(std::string_view certificate_pem) {
  try {
    Botan::DataSource_Memory source(octets(as_bytes(certificate_pem)), certificate_pem.size());
    const auto der = Botan::X509_Certificate(source).BER_encode();
    return identity_of(std::as_bytes(std::span(der)));
  } catch (const std::exception& thrown) {
    return unusable(std::string("cannot be read (") + thrown.what() + ")");
  }
}

} // namespace godwit
