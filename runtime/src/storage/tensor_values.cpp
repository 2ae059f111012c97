// How do the number types of foreign model files become floats?
#include "storage/tensor_values.hpp"

#include <bit>
#include <cstring>
#include <limits>

#include <godwit/messages/check.hpp>
#include <godwit/messages/limits.hpp>

static_assert(std::endian::native == std::endian::little, "model files are read in place");

namespace godwit {

namespace {

float from_half(std::uint16_t half) {
  const auto sign = std::uint32_t{half & 0x8000U} << 16;
  const auto exponent = std::uint32_t{half} >> 10 & 0x1F;
  const auto mantissa = std::uint32_t{half} & 0x3FF;
  if (exponent == 0x1F)
    return std::bit_cast<float>(sign | 0x7F800000U | mantissa << 13);
  if (exponent != 0)
    return std::bit_cast<float>(sign | (exponent + 112) << 23 | mantissa << 13);
  const float small = static_cast<float>(mantissa) * 0x1p-24F;
  return sign != 0 ? -small : small;
}

float from_brain_half(std::uint16_t half) {
  return std::bit_cast<float>(std::uint32_t{half} << 16);
}

template <class Number, class Convert>
void convert_each(bytes_view from, std::span<float> to, Convert convert) {
  for (std::size_t i = 0; i < to.size(); ++i) {
    Number number;
    std::memcpy(&number, from.data() + i * sizeof(Number), sizeof(Number));
    to[i] = convert(number);
  }
}

} // namespace

std::size_t element_bytes(element_type type) noexcept {
  switch (type) {
  case element_type::f16:
  case element_type::bf16:
    return 2;
  case element_type::f32:
    return 4;
  case element_type::f64:
    return 8;
  }
  return 0;
}

void convert_to_floats(element_type type, bytes_view from, std::span<float> to) {
  GODWIT_CHECK(from.size() == to.size() * element_bytes(type), "a conversion covers all numbers");
  if (to.empty())
    return;
  switch (type) {
  case element_type::f16:
    return convert_each<std::uint16_t>(from, to, from_half);
  case element_type::bf16:
    return convert_each<std::uint16_t>(from, to, from_brain_half);
  case element_type::f32:
    std::memcpy(to.data(), from.data(), from.size());
    return;
  case element_type::f64:
    return convert_each<double>(from, to, [](double x) { return static_cast<float>(x); });
  }
}

std::optional<std::uint64_t> bounded_count(const std::vector<std::uint64_t>& extents) {
  if (extents.size() > limits::tensor_rank_max)
    return std::nullopt;
  std::uint64_t count = 1;
  bool has_zero = false;
  for (const auto extent : extents) {
    if (extent > std::numeric_limits<std::uint32_t>::max())
      return std::nullopt;
    has_zero = has_zero || extent == 0;
    if (extent != 0 && count > limits::parameter_count_max / extent)
      return std::nullopt;
    count *= extent == 0 ? 1 : extent;
  }
  return has_zero ? 0 : count;
}

std::string shape_text(const std::vector<std::uint64_t>& extents) {
  std::string text = "[";
  for (const auto extent : extents)
    text += (text.size() > 1 ? ", " : "") + std::to_string(extent);
  return text + "]";
}

} // namespace godwit
