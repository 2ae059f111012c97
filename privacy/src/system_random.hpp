// Which generator is handed to those Botan functions that ask for one? The same as random_bytes
// uses.
#pragma once

namespace Botan {
class RandomNumberGenerator;
}

namespace godwit {

/// The operating system's generator. May be used from many threads.
Botan::RandomNumberGenerator& system_random();

} // namespace godwit
