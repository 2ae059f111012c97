#include "own_certificate.hpp"

#include <godwit/privacy/identity.hpp>

#include "storage/atomic_file.hpp"

namespace godwit {

attempt<std::string> own_name(const tls_config& tls, role expected) {
  constexpr std::uint64_t pem_bytes_max = 1 << 20;
  auto pem = read_file(tls.certificate, pem_bytes_max);
  if (!pem)
    return pem.why();
  const auto file = tls.certificate.string();
  auto identity = identity_of_pem(as_text(*pem));
  if (!identity)
    return failure{.code = failure_code::bad_key, .detail = file + ": " + identity.why().detail};
  if (identity->role != expected) {
    const std::string wanted(name(expected));
    return failure{.code = failure_code::bad_key,
                   .detail = file + " is for the role " + std::string(name(identity->role)) +
                             ", not " + wanted + "; make one with `godwit keys " + wanted + "`"};
  }
  return identity->name;
}

} // namespace godwit
