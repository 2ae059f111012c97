// How does a model get into a file that other programs open, and out of one that nobody vouches
// for?
#include "storage/model_file.hpp"

#include <algorithm>
#include <exception>
#include <new>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include <godwit/messages/check.hpp>
#include <godwit/messages/limits.hpp>

#include "storage/npz.hpp"
#include "storage/safetensors.hpp"

namespace godwit {

namespace {

namespace fs = std::filesystem;

failure unsupported(const fs::path& path, const std::string& what) {
  return {.code = failure_code::unsupported, .detail = path.string() + ": " + what};
}

bool is_pickle(std::string_view extension) {
  constexpr std::string_view pickles[] = {".pt", ".pth", ".bin", ".pkl", ".pickle", ".ckpt"};
  return std::find(std::begin(pickles), std::end(pickles), extension) != std::end(pickles);
}

failure unknown_extension(const fs::path& path) {
  if (is_pickle(path.extension().string()))
    return unsupported(
        path, "a pickle runs the code that it brings along, so it is not opened. Where you trust "
              "it, convert it: python3 -c \"import torch; from safetensors.torch import save_file; "
              "save_file(torch.load('" +
                  path.filename().string() + "', weights_only=True), '" + path.stem().string() +
                  ".safetensors')\"");
  return unsupported(path, "a model file's name ends in .safetensors or .npz");
}

/// Whether JSON can hold the text, which is to say: whether it is UTF-8.
bool is_utf8(const std::string& text) {
  try {
    return !nlohmann::json(text).dump().empty();
  } catch (const std::exception&) {
    return false;
  }
}

std::optional<failure> check_names(const fs::path& path, const model_file& model) {
  std::set<std::string_view> seen;
  for (const auto& tensor : model.layout) {
    if (tensor.name.empty() || tensor.name == "__metadata__" || !is_utf8(tensor.name) ||
        tensor.name.find('\0') != std::string::npos)
      return unsupported(path, "a tensor's name must be a text, not empty and not __metadata__");
    if (!seen.insert(tensor.name).second)
      return unsupported(path, "two tensors have the name '" + tensor.name + "'");
  }
  if (model.layout.size() > limits::tensor_count_max)
    return unsupported(path, "has more tensors than " + std::to_string(limits::tensor_count_max));
  for (const auto& [key, value] : model.metadata)
    if (!is_utf8(key) || !is_utf8(value))
      return unsupported(path, "metadata must be UTF-8");
  return std::nullopt;
}

} // namespace

attempt<model_file> read_model(const fs::path& path) {
  try {
    if (path.extension() == ".safetensors")
      return read_safetensors(path);
    if (path.extension() == ".npz")
      return read_npz(path);
  } catch (const std::bad_alloc&) {
    return failure{.code = failure_code::no_space,
                   .detail = path.string() + ": the model does not fit into memory"};
  }
  return unknown_extension(path);
}

attempt<done> write_model(const fs::path& path, const model_file& model) {
  GODWIT_CHECK(parameter_count(model.layout) == model.parameters.size(),
               "a model has as many parameters as its layout says");
  if (auto why = check_names(path, model))
    return *why;
  if (path.extension() == ".safetensors")
    return write_safetensors(path, model);
  if (path.extension() == ".npz")
    return write_npz(path, model);
  return unknown_extension(path);
}

} // namespace godwit
