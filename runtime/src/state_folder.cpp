#include "state_folder.hpp"

#include <array>
#include <limits>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "storage/atomic_file.hpp"

namespace godwit {

attempt<std::shared_ptr<state_folder>> state_folder::open(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error)
    return failure{.code = failure_code::io,
                   .detail = "the state folder " + folder.string() +
                             " cannot be made: " + error.message()};
  const auto file = folder / "lock";
  const int lock = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock < 0)
    return failure{.code = failure_code::io,
                   .detail = "the file " + file.string() +
                             " cannot be opened; check its owner and permissions"};
  if (::flock(lock, LOCK_EX | LOCK_NB) != 0) {
    ::close(lock);
    return failure{.code = failure_code::bad_config,
                   .detail = "the state folder " + folder.string() +
                             " is used by another server; stop that one, or name another folder"};
  }
  return std::shared_ptr<state_folder>(new state_folder(folder, lock));
}

state_folder::~state_folder() {
  ::close(lock_);
}

attempt<std::optional<checkpoint>> state_folder::load() const {
  const auto file = folder_ / "checkpoint";
  std::error_code ignored;
  if (!std::filesystem::exists(file, ignored))
    return std::optional<checkpoint>{};
  auto content = read_file(file, std::numeric_limits<std::uint64_t>::max());
  if (!content)
    return content.why();
  auto state = decode_checkpoint(*content);
  if (!state)
    return failure{.code = state.why().code, .detail = file.string() + ": " + state.why().detail};
  return std::optional<checkpoint>(std::move(*state));
}

attempt<done> state_folder::save(const checkpoint& state, std::span<const float> parameters) {
  const auto parts = encode_in_parts(state, parameters);
  return write_atomically(folder_ / "checkpoint",
                          std::array<bytes_view, 3>{parts.before, parts.parameters, parts.after});
}

} // namespace godwit
