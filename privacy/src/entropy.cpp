// Where does randomness come from? From the kernel: by way of Botan's generators, every cipher that
// Botan knows by name would be linked in.
#include <godwit/privacy/entropy.hpp>

#include <algorithm>
#include <cstring>
#include <utility>

#include <sys/random.h>

#include <godwit/messages/check.hpp>

namespace godwit {

bytes random_bytes(std::size_t count) {
  constexpr std::size_t at_once_max = 256; // so many getentropy(3) gives
  bytes drawn(count);
  for (std::size_t at = 0; at < count; at += at_once_max) {
    const int gone_wrong = ::getentropy(drawn.data() + at, std::min(at_once_max, count - at));
    GODWIT_CHECK(gone_wrong == 0, "the operating system gives no randomness");
  }
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
