#include "archive.hpp"

#include <cstring>

namespace godwit {

void writing_archive::put(const void* data, std::size_t size) {
  const auto* first = static_cast<const std::byte*>(data);
  out_.insert(out_.end(), first, first + size);
}

void reading_archive::take(void* data, std::size_t size) {
  if (size > rest_.size())
    throw cereal::Exception("ends early");
  if (size > 0)
    std::memcpy(data, rest_.data(), size);
  rest_ = rest_.subspan(size);
}

} // namespace godwit
