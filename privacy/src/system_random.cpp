// Apart from entropy.cpp, because whoever needs only bytes does not need Botan's generators.
#include "system_random.hpp"

#include <botan/system_rng.h>

namespace godwit {

Botan::RandomNumberGenerator& system_random() {
  return Botan::system_rng();
}

} // namespace godwit
