// What is the SHA-256 of these bytes? Botan's, which uses the processor's instructions where it has
// them.
#include <godwit/privacy/digest.hpp>

#include <botan/mem_ops.h>
#include <botan/sha2_32.h>

#include "octets.hpp"

namespace godwit {

struct sha256_stream::state {
  Botan::SHA_256 hash; // by HashFunction::create, every hash of Botan's would be linked in
};

sha256_stream::sha256_stream() : state_(std::make_unique<state>()) {}

sha256_stream::sha256_stream(sha256_stream&&) noexcept = default;
sha256_stream& sha256_stream::operator=(sha256_stream&&) noexcept = default;
sha256_stream::~sha256_stream() = default;

void sha256_stream::add(bytes_view part) {
  state_->hash.update(octets(part), part.size());
}

sha256_digest sha256_stream::finish() {
  sha256_digest digest;
  state_->hash.final(writable_octets(digest));
  return digest;
}

sha256_digest sha256(bytes_view content) {
  sha256_stream stream;
  stream.add(content);
  return stream.finish();
}

bool equal_in_constant_time(bytes_view one, bytes_view other) noexcept {
  return one.size() == other.size() &&
         Botan::constant_time_compare(octets(one), octets(other), one.size());
}

} // namespace godwit
