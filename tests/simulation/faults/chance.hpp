// Where does all chance of a simulated flock come from? One seed, and a stream of it for each
// purpose.
#pragma once

#include <chrono>
#include <cstdint>
#include <random>
#include <string_view>

#include <godwit/messages/time.hpp>

namespace godwit::faults {

/// A number in whose place any change of any byte gives another: for traces and for streams.
inline std::uint64_t mixed(std::uint64_t so_far, std::uint64_t more) noexcept {
  auto bits = so_far ^ (more + 0x9e3779b97f4a7c15 + (so_far << 6) + (so_far >> 2));
  bits = (bits ^ (bits >> 30)) * 0xbf58476d1ce4e5b9;
  bits = (bits ^ (bits >> 27)) * 0x94d049bb133111eb;
  return bits ^ (bits >> 31);
}

inline std::uint64_t mixed(std::uint64_t so_far, std::string_view more) noexcept {
  for (const auto each : more)
    so_far = (so_far ^ static_cast<unsigned char>(each)) * 0x100000001b3;
  return mixed(so_far, more.size());
}

/// A closed range, in whatever its user counts.
struct range {
  double least = 0;
  double most = 0;
};

/// One stream of draws.
class chance {
public:
  chance(std::uint64_t seed, std::string_view purpose) : bits_(mixed(seed, purpose)) {}

  std::uint64_t number() { return bits_(); }
  /// In [0, bound); 0 where the bound is 0.
  std::uint64_t below(std::uint64_t bound) { return bound == 0 ? 0 : bits_() % bound; }
  bool is(double share) { return real() < share; }
  double real() { return static_cast<double>(bits_() >> 11) * 0x1.0p-53; }
  std::uint64_t whole(const range& in) {
    return static_cast<std::uint64_t>(in.least) +
           below(static_cast<std::uint64_t>(in.most - in.least) + 1);
  }
  /// A range of seconds.
  duration span(const range& seconds) {
    return std::chrono::nanoseconds(
        static_cast<std::int64_t>(1e9 * (seconds.least + real() * (seconds.most - seconds.least))));
  }

private:
  std::mt19937_64 bits_;
};

} // namespace godwit::faults
