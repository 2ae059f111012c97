// How do bytes get into a file, and what does it mean when they do not?
#pragma once

#include <filesystem>
#include <span>

#include <godwit/messages/bytes.hpp>
#include <godwit/messages/result.hpp>

namespace godwit {

/// A file descriptor that closes itself; a number below 0 is none.
class descriptor {
public:
  explicit descriptor(int number) noexcept : number_(number) {}
  descriptor(descriptor&& other) noexcept;
  descriptor& operator=(descriptor&&) = delete;
  ~descriptor();
  int number() const noexcept { return number_; }
  /// Closes now; 0 or the error.
  int close() noexcept;

private:
  int number_;
};

/// What the error number `why` of a write to `path` means: no_space where the disk, the quota or
/// the file size limit is exhausted, not_found where a folder is not there, io for anything else.
failure write_failure(const std::filesystem::path& path, int why);

/// Writes the pieces one behind the other: 0, or the error that stopped it. A part of them may be
/// written then.
int write_all(int to, std::span<const bytes_view> pieces);

/// Makes what was made, renamed or removed in the folder last: 0, or the error that stopped it. A
/// file system that cannot do it is no error.
int flush_folder(const std::filesystem::path& folder);

} // namespace godwit
