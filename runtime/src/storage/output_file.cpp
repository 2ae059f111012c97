#include "storage/output_file.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <string>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

namespace godwit {

namespace {

constexpr std::size_t write_bytes_max = std::size_t{1}
                                        << 30;  // Linux writes less than 2 GiB at once
constexpr std::size_t pieces_at_once_max = 256; // of the 1,024 that POSIX systems take (IOV_MAX)

/// The next part of the pieces, behind what of the first one is written already.
class part_to_write {
public:
  part_to_write(std::span<const bytes_view> pieces, std::size_t written_of_first) {
    std::size_t bytes_left = write_bytes_max;
    for (const auto whole : pieces.first(std::min(pieces.size(), pieces_at_once_max))) {
      const auto piece = whole.subspan(count_ == 0 ? written_of_first : 0);
      const auto taken = std::min(piece.size(), bytes_left);
      // writev only reads what it is given; its structure serves readv as well
      vectors_[count_++] = {const_cast<std::byte*>(piece.data()), taken};
      bytes_left -= taken;
      if (bytes_left == 0)
        break;
    }
  }
  ssize_t write(int to) const { return ::writev(to, vectors_.data(), static_cast<int>(count_)); }

private:
  std::array<iovec, pieces_at_once_max> vectors_;
  std::size_t count_ = 0;
};

} // namespace

descriptor::descriptor(descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}

descriptor::~descriptor() {
  if (number_ >= 0)
    ::close(number_);
}

int descriptor::close() noexcept {
  return ::close(std::exchange(number_, -1)) == 0 ? 0 : errno;
}

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

int write_all(int to, std::span<const bytes_view> pieces) {
  std::size_t written_of_first = 0;
  for (;;) {
    while (!pieces.empty() && pieces.front().size() == written_of_first) {
      pieces = pieces.subspan(1);
      written_of_first = 0;
    }
    if (pieces.empty())
      return 0;
    const auto count = part_to_write(pieces, written_of_first).write(to);
    if (count < 0 && errno != EINTR)
      return errno;
    auto written = written_of_first + static_cast<std::size_t>(std::max<ssize_t>(count, 0));
    for (; !pieces.empty() && written >= pieces.front().size(); pieces = pieces.subspan(1))
      written -= pieces.front().size();
    written_of_first = written;
  }
}

int flush_folder(const std::filesystem::path& folder) {
  descriptor opened(
      ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (opened.number() < 0)
    return errno;
  return ::fsync(opened.number()) == 0 || errno == EINVAL ? 0 : errno;
}

} // namespace godwit
