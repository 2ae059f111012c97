#include "own_certificate.hpp"

#include <filesystem>
#include <system_error>

#include <godwit/privacy/identity.hpp>

#include "storage/atomic_file.hpp"

namespace godwit {
namespace {

/// A key that everyone on the machine can read proves nothing. That it is missing, the transport
/// says.
attempt<done> check_kept(const std::filesystem::path& key) {
  std::error_code ignored;
  const auto found = std::filesystem::status(key, ignored);
  const auto for_everyone = found.permissions() & std::filesystem::perms::others_all;
  if (std::filesystem::exists(found) && for_everyone != std::filesystem::perms::none)
    return failure{.code = failure_code::bad_key,
                   .detail = key.string() +
                             ": everyone on this machine may read or change this key; take that "
                             "away with `chmod o= " +
                             key.string() + "`, and make a new one if somebody may have read it"};
  return done{};
}

} // namespace

attempt<std::string> own_name(const tls_config& tls, role expected) {
  if (auto kept = check_kept(tls.key); !kept)
    return kept.why();
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
