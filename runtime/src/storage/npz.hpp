// How is a model laid out in an .npz file?
#pragma once

#include <filesystem>

#include <godwit/messages/result.hpp>

#include "storage/model_file.hpp"

namespace godwit {

/// A zip archive with one NAME.npy for each tensor (numpy.savez). Written stored, read stored or
/// deflated (numpy.savez_compressed). The metadata is the archive's comment, a JSON object of
/// texts; any other comment is passed over. See read_model and write_model for the rest.
attempt<model_file> read_npz(const std::filesystem::path& path);
attempt<done> write_npz(const std::filesystem::path& path, const model_file& model);

} // namespace godwit
