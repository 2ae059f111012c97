// How long to wait before dialling again? Doubling pauses, shortened by chance so that a flock does
// not come back at once.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <random>

namespace godwit::transport {

/// The pauses between attempts: min, 2 min, 4 min … max, each shortened by up to a half (Brooker
/// 2015, "equal jitter").
class backoff {
public:
  backoff(std::chrono::milliseconds min, std::chrono::milliseconds max, std::uint64_t seed)
      : min_(std::max(min, std::chrono::milliseconds{1})), max_(std::max(max, min_)), pause_(min_),
        chance_(seed) {}

  /// The next pause: in [p / 2, p] for the current p, which then doubles up to the maximum.
  std::chrono::milliseconds next() {
    const auto whole = static_cast<std::uint64_t>(pause_.count());
    pause_ = pause_ > max_ / 2 ? max_ : pause_ * 2;
    const auto half = whole / 2;
    return std::chrono::milliseconds{
        static_cast<std::int64_t>(half + chance_() % (whole - half + 1))};
  }
  /// The next pause is the first again.
  void restart() noexcept { pause_ = min_; }

private:
  std::chrono::milliseconds min_, max_, pause_;
  std::mt19937_64 chance_;
};

} // namespace godwit::transport
