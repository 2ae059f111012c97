#include "simulation/side_by_side.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>

namespace godwit::simulated {

std::vector<examples> side_by_side(const std::vector<examples>& parts) {
  const auto& all = *parts.front().data;
  const auto width = all.feature_count();
  std::size_t count = 0;
  for (const auto& part : parts)
    count += part.size();
  auto packed = std::make_shared<dataset>();
  packed->shape = all.shape;
  packed->class_count = all.class_count;
  packed->labels.reserve(count);
  (all.pixels.empty() ? packed->values.reserve(count * width)
                      : packed->pixels.reserve(count * width));
  const auto append = [width](auto& to, const auto& from, std::size_t row) {
    const auto first = from.begin() + static_cast<std::ptrdiff_t>(row * width);
    to.insert(to.end(), first, first + static_cast<std::ptrdiff_t>(width));
  };
  std::vector<examples> made;
  made.reserve(parts.size());
  for (const auto& part : parts) {
    auto& mine = made.emplace_back(examples{.data = packed, .rows = {}});
    for (const auto row : part.rows) {
      mine.rows.push_back(static_cast<std::uint32_t>(packed->labels.size()));
      packed->labels.push_back(all.labels[row]);
      if (all.pixels.empty())
        append(packed->values, all.values, row);
      else
        append(packed->pixels, all.pixels, row);
    }
  }
  return made;
}

} // namespace godwit::simulated
