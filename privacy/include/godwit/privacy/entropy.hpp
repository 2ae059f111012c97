// Where does randomness come from? From the operating system, through these functions and no other
// door.
#pragma once

#include <cstddef>
#include <cstdint>

#include <godwit/messages/bytes.hpp>
#include <godwit/messages/secret.hpp>

namespace godwit {

/// `count` bytes from the operating system's generator, fit for keys. Where the system has no
/// randomness to give, the process ends: there is no safe way to go on.
bytes random_bytes(std::size_t count);

/// The same, for what nobody may see.
secret random_secret(std::size_t count);

/// A number that names something for good: never 0, and none of 64 bits comes twice.
std::uint64_t random_number();

} // namespace godwit
