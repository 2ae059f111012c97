#include "storage/seed_file.hpp"

#include <system_error>
#include <utility>

#include <sys/stat.h>

#include <godwit/privacy/signature.hpp>

#include "storage/atomic_file.hpp"

namespace godwit {

attempt<secret> seed_in(const std::filesystem::path& file) {
  std::error_code ignored;
  if (std::filesystem::exists(file, ignored)) {
    auto content = read_file(file, signing_seed_bytes);
    if (!content)
      return content.why();
    return secret(std::move(*content));
  }
  auto seed = make_signing_seed();
  const auto before = ::umask(0077); // nobody else may read it, from its first moment on
  auto written = write_atomically(file, seed.reveal());
  ::umask(before);
  if (!written)
    return written.why();
  return seed;
}

} // namespace godwit
