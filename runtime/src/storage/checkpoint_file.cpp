#include "storage/checkpoint_file.hpp"

#include <array>
#include <cstddef>

namespace godwit {

attempt<std::optional<checkpoint>> checkpoint_file::load() const {
  const auto there = disk_->exists(checkpoint_name);
  if (!there)
    return there.why();
  if (!*there)
    return std::optional<checkpoint>{};
  const auto size = disk_->size(checkpoint_name);
  if (!size)
    return size.why();
  bytes content(static_cast<std::size_t>(*size));
  if (auto got = disk_->read(checkpoint_name, 0, content); !got)
    return got.why();
  auto state = decode_checkpoint(content);
  if (!state)
    return failure{.code = state.why().code,
                   .detail = disk_->path(checkpoint_name) + ": " + state.why().detail};
  return std::optional<checkpoint>(std::move(*state));
}

attempt<done> checkpoint_file::save(const checkpoint& state, std::span<const float> parameters) {
  const auto parts = encode_in_parts(state, parameters);
  return disk_->replace(checkpoint_name,
                        std::array<bytes_view, 3>{parts.before, parts.parameters, parts.after});
}

} // namespace godwit
