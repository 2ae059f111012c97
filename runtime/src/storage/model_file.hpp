// How does a model get into a file that other programs open, and out of one that nobody vouches
// for?
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <godwit/messages/model.hpp>
#include <godwit/messages/result.hpp>

namespace godwit {

/// A model as a file holds it.
struct model_file {
  model_layout layout;
  std::vector<float> parameters; ///< [parameter_count(layout)], in the order of the layout
  std::map<std::string, std::string> metadata; ///< e.g. round, version; UTF-8
};

/// Reads a model by the extension of `path`: .safetensors or .npz. The file is taken to be hostile:
/// every length and offset in it is checked before memory is taken or anything is read by it. F32
/// is read as it is, F16, BF16 and F64 are converted; other types fail. Tensors come in the order
/// in which their data lies in the file. Fails with not_found, io, corrupt (what breaks the format,
/// and where) or unsupported (well formed, but not for us; says what to do. Pickles, .pt and the
/// like, are among these: opening one runs code that the file brings along).
attempt<model_file> read_model(const std::filesystem::path& path);

/// Writes a model by the extension of `path`, atomically (see atomic_file.hpp). In an .npz the
/// metadata is the archive's comment, a JSON object, which numpy passes over. Fails with
/// unsupported for other extensions, for names that are empty, doubled or not UTF-8, and for an
/// .npz of 4 GiB or more; else as write_atomically does.
attempt<done> write_model(const std::filesystem::path& path, const model_file& model);

} // namespace godwit
