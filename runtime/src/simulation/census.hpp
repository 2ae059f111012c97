// How many devices were there in the course of a run? Counted every ten minutes.
#pragma once

#include <cstdint>
#include <vector>

#include <godwit/messages/time.hpp>
#include <godwit/runtime/record.hpp>

namespace godwit::simulated {

/// Keeps at most `count_max` counts: a longer run is counted half as often, and every other count
/// is dropped.
class census {
public:
  static constexpr std::size_t count_max = 1024;

  void add(instant now, std::size_t connected, std::size_t able) {
    if (counts_.size() == count_max) {
      for (std::size_t i = 0; 2 * i < count_max; ++i)
        counts_[i] = counts_[2 * i];
      counts_.resize(count_max / 2);
      every_ *= 2;
    }
    counts_.push_back({.seconds = std::chrono::duration<double>(now).count(),
                       .connected = static_cast<std::uint32_t>(connected),
                       .able = static_cast<std::uint32_t>(able)});
  }
  /// From one count to the next.
  duration every() const noexcept { return every_; }
  const std::vector<presence_count>& counts() const noexcept { return counts_; }

private:
  std::vector<presence_count> counts_;
  duration every_ = std::chrono::minutes(10);
};

} // namespace godwit::simulated
