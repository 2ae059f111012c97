// Bytes: the one spelling for raw data, and a shared, immutable block for what is encoded once and
// sent often.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace godwit {

using bytes = std::vector<std::byte>;
using bytes_view = std::span<const std::byte>;

/// A SHA-256 digest.
using sha256_digest = std::array<std::byte, 32>;

/// Read-only bytes that many owners share: a model release is encoded once a round, not once an
/// edge.
class shared_bytes {
public:
  shared_bytes() = default;
  explicit shared_bytes(bytes content) {
    auto held = std::make_shared<const bytes>(std::move(content));
    view_ = bytes_view(*held);
    owner_ = std::move(held);
  }
  /// Shares ownership of anything that keeps `view` alive.
  shared_bytes(std::shared_ptr<const void> owner, bytes_view view)
      : owner_(std::move(owner)), view_(view) {}
  bytes_view view() const noexcept { return view_; }
  std::size_t size() const noexcept { return view_.size(); }
  bool empty() const noexcept { return view_.empty(); }
  /// The part [offset, offset + count), sharing the same owner. The range must lie inside.
  shared_bytes part(std::size_t offset, std::size_t count) const {
    return {owner_, view_.subspan(offset, count)};
  }

private:
  std::shared_ptr<const void> owner_;
  bytes_view view_;
};

inline bytes_view as_bytes(std::string_view text) noexcept {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}

inline std::string as_text(bytes_view content) {
  return {reinterpret_cast<const char*>(content.data()), content.size()};
}

/// Lower-case hexadecimal.
std::string hex(bytes_view content);

} // namespace godwit
