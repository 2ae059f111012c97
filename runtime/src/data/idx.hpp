// How are images and labels read from and written to IDX files, the format of MNIST?
#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>
#include <vector>

#include <godwit/messages/result.hpp>

#include "data/dataset.hpp"

namespace godwit {

/// Reads PREFIX-images-idx3-ubyte and PREFIX-labels-idx1-ubyte from `folder`, each raw or with .gz
/// behind its name. IDX: a big-endian magic number (0x00000803: bytes in three dimensions;
/// 0x00000801: in one), a big-endian 32-bit extent for each dimension, then the bytes, and nothing
/// behind them. Nothing is allocated on the word of a header alone. `class_count` 0 means: as the
/// folder's class_count file says, or else the largest label of the folder's training and test
/// files, plus one.
attempt<dataset> read_idx(const std::filesystem::path& folder, std::string_view prefix,
                          std::uint32_t class_count);

/// Whether `folder` has an image file of that prefix, raw or .gz.
bool has_idx(const std::filesystem::path& folder, std::string_view prefix);

/// Writes examples with pixels of two dimensions as raw IDX files with that prefix ("train",
/// "t10k"), and the file class_count, because some labels may be missing here. Makes the folder.
/// Fails with unsupported for other examples.
attempt<done> write_idx(const examples& held, const std::filesystem::path& folder,
                        std::string_view prefix);

} // namespace godwit
