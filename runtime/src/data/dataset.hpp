// A classification data set in memory, and the part of one that a client owns.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

namespace godwit {

/// Labelled examples. Features are either bytes (meaning byte / 255) or floats, never both.
struct dataset {
  std::vector<std::uint32_t> shape; ///< of one example, e.g. {28, 28} or {60}
  std::uint32_t class_count = 0;    ///< labels are 0 ..< class_count, at most 256
  std::vector<std::uint8_t> pixels; ///< [size, feature_count]; empty when `values` is used
  std::vector<float> values;        ///< [size, feature_count]; empty when `pixels` is used
  std::vector<std::uint8_t> labels; ///< [size]
  std::vector<std::uint32_t>
      keys; ///< [size] or empty: the natural owner of each example (speaker, device)

  std::size_t size() const noexcept { return labels.size(); }
  std::size_t feature_count() const noexcept {
    std::size_t count = 1;
    for (auto extent : shape)
      count *= extent;
    return count;
  }
};

/// Some rows of a data set: what one client holds. Shares the data, owns the list.
struct examples {
  std::shared_ptr<const dataset> data;
  std::vector<std::uint32_t> rows;
  std::size_t size() const noexcept { return rows.size(); }
};

} // namespace godwit
