// How fast are simulated devices, and when does one vanish?
#pragma once

#include <cstdint>
#include <optional>

#include <godwit/messages/ids.hpp>
#include <godwit/messages/time.hpp>

namespace godwit::simulated {

/// One device's speeds, the same in all rounds.
struct device {
  double operations_per_second = 0; ///< floating-point operations of training
  double bytes_per_second = 0;      ///< of its link, either way
};

/// The flock's devices. Computing power is lognormal around 10 GFLOP/s with sigma 0.6 (the spread
/// that Lai et al. 2021, "Oort", draw from AI Benchmark), bandwidth is lognormal around 5 Mbit/s
/// with sigma 1 (mobile links as in MobiPerf); both are cut at two sigmas, since the slowest phones
/// are not asked. A pass through a network of p parameters counts 2 p operations an example, a
/// training step three times that. All draws are functions of the seed, the client and the round.
class devices {
public:
  /// `drop_out`: the chance that an invited client vanishes, 0 ..< 1.
  devices(std::uint64_t seed, std::uint64_t parameter_count, double drop_out)
      : seed_(seed), parameter_count_(parameter_count), drop_out_(drop_out) {}

  device of(std::uint32_t client) const;

  duration training(const device&, std::uint64_t example_count, std::uint32_t epochs) const;
  duration evaluating(const device&, std::uint64_t example_count) const;
  /// The model down, or an update up: float32.
  duration transfer(const device&) const;
  /// A message there and its answer back.
  duration round_trip() const noexcept { return std::chrono::milliseconds(80); }

  /// After which part of its work in this round the client vanishes, [0, 1); nothing: it stays.
  std::optional<double> vanishes_after(std::uint32_t client, round_id round) const;

private:
  std::uint64_t seed_;
  std::uint64_t parameter_count_;
  double drop_out_;
};

} // namespace godwit::simulated
