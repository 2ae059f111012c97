// What is the loss of a network, computed in double precision by the definition and nothing else?
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include <godwit/messages/model.hpp>

#include "data/dataset.hpp"

namespace godwit::plain {

using values = std::vector<double>;

inline values dense(const values& x, const tensor_spec& weight, std::span<const double> w,
                    std::span<const double> b) {
  values y(b.begin(), b.end());
  for (std::size_t o = 0; o < weight.shape[0]; ++o)
    for (std::size_t i = 0; i < weight.shape[1]; ++i)
      y[o] += w[o * weight.shape[1] + i] * x[i];
  return y;
}

/// [height, width, in] to [height / 2, width / 2, out].
inline values convolve_and_pool(const values& x, long height, long width, const tensor_spec& kernel,
                                std::span<const double> w, std::span<const double> b) {
  const long outputs = kernel.shape[0], reach = kernel.shape[1], inputs = kernel.shape[3];
  values pooled(static_cast<std::size_t>(height / 2 * (width / 2) * outputs), -1e300);
  for (long y = 0; y < height; ++y)
    for (long column = 0; column < width; ++column)
      for (long o = 0; o < outputs; ++o) {
        double sum = b[static_cast<std::size_t>(o)];
        for (long ky = 0; ky < reach; ++ky)
          for (long kx = 0; kx < reach; ++kx)
            for (long i = 0; i < inputs; ++i) {
              const long from_y = y + ky - reach / 2, from_x = column + kx - reach / 2;
              if (from_y >= 0 && from_y < height && from_x >= 0 && from_x < width)
                sum += w[static_cast<std::size_t>(((o * reach + ky) * reach + kx) * inputs + i)] *
                       x[static_cast<std::size_t>((from_y * width + from_x) * inputs + i)];
            }
        double& best =
            pooled[static_cast<std::size_t>((y / 2 * (width / 2) + column / 2) * outputs + o)];
        best = std::max({best, sum, 0.0}); // ReLU and the maximum commute
      }
  return pooled;
}

/// Mean cross-entropy of the network whose tensors `layout` names, over all of `data`.
inline double loss(const model_layout& layout, std::span<const double> parameters,
                   const examples& data) {
  double sum = 0.0;
  for (std::uint32_t row : data.rows) {
    const std::size_t features = data.data->feature_count();
    values x;
    for (std::size_t f = 0; f < features; ++f)
      x.push_back(data.data->pixels.empty()
                      ? static_cast<double>(data.data->values[row * features + f])
                      : data.data->pixels[row * features + f] / 255.0);
    long height = data.data->shape[0],
         width = data.data->shape.size() > 1 ? data.data->shape[1] : 1;
    std::size_t at = 0;
    for (std::size_t t = 0; t < layout.size(); t += 2) {
      const auto w = parameters.subspan(at, layout[t].element_count());
      const auto b = parameters.subspan(at + w.size(), layout[t + 1].element_count());
      at += w.size() + b.size();
      if (layout[t].name.starts_with("conv")) {
        x = convolve_and_pool(x, height, width, layout[t], w, b);
        height /= 2;
        width /= 2;
        continue;
      }
      x = dense(x, layout[t], w, b);
      if (t + 2 < layout.size())
        for (double& value : x)
          value = std::max(value, 0.0);
    }
    double total = 0.0;
    for (double score : x)
      total += std::exp(score);
    sum += std::log(total) - x[data.data->labels[row]];
  }
  return sum / static_cast<double>(data.size());
}

} // namespace godwit::plain
