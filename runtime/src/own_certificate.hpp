// What is this node called, as its own certificate states it?
#pragma once

#include <string>

#include <godwit/messages/ids.hpp>
#include <godwit/messages/result.hpp>
#include <godwit/runtime/config.hpp>

namespace godwit {

/// The name in tls.certificate. Fails with bad_key where the file holds no certificate of godwit's,
/// or one for another role than `expected`, and where everyone may read or change the file tls.key.
attempt<std::string> own_name(const tls_config& tls, role expected);

} // namespace godwit
