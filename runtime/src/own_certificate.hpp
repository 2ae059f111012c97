// What is this node called, as its own certificate states it, and what can it show to others, and
// they to it, by their certificates?
#pragma once

#include <string>

#include <functional>

#include <godwit/actors/machines/secure_evidence.hpp>
#include <godwit/messages/ids.hpp>
#include <godwit/messages/result.hpp>
#include <godwit/privacy/shared_round.hpp>
#include <godwit/runtime/config.hpp>

namespace godwit {

/// The name in tls.certificate. Fails with bad_key where the file holds no certificate of godwit's,
/// or one for another role than `expected`, and where everyone may read or change the file tls.key.
attempt<std::string> own_name(const tls_config& tls, role expected);

/// Evidence by tls.certificate and tls.key that a secure sum's key is this edge's. Fails with
/// bad_key where they are of a kind that others cannot check (privacy/attestation.hpp).
attempt<secure_sum::attest_key> attest_with(const tls_config& tls);

/// A check of other edges' evidence against tls.authority, at the time when it is called. Fails
/// with bad_key likewise.
attempt<secure_sum::check_evidence> check_with(const tls_config& tls);

/// Evidence by tls.certificate and tls.key that a trustee's sealing key is its own. Fails with
/// bad_key likewise.
attempt<std::function<bytes(const agreement_key&)>> attest_sealing_with(const tls_config& tls);

/// A check of trustees' evidence against tls.authority, at the time when it is called. Fails with
/// bad_key likewise.
attempt<std::function<bool(const shared_sum::sum_server&)>>
check_trustees_with(const tls_config& tls);

} // namespace godwit
