// How is a part of a large file read, without the rest of it?
#include "storage/input_file.hpp"

#include <algorithm>
#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace godwit {

namespace {

constexpr std::size_t read_bytes_max = std::size_t{1} << 30; // Linux reads less than 2 GiB at once

failure read_failure(const std::filesystem::path& path, const std::string& why) {
  return {.code = failure_code::io, .detail = path.string() + ": cannot be read: " + why};
}

} // namespace

attempt<input_file> input_file::open(const std::filesystem::path& path) {
  // O_NONBLOCK: a pipe in place of the file must not hold us up; it means nothing for regular
  // files.
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) {
    const int why = errno;
    if (why == ENOENT || why == ENOTDIR)
      return failure{.code = failure_code::not_found,
                     .detail = path.string() + ": there is no such file"};
    return read_failure(path, std::generic_category().message(why));
  }
  struct stat facts {};
  if (::fstat(descriptor, &facts) != 0 || !S_ISREG(facts.st_mode)) {
    ::close(descriptor);
    return read_failure(path, "it is not a regular file");
  }
  return input_file(path, descriptor, static_cast<std::uint64_t>(facts.st_size));
}

input_file::input_file(input_file&& other) noexcept
    : path_(std::move(other.path_)), descriptor_(std::exchange(other.descriptor_, -1)),
      size_(other.size_) {}

input_file::~input_file() {
  if (descriptor_ >= 0)
    ::close(descriptor_);
}

attempt<done> input_file::read_at(std::uint64_t offset, std::span<std::byte> into) const {
  while (!into.empty()) {
    const auto got = ::pread(descriptor_, into.data(), std::min(into.size(), read_bytes_max),
                             static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0)
      return read_failure(path_, std::generic_category().message(errno));
    if (got == 0)
      return read_failure(path_,
                          "it ends at byte " + std::to_string(offset) + "; it has become shorter");
    offset += static_cast<std::uint64_t>(got);
    into = into.subspan(static_cast<std::size_t>(got));
  }
  return done{};
}

attempt<bytes> input_file::read_at(std::uint64_t offset, std::size_t count) const {
  bytes content(count);
  if (auto read = read_at(offset, std::span(content)); !read)
    return read.why();
  return content;
}

failure corrupt_file(const std::filesystem::path& path, const std::string& what) {
  return {.code = failure_code::corrupt, .detail = path.string() + ": " + what};
}

} // namespace godwit
