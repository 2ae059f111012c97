// How do the number types of foreign model files become floats?
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <godwit/messages/bytes.hpp>

namespace godwit {

/// The number types that can be read; all little endian.
enum class element_type : std::uint8_t { f16, bf16, f32, f64 };

std::size_t element_bytes(element_type type) noexcept;

/// Converts numbers to floats: exact for f16, bf16 and f32, rounded to nearest for f64 (infinite
/// beyond float's range). `from` holds exactly as many numbers as `to`; it need not be aligned.
void convert_to_floats(element_type type, bytes_view from, std::span<float> to);

/// The product of the extents; nothing where there are more of them than a tensor may have, one
/// does not fit 32 bits, or the product is more than a model may have.
std::optional<std::uint64_t> bounded_count(const std::vector<std::uint64_t>& extents);

/// "[3, 4]"
std::string shape_text(const std::vector<std::uint64_t>& extents);

} // namespace godwit
