// How are a few large entries kept in one zip archive?
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <godwit/messages/bytes.hpp>
#include <godwit/messages/result.hpp>

#include "storage/input_file.hpp"

namespace godwit {

/// An entry as the archive's directory describes it; checked: it lies inside the file and on no
/// other entry.
struct zip_entry {
  std::string name;
  bool deflated = false;
  std::uint32_t crc = 0;          ///< CRC-32 of the content
  std::uint64_t packed_bytes = 0; ///< in the file
  std::uint64_t content_bytes = 0;
  std::uint64_t data_offset = 0;
};

/// What an archive holds.
struct zip_directory {
  std::vector<zip_entry> entries; ///< in the order in which they lie in the file
  std::string comment;
};

/// Reads the directory (PKWARE APPNOTE 6.3, sections 4.3.7, 4.3.12, 4.3.16). Fails with corrupt for
/// what breaks the format, for doubled names and overlaps; with unsupported for encryption, methods
/// other than stored and deflate, and the 64-bit extension, which archives of less than 4 GiB do
/// not need.
attempt<zip_directory> read_zip_directory(const input_file& file);

/// Reads the content of one entry from front to back. The file must outlive it.
class zip_content {
public:
  zip_content(const input_file& file, const zip_entry& entry);
  zip_content(zip_content&&) noexcept;
  zip_content& operator=(zip_content&&) = delete;
  ~zip_content();

  /// How much is still to be read, if the directory is right.
  std::uint64_t left() const noexcept { return left_; }

  /// Fills `into`, at most left() bytes. Together with the last byte the check sum is verified.
  attempt<done> read(std::span<std::byte> into);

private:
  struct inflater;
  attempt<done> inflate_into(std::span<std::byte> into);
  attempt<done> finish();

  const input_file& file_;
  zip_entry entry_;
  std::uint64_t left_;
  std::uint64_t packed_read_ = 0;
  std::uint32_t crc_ = 0;
  std::unique_ptr<inflater> inflater_; ///< null for a stored entry
};

/// An entry to be written: its name, and its content in pieces.
struct zip_part {
  std::string name;
  std::vector<bytes_view> pieces;
};

/// Writes a zip archive of stored entries, atomically. The same content gives the same bytes. Fails
/// with unsupported for an archive of 4 GiB or more, or a name or comment of 64 KiB or more; else
/// as write_atomically does.
attempt<done> write_zip(const std::filesystem::path& path, std::span<const zip_part> parts,
                        const std::string& comment);

} // namespace godwit
