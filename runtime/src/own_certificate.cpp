#include "own_certificate.hpp"

#include <chrono>
#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>

#include <godwit/messages/secret.hpp>
#include <godwit/privacy/attestation.hpp>
#include <godwit/privacy/identity.hpp>

#include "storage/atomic_file.hpp"

namespace godwit {
namespace {

constexpr std::uint64_t pem_bytes_max = 1 << 20;

failure of_file(const std::filesystem::path& file, const failure& why) {
  return {.code = why.code, .detail = file.string() + ": " + why.detail};
}

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

namespace {

attempt<std::shared_ptr<const attestor>> attestor_of(const tls_config& tls) {
  const auto certificate = read_file(tls.certificate, pem_bytes_max);
  if (!certificate)
    return certificate.why();
  auto key = read_file(tls.key, pem_bytes_max);
  if (!key)
    return key.why();
  auto made = attestor::from_pem(as_text(*certificate), secret(std::move(*key)));
  if (!made)
    return of_file(tls.certificate, made.why());
  return std::make_shared<const attestor>(std::move(*made));
}

attempt<std::shared_ptr<const trusted_authorities>> authorities_of(const tls_config& tls) {
  const auto pem = read_file(tls.authority, pem_bytes_max);
  if (!pem)
    return pem.why();
  auto made = trusted_authorities::from_pem(as_text(*pem));
  if (!made)
    return of_file(tls.authority, made.why());
  return std::make_shared<const trusted_authorities>(std::move(*made));
}

bool is_shown(const trusted_authorities& trusted, const attested_claim& claim,
              bytes_view evidence) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return trusted.check(claim, evidence, std::chrono::duration_cast<unix_seconds>(now)).has_value();
}

} // namespace

attempt<secure_sum::attest_key> attest_with(const tls_config& tls) {
  const auto made = attestor_of(tls);
  if (!made)
    return made.why();
  return secure_sum::attest_key([held = *made](const verifying_key& key) {
    return held->attest(secure_sum::identity_domain, key);
  });
}

attempt<secure_sum::check_evidence> check_with(const tls_config& tls) {
  const auto made = authorities_of(tls);
  if (!made)
    return made.why();
  return secure_sum::check_evidence(
      [trusted = *made](const client_id& client, const verifying_key& key, bytes_view evidence) {
        return is_shown(*trusted, {role::edge, client.name, secure_sum::identity_domain, key},
                        evidence);
      });
}

attempt<std::function<bytes(const agreement_key&)>> attest_sealing_with(const tls_config& tls) {
  const auto made = attestor_of(tls);
  if (!made)
    return made.why();
  return std::function<bytes(const agreement_key&)>([held = *made](const agreement_key& key) {
    return held->attest(shared_sum::sealing_domain, key);
  });
}

attempt<std::function<bool(const shared_sum::sum_server&)>>
check_trustees_with(const tls_config& tls) {
  const auto made = authorities_of(tls);
  if (!made)
    return made.why();
  return std::function<bool(const shared_sum::sum_server&)>(
      [trusted = *made](const shared_sum::sum_server& x) {
        return is_shown(*trusted, {role::trustee, x.name, shared_sum::sealing_domain, x.key},
                        as_bytes(x.evidence));
      });
}

} // namespace godwit
