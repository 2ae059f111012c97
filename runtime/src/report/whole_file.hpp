// How a file is read whole, and replaced so that a kill leaves the old one or the new one.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include <godwit/messages/result.hpp>

namespace godwit {

/// The failure of the last system call, with what was tried: "PATH cannot be written (No space left
/// on device); …".
failure system_failure(const std::filesystem::path& file, std::string_view what, int error);

/// Fails with not_found or io.
attempt<std::string> content_of_file(const std::filesystem::path& file);

/// Writes beside the file, then renames. Fails with no_space or io, and leaves the old file as it
/// was.
attempt<done> replace_content(const std::filesystem::path& file, std::string_view content);

/// Writes all of `text` to an open file. 0, or the error number of the write that failed.
int write_through(int file, std::string_view text) noexcept;

} // namespace godwit
