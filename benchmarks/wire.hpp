// How fast is the transport with nothing behind it?
#pragma once

#include <cstdint>

#include <godwit/messages/result.hpp>
#include <godwit/runtime/config.hpp>

namespace godwit {

/// Sends so many bytes in each direction over one TLS link of this process to itself, in chunks as
/// models and updates are sent. Seconds. Fails where the keys cannot be used.
attempt<double> wire_seconds(const tls_config& server, const tls_config& edge,
                             std::uint64_t bytes_each_way);

} // namespace godwit
