// Where does randomness come from? From getrandom or /dev/urandom, by way of Botan.
#include <godwit/privacy/entropy.hpp>

#include <cstring>
#include <exception>
#include <utility>

#include <botan/system_rng.h>

#include <godwit/messages/check.hpp>

#include "octets.hpp"
#include "system_random.hpp"

namespace godwit {

Botan::RandomNumberGenerator& system_random() {
  return Botan::system_rng();
}

bytes random_bytes(std::size_t count) {
  bytes drawn(count);
  bool is_filled = false;
  try {
    system_random().randomize(writable_octets(drawn), drawn.size());
    is_filled = true;
  } catch (const std::exception&) {
  }
  GODWIT_CHECK(is_filled, "the operating system gives no randomness");
  return drawn;
}

secret random_secret(std::size_t count) {
  return secret(random_bytes(count));
}

std::uint64_t random_number() {
  std::uint64_t number = 0;
  while (number == 0) {
    const auto drawn = random_bytes(sizeof number);
    std::memcpy(&number, drawn.data(), sizeof number);
  }
  return number;
}

} // namespace godwit
