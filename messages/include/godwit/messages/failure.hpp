// What the world does to us: a disk that is full, a peer that cannot be reached, a file that is
// broken.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace godwit {

/// Numbers are append-only.
enum class failure_code : std::uint8_t {
  io = 1,          ///< a file or socket operation failed
  not_found = 2,   ///< a file, folder or host that should exist does not
  corrupt = 3,     ///< content that does not match its checksum or format
  unreachable = 4, ///< a peer that does not answer
  bad_key = 5,     ///< a key or certificate that cannot be used
  unsupported = 6, ///< well formed, but not something this build can do
  cancelled = 7,   ///< asked to stop
  training = 8,    ///< a trainer that failed
  bad_config = 9,  ///< configuration that cannot be accepted
  no_space = 10,   ///< no space left
};

std::string_view name(failure_code) noexcept;

/// A failure, with the one fact that decides what happens next: whether trying again can help.
struct failure {
  failure_code code = failure_code::io;
  bool retry = false; ///< the same call may succeed later, without anybody doing anything
  std::string detail; ///< for people: what, where, and the next step
};

} // namespace godwit
