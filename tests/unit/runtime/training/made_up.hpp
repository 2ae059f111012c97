// What do the training tests learn from? Small data sets and numbers made from a seed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <numeric>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "data/dataset.hpp"
#include "data/random.hpp"
#include "training/model.hpp"
#include "training/network.hpp"

namespace godwit::made_up {

inline std::vector<float> numbers(std::size_t count, std::uint64_t seed) {
  random_stream stream(seed, "test numbers");
  std::vector<float> all(count);
  for (float& one : all)
    one = static_cast<float>(2.0 * stream.uniform() - 1.0);
  return all;
}

/// Images of bytes: each class is bright in its own band of rows, on top of noise.
inline examples bands(std::vector<std::uint32_t> shape, std::uint32_t class_count,
                      std::size_t count, std::uint64_t seed) {
  auto data = std::make_shared<dataset>();
  data->shape = std::move(shape);
  data->class_count = class_count;
  random_stream stream(seed, "test bands");
  const std::size_t features = data->feature_count();
  for (std::size_t i = 0; i < count; ++i) {
    const auto label = static_cast<std::uint8_t>(i % class_count);
    for (std::size_t f = 0; f < features; ++f)
      data->pixels.push_back(static_cast<std::uint8_t>(
          stream.below(100) + (f * class_count / features == label ? 150 : 0)));
    data->labels.push_back(label);
  }
  examples all{data, std::vector<std::uint32_t>(count)};
  std::iota(all.rows.begin(), all.rows.end(), 0U);
  return all;
}

inline std::unique_ptr<model> network(std::string_view name, const examples& data,
                                      const kernels* with = nullptr) {
  auto made = make_model_with(with ? *with : *usable_kernels().front(), name, data.data->shape,
                              data.data->class_count);
  return std::move(made).value();
}

inline std::vector<float> fresh_parameters(const model& of, std::uint64_t seed) {
  std::vector<float> all(of.size());
  of.initialise(all, seed);
  return all;
}

inline bool same_bits(std::span<const float> a, std::span<const float> b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size_bytes()) == 0;
}

} // namespace godwit::made_up
