// What is the SHA-256 of these bytes, and are two byte strings the same without telling where they
// differ?
#pragma once

#include <memory>

#include <godwit/messages/bytes.hpp>

namespace godwit {

/// SHA-256 (FIPS 180-4) of `content`, in one go.
sha256_digest sha256(bytes_view content);

/// SHA-256 of content that comes in parts. Used from one thread at a time. A moved-from stream may
/// only be destroyed or assigned to.
class sha256_stream {
public:
  sha256_stream();
  sha256_stream(sha256_stream&&) noexcept;
  sha256_stream& operator=(sha256_stream&&) noexcept;
  ~sha256_stream();

  /// Appends `part`; nothing of it is kept by reference.
  void add(bytes_view part);

  /// The digest of everything added since construction or the last `finish`; starts anew.
  sha256_digest finish();

private:
  struct state;
  std::unique_ptr<state> state_;
};

/// Whether both hold the same bytes. The time taken depends on the lengths only, which are no
/// secret.
bool equal_in_constant_time(bytes_view one, bytes_view other) noexcept;

} // namespace godwit
