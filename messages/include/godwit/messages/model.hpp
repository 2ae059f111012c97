// A model as messages speak of it: the names and shapes of its tensors, in the order of one flat
// float array.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace godwit {

/// One tensor: its name and its shape, row-major.
struct tensor_spec {
  std::string name;
  std::vector<std::uint32_t> shape;
  friend bool operator==(const tensor_spec&, const tensor_spec&) = default;
  static auto fields(auto& self, auto&& visit) { return visit(self.name, self.shape); }
  std::uint64_t element_count() const noexcept {
    std::uint64_t count = 1;
    for (auto extent : shape)
      count *= extent;
    return count;
  }
};

/// All tensors of a model; the flat parameter array holds them one behind the other.
using model_layout = std::vector<tensor_spec>;

inline std::uint64_t parameter_count(const model_layout& layout) noexcept {
  std::uint64_t count = 0;
  for (const auto& tensor : layout)
    count += tensor.element_count();
  return count;
}

} // namespace godwit
