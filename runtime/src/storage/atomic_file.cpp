// How does a file get its new content entirely, or keep its old one?
#include "storage/atomic_file.hpp"

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <string>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include "storage/input_file.hpp"

namespace godwit {

namespace {

constexpr std::size_t write_bytes_max = std::size_t{1}
                                        << 30; // Linux writes less than 2 GiB at once

failure write_failure(const std::filesystem::path& path, int why) {
  const auto detail =
      path.string() + ": cannot be written: " + std::generic_category().message(why);
  switch (why) {
  case ENOSPC:
  case EDQUOT:
  case EFBIG:
    return {.code = failure_code::no_space, .detail = detail + ". Make room on that disk"};
  case ENOENT:
  case ENOTDIR:
    return {.code = failure_code::not_found, .detail = detail + ". Make its folder first"};
  default:
    return {.code = failure_code::io, .retry = why == EIO, .detail = detail};
  }
}

/// A descriptor that closes itself.
class descriptor {
public:
  explicit descriptor(int number) : number_(number) {}
  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;
  ~descriptor() {
    if (number_ >= 0)
      ::close(number_);
  }
  int number() const noexcept { return number_; }
  /// Closes now; 0 or the error.
  int close() noexcept { return ::close(std::exchange(number_, -1)) == 0 ? 0 : errno; }

private:
  int number_;
};

/// 0, or the error that stopped it.
int write_all(int to, bytes_view content) {
  while (!content.empty()) {
    const auto count = ::write(to, content.data(), std::min(content.size(), write_bytes_max));
    if (count < 0 && errno != EINTR)
      return errno;
    if (count > 0)
      content = content.subspan(static_cast<std::size_t>(count));
  }
  return 0;
}

/// Writes the pieces to a new file and flushes it: 0, or the error that stopped it.
int write_new(const std::filesystem::path& path, std::span<const bytes_view> pieces) {
  descriptor out(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  if (out.number() < 0)
    return errno;
  for (const auto piece : pieces)
    if (const int why = write_all(out.number(), piece))
      return why;
  if (::fdatasync(out.number()) != 0)
    return errno;
  return out.close();
}

/// Makes a rename in the folder last: 0, or the error that stopped it. A file system that cannot do
/// it is no error.
int flush_folder(const std::filesystem::path& folder) {
  descriptor opened(
      ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (opened.number() < 0)
    return errno;
  return ::fsync(opened.number()) == 0 || errno == EINVAL ? 0 : errno;
}

} // namespace

attempt<done> write_atomically(const std::filesystem::path& path,
                               std::span<const bytes_view> pieces) {
  auto beside = path;
  beside += ".tmp";
  int why = write_new(beside, pieces);
  if (why == 0 && ::rename(beside.c_str(), path.c_str()) != 0)
    why = errno;
  if (why != 0) {
    ::unlink(beside.c_str());
    return write_failure(path, why);
  }
  if (const int unflushed = flush_folder(path.parent_path()))
    return write_failure(path, unflushed);
  return done{};
}

attempt<done> write_atomically(const std::filesystem::path& path, bytes_view content) {
  return write_atomically(path, std::span(&content, 1));
}

attempt<bytes> read_file(const std::filesystem::path& path, std::uint64_t max_bytes) {
  const auto file = input_file::open(path);
  if (!file)
    return file.why();
  if (file->size() > max_bytes)
    return corrupt_file(path, "has " + std::to_string(file->size()) + " bytes; at most " +
                                  std::to_string(max_bytes) + " are expected");
  return file->read_at(0, static_cast<std::size_t>(file->size()));
}

} // namespace godwit
