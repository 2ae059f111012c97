// Where do secret numbers lie while they are worked with? In memory that is wiped when it is given
// back.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <godwit/messages/secret.hpp>

namespace godwit::rlwe {

template <class T>
class secret_array {
public:
  explicit secret_array(std::size_t count) : held_(count) {}
  secret_array(const secret_array&) = delete;
  secret_array& operator=(const secret_array&) = delete;
  secret_array(secret_array&&) = default;
  secret_array& operator=(secret_array&&) = delete;
  ~secret_array() { wipe(std::as_writable_bytes(std::span(held_))); }
  T* data() noexcept { return held_.data(); }
  const T* data() const noexcept { return held_.data(); }
  std::size_t size() const noexcept { return held_.size(); }
  std::span<T> span() noexcept { return held_; }

private:
  std::vector<T> held_;
};

using secret_words = secret_array<std::uint64_t>;

} // namespace godwit::rlwe
