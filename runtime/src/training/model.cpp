// Which layers do the built-in networks consist of?
#include "training/model.hpp"

#include <cstddef>
#include <initializer_list>
#include <memory>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "training/blas/blas.hpp"
#include "training/network.hpp"

namespace godwit {

namespace {

constexpr std::size_t class_count_max = 256; ///< labels are bytes
constexpr std::uint64_t feature_count_max = std::uint64_t{1} << 24;

/// Appends layers and names their tensors as PyTorch would.
class builder {
public:
  explicit builder(std::size_t feature_count) { shape_.feature_count = feature_count; }

  void add_convolution(std::size_t height, std::size_t width, std::size_t inputs,
                       std::size_t outputs) {
    conv_layer layer{.height = height, .width = width, .inputs = inputs, .outputs = outputs};
    const std::string name = fmt::format("conv{}", shape_.convolutions.size() + 1);
    layer.weight_at =
        add(name + ".weight", {outputs, conv_layer::reach, conv_layer::reach, inputs});
    layer.bias_at = add(name + ".bias", {outputs});
    shape_.convolutions.push_back(layer);
  }
  void add_dense(std::size_t inputs, std::size_t outputs) {
    dense_layer layer{.inputs = inputs, .outputs = outputs};
    const std::string name = fmt::format("fc{}", shape_.denses.size() + 1);
    layer.weight_at = add(name + ".weight", {outputs, inputs});
    layer.bias_at = add(name + ".bias", {outputs});
    shape_.denses.push_back(layer);
  }
  std::unique_ptr<model> build(const kernels& with) && {
    return std::make_unique<network>(std::move(shape_), std::move(layout_), with);
  }

private:
  std::size_t add(std::string name, std::initializer_list<std::size_t> extents) {
    const std::size_t at = shape_.parameter_count;
    tensor_spec tensor{.name = std::move(name), .shape = {}};
    for (std::size_t extent : extents)
      tensor.shape.push_back(static_cast<std::uint32_t>(extent));
    shape_.parameter_count += static_cast<std::size_t>(tensor.element_count());
    layout_.push_back(std::move(tensor));
    return at;
  }

  network_shape shape_;
  model_layout layout_;
};

attempt<done> add_mcmahan_convolutions(builder& layers, const std::vector<std::uint32_t>& shape) {
  const bool image =
      (shape.size() == 2 || shape.size() == 3) && shape[0] % 4 == 0 && shape[1] % 4 == 0;
  if (!image)
    return failure{
        failure_code::bad_config, false,
        fmt::format(
            "cnn-mcmahan wants images of {{height, width}} or {{height, width, channels}}, height "
            "and "
            "width multiples of 4; the examples have {} dimensions; use mlp-2nn for other shapes",
            shape.size())};
  const std::size_t height = shape[0], width = shape[1],
                    channels = shape.size() == 3 ? shape[2] : 1;
  layers.add_convolution(height, width, channels, 32);
  layers.add_convolution(height / 2, width / 2, 32, 64);
  layers.add_dense(height / 4 * (width / 4) * 64, 512);
  return done{};
}

} // namespace

attempt<std::unique_ptr<model>> make_model_with(const kernels& with, std::string_view name,
                                                const std::vector<std::uint32_t>& example_shape,
                                                std::uint32_t class_count) {
  std::uint64_t feature_count = example_shape.empty() ? 0 : 1;
  for (std::uint32_t extent :
       example_shape) // each factor is below 2^32 and the product is stopped below 2^24
    feature_count = feature_count > feature_count_max ? feature_count : feature_count * extent;
  if (feature_count == 0 || feature_count > feature_count_max || class_count < 2 ||
      class_count > class_count_max)
    return failure{failure_code::bad_config, false,
                   fmt::format("a model of {} features and {} classes; 1 to {} features and 2 to "
                               "{} classes can be had",
                               feature_count, class_count, feature_count_max, class_count_max)};
  const auto features = static_cast<std::size_t>(feature_count);
  builder layers(features);
  if (name == "softmax") {
    layers.add_dense(features, class_count);
  } else if (name == "mlp-2nn") {
    layers.add_dense(features, 200);
    layers.add_dense(200, 200);
    layers.add_dense(200, class_count);
  } else if (name == "cnn-mcmahan") {
    if (auto added = add_mcmahan_convolutions(layers, example_shape); !added)
      return added.why();
    layers.add_dense(512, class_count);
  } else {
    return failure{
        failure_code::unsupported, false,
        fmt::format("there is no model named \"{}\"; choose softmax, mlp-2nn or cnn-mcmahan",
                    name)};
  }
  blas::keep_to_one_thread();
  return std::move(layers).build(with);
}

attempt<std::unique_ptr<model>> make_model(std::string_view name,
                                           const std::vector<std::uint32_t>& example_shape,
                                           std::uint32_t class_count) {
  return make_model_with(*usable_kernels().front(), name, example_shape, class_count);
}

} // namespace godwit
