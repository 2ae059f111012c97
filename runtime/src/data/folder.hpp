// How does a folder hold one owner's examples, whatever their kind?
#pragma once

#include <cstdint>
#include <filesystem>

#include <godwit/messages/result.hpp>
#include <godwit/runtime/config.hpp>

#include "data/dataset.hpp"
#include "data/load.hpp"

namespace godwit {

/// Writes examples so that `load_dataset` with source "idx" and this folder gives them back: pixels
/// as raw IDX files, floats as train.csv or test.csv; beside them the file class_count. Keys are
/// not kept. Makes the folder.
attempt<done> save_examples(const examples& held, const std::filesystem::path& folder, split which);

/// The number in the folder's class_count file, 1 ..= 256; 0 where there is no such file.
attempt<std::uint32_t> read_class_count(const std::filesystem::path& folder);

/// Writes the file class_count: how many classes there are, though some may have no example here.
/// Makes the folder.
attempt<done> write_class_count(const std::filesystem::path& folder, std::uint32_t class_count);

} // namespace godwit
