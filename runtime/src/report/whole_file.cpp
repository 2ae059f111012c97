// How a file is read whole, and replaced so that a kill leaves the old one or the new one.
#include "report/whole_file.hpp"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <unistd.h>

namespace godwit {

failure system_failure(const std::filesystem::path& file, std::string_view what, int error) {
  failure_code code = failure_code::io;
  std::string next = "check that it is ours to use";
  if (error == ENOENT) {
    code = failure_code::not_found;
    next = "check the path";
  } else if (error == ENOSPC || error == EDQUOT) {
    code = failure_code::no_space;
    next = "make room and start again";
  }
  return {.code = code,
          .retry = false,
          .detail =
              file.string() + " " + std::string(what) + " (" + std::strerror(error) + "); " + next};
}

attempt<std::string> content_of_file(const std::filesystem::path& file) {
  const int opened = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (opened < 0)
    return system_failure(file, "cannot be opened", errno);
  std::string content;
  char block[65536];
  for (;;) {
    const auto count = ::read(opened, block, sizeof block);
    if (count > 0) {
      content.append(block, static_cast<std::size_t>(count));
    } else if (count == 0) {
      break;
    } else if (errno != EINTR) {
      const int error = errno;
      ::close(opened);
      return system_failure(file, "cannot be read", error);
    }
  }
  ::close(opened);
  return content;
}

int write_through(int file, std::string_view text) noexcept {
  while (!text.empty()) {
    const auto count = ::write(file, text.data(), text.size());
    if (count < 0 && errno != EINTR)
      return errno;
    if (count > 0)
      text.remove_prefix(static_cast<std::size_t>(count));
  }
  return 0;
}

attempt<done> replace_content(const std::filesystem::path& file, std::string_view content) {
  auto beside = file;
  beside += ".new";
  const int opened = ::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (opened < 0)
    return system_failure(beside, "cannot be made", errno);
  int error = write_through(opened, content);
  if (error == 0 && ::fsync(opened) != 0)
    error = errno;
  if (::close(opened) != 0 && error == 0)
    error = errno;
  if (error == 0 && ::rename(beside.c_str(), file.c_str()) != 0)
    error = errno;
  if (error == 0)
    return done{};
  ::unlink(beside.c_str());
  return system_failure(file, "cannot be written", error);
}

} // namespace godwit
