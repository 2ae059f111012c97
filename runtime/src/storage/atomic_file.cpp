// How does a file get its new content entirely, or keep its old one?
#include "storage/atomic_file.hpp"

#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <string>

#include <fcntl.h>
#include <unistd.h>

#include "storage/input_file.hpp"
#include "storage/output_file.hpp"

namespace godwit {

namespace {

/// Writes the pieces to a new file and flushes it: 0, or the error that stopped it.
int write_new(const std::filesystem::path& path, std::span<const bytes_view> pieces,
              unsigned permissions) {
  descriptor out(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, permissions));
  if (out.number() < 0)
    return errno;
  if (const int why = write_all(out.number(), pieces))
    return why;
  if (::fdatasync(out.number()) != 0)
    return errno;
  return out.close();
}

} // namespace

attempt<done> write_atomically(const std::filesystem::path& path,
                               std::span<const bytes_view> pieces, unsigned permissions) {
  auto beside = path;
  beside += ".tmp";
  int why = write_new(beside, pieces, permissions);
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
