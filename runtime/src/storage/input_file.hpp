// How is a part of a large file read, without the rest of it?
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <utility>

#include <godwit/messages/bytes.hpp>
#include <godwit/messages/result.hpp>

namespace godwit {

/// A regular file that is open for reading. Its size is the one it had when it was opened.
class input_file {
public:
  /// Fails with not_found or io.
  static attempt<input_file> open(const std::filesystem::path& path);

  input_file(input_file&& other) noexcept;
  input_file& operator=(input_file&&) = delete;
  ~input_file();

  std::uint64_t size() const noexcept { return size_; }
  const std::filesystem::path& path() const noexcept { return path_; }

  /// Fills `into` with the bytes from `offset` on. Fails with io, also where the file has become
  /// shorter.
  attempt<done> read_at(std::uint64_t offset, std::span<std::byte> into) const;

  /// `count` bytes from `offset` on; the caller has bounded `count`.
  attempt<bytes> read_at(std::uint64_t offset, std::size_t count) const;

private:
  input_file(std::filesystem::path path, int descriptor, std::uint64_t size)
      : path_(std::move(path)), descriptor_(descriptor), size_(size) {}
  std::filesystem::path path_;
  int descriptor_;
  std::uint64_t size_;
};

/// A corrupt-file failure: "PATH: what".
failure corrupt_file(const std::filesystem::path& path, const std::string& what);

} // namespace godwit
