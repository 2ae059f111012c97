// How does a file get its new content entirely, or keep its old one?
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>

#include <godwit/messages/bytes.hpp>
#include <godwit/messages/result.hpp>

namespace godwit {

/// Replaces the file by the pieces, one behind the other: writes PATH.tmp beside it, flushes it to
/// the disk, renames it and flushes the folder. After a crash the file holds its old or its new
/// content, never a part; a PATH.tmp left by a crash is overwritten by the next call. The folder
/// must exist. One writer a path at a time. Fails with no_space where the disk, the quota or the
/// file size limit is exhausted, with not_found where the folder is not there, with io for anything
/// else. The `permissions` are the new file's, less the process's mask.
attempt<done> write_atomically(const std::filesystem::path& path,
                               std::span<const bytes_view> pieces, unsigned permissions = 0644);

/// The same, of one piece.
attempt<done> write_atomically(const std::filesystem::path& path, bytes_view content);

/// A whole file. Fails with not_found, with corrupt where it is longer than `max_bytes` (nothing is
/// read then), or io.
attempt<bytes> read_file(const std::filesystem::path& path, std::uint64_t max_bytes);

} // namespace godwit
