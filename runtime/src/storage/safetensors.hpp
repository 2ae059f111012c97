// How is a model laid out in a .safetensors file?
#pragma once

#include <filesystem>

#include <godwit/messages/result.hpp>

#include "storage/model_file.hpp"

namespace godwit {

/// The format (huggingface/safetensors, README, "Format"): a little-endian 64-bit length N; N bytes
/// of JSON,
/// {"NAME": {"dtype": "F32", "shape": [..], "data_offsets": [BEGIN, END]}, ..., "__metadata__":
/// {"KEY": "TEXT"}}, which may end in spaces; then the data, to which the offsets relate, row-major
/// and little endian, without holes or overlaps. We read headers of up to 16 MiB. See read_model
/// and write_model for the rest.
attempt<model_file> read_safetensors(const std::filesystem::path& path);
attempt<done> write_safetensors(const std::filesystem::path& path, const model_file& model);

} // namespace godwit
