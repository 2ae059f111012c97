// What stands in a certificate, as RFC 5280 section 4.1 lays it out?
#pragma once

#include <optional>
#include <vector>

#include <godwit/messages/bytes.hpp>
#include <godwit/messages/time.hpp>

namespace godwit {

struct certificate_extension {
  bytes_view identifier;
  bool is_critical = false;
  bytes_view value;
};

/// Views into the certificate. Each is an element's content, but for `statement`.
struct certificate_parts {
  bytes_view statement; ///< what is signed: the whole element
  bytes_view algorithm; ///< of the signature, as the statement names it
  bytes_view issuer;
  bytes_view subject;
  bytes_view key; ///< the subject's: algorithm and bits
  unix_seconds begin{};
  unix_seconds end{}; ///< the last second
  std::vector<certificate_extension> extensions;
  bytes_view signature;
};

/// Nothing where the bytes are not exactly one DER certificate of version 3, where the statement
/// names another algorithm than stands beside the signature, or an extension stands there twice.
std::optional<certificate_parts> read_certificate(bytes_view der);

} // namespace godwit
