#include "storage/state_folder.hpp"

#include <string>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "storage/real_disk.hpp"

namespace godwit {

attempt<std::shared_ptr<state_folder>> state_folder::open(const std::filesystem::path& folder,
                                                          std::string_view owner) {
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
                   .detail = "the state folder " + folder.string() + " is used by another " +
                             std::string(owner) + "; stop that one, or name another folder"};
  }
  return std::shared_ptr<state_folder>(new state_folder(std::make_shared<real_disk>(folder), lock));
}

state_folder::~state_folder() {
  ::close(lock_);
}

} // namespace godwit
