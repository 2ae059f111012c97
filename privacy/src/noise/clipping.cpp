#include <godwit/privacy/clipping.hpp>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <optional>

#include <godwit/messages/check.hpp>
#include <godwit/messages/secret.hpp>

namespace godwit {

namespace {

__extension__ using u128 = unsigned __int128;

/// What clipped vectors stay below their bound by. It covers the rounding of at most 2^30 squares
/// that are added up in doubles (2^-23), and of each float that is scaled (2^-24).
constexpr double margin = 1 - 0x1p-21;

constexpr int try_count = 64;

/// L2 norm, to 2^-23 of it; NaN or infinity if such are in it. Squares of floats are exact in
/// doubles and cannot overflow.
double norm_of(std::span<const float> values) {
  double sum = 0;
  for (const double value : values)
    sum += value * value;
  return std::sqrt(sum);
}

/// What to multiply by, at most 1; nothing where a value is no number.
result<clip_finding> look_at(std::span<const float> values, double norm_max) {
  GODWIT_CHECK(norm_max >= 0x1p-100 && std::isfinite(norm_max), "a bound that bounds nothing");
  if (values.size() > clipped_length_max)
    return refusal::too_large;
  const double norm = norm_of(values);
  if (!std::isfinite(norm))
    return refusal::value_not_finite;
  return clip_finding{.norm = norm, .was_short = norm <= norm_max * margin};
}

double factor_of(const clip_finding& found, double norm_max) {
  return found.was_short ? 1.0 : norm_max * margin / found.norm;
}

stream_nonce rounding_nonce(int number) {
  return {std::byte{'G'}, std::byte{'W'}, std::byte{'N'}, std::byte{3},
          static_cast<std::byte>(number)};
}

u128 square_norm(std::span<const std::int32_t> entries) {
  u128 sum = 0;
  for (const std::int64_t entry : entries)
    sum += static_cast<std::uint64_t>(entry * entry);
  return sum;
}

} // namespace

result<clip_finding> clip_to_norm(std::span<float> values, double norm_max) {
  const auto found = look_at(values, norm_max);
  if (found && !found->was_short)
    for (auto& value : values)
      value = static_cast<float>(value * factor_of(*found, norm_max));
  return found;
}

std::uint64_t grid_square_max(const grid_clip& grid, std::size_t length) {
  const double c = grid.norm_max / grid.step;
  GODWIT_CHECK(c > 0 && c <= 0x1p24 && length <= clipped_length_max, "a grid out of range");
  const double root = std::sqrt(static_cast<double>(length));
  const double moved = (c + root) * (c + root);
  const double expected = c * c + root * root / 4 + c + root / 2;
  return static_cast<std::uint64_t>(std::min(moved, expected));
}

result<std::vector<std::int32_t>> clip_to_grid(std::span<const float> values, const grid_clip& grid,
                                               mask_key rounding) {
  const auto found = look_at(values, grid.norm_max);
  if (!found)
    return found.why();
  const u128 square_max = grid_square_max(grid, values.size());
  const double factor = factor_of(*found, grid.norm_max) / grid.step;
  std::vector<std::int32_t> entries(values.size());
  std::vector<std::uint32_t> words(values.size());
  for (int number = 0; number < try_count; ++number) {
    key_stream stream;
    stream.nonce = rounding_nonce(number);
    write_stream(std::as_writable_bytes(std::span(words)), rounding, stream);
    for (std::size_t i = 0; i < values.size(); ++i) {
      const double scaled = static_cast<double>(values[i]) * factor;
      const double floor = std::floor(scaled);
      const double up = static_cast<double>(words[i]) < (scaled - floor) * 0x1p32 ? 1.0 : 0.0;
      entries[i] = static_cast<std::int32_t>(floor + up);
    }
    if (square_norm(entries) <= square_max)
      break;
    if (number + 1 == try_count)
      for (std::size_t i = 0; i < values.size(); ++i)
        entries[i] = static_cast<std::int32_t>(static_cast<double>(values[i]) * factor);
  }
  wipe(std::as_writable_bytes(std::span(words)));
  GODWIT_CHECK(square_norm(entries) <= square_max, "a clipped vector is too long");
  return entries;
}

} // namespace godwit
