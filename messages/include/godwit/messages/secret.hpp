// A value that cannot be printed, compared or serialised, and is wiped when it is dropped.
#pragma once

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include <godwit/messages/bytes.hpp>

namespace godwit {

/// Overwrites memory in a way that the compiler may not leave out.
void wipe(std::span<std::byte> memory) noexcept;

/// Secret bytes. There is no formatter, no ==, no fields; `reveal` is what a reviewer greps for.
class secret {
public:
  secret() = default;
  explicit secret(bytes content) : held_(std::move(content)) {}
  secret(secret&& other) noexcept : held_(std::exchange(other.held_, {})) {}
  secret& operator=(secret&& other) noexcept {
    if (this != &other) {
      wipe(held_);
      held_ = std::exchange(other.held_, {});
    }
    return *this;
  }
  secret(const secret&) = delete;
  secret& operator=(const secret&) = delete;
  ~secret() { wipe(held_); }
  bytes_view reveal() const noexcept { return held_; }
  bool empty() const noexcept { return held_.empty(); }

private:
  bytes held_;
};

} // namespace godwit
