// How fast are simulated devices, and when does one vanish?
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include <godwit/messages/ids.hpp>
#include <godwit/messages/time.hpp>

namespace godwit::simulated {

/// One device's speeds, the same in all rounds.
struct device {
  double operations_per_second = 0; ///< floating-point operations of training
  double bytes_per_second = 0;      ///< of its link, either way
};

/// One kind of device. Both speeds are lognormal; a sigma is the standard deviation of the
/// logarithm.
struct device_profile {
  double operations_median = 0, operations_sigma = 0; ///< floating-point operations a second
  double bytes_median = 0, bytes_sigma = 0;           ///< bytes a second
};

/// One of the kinds that a configuration names:
/// phones: 10 GFLOP/s with sigma 0.6, the spread that Lai et al. 2021, "Oort", draw from AI
/// Benchmark; 5 Mbit/s with sigma 1, mobile links as in MobiPerf.
/// uniform: all are the median phone.
/// iot: assumed a tenth of a phone, on LTE-M of at most 1 Mbit/s (3GPP release 13, category M1).
/// workstations: assumed ten phones, on Ethernet of 100 Mbit/s (IEEE 802.3u) that others use too.
device_profile profile_of(std::string_view name);

/// The flock's devices. Both speeds are cut at two sigmas, since the slowest phones are not asked.
/// A pass through a network of p parameters counts 2 p operations an example, a training step three
/// times that. All draws are functions of the seed, the client and the round.
class devices {
public:
  /// `drop_out`: the chance that an invited client vanishes, 0 ..< 1. `model_scale`: the model
  /// counts as so many times as large.
  devices(std::uint64_t seed, std::uint64_t parameter_count, double drop_out,
          const device_profile& kind = profile_of("phones"), double model_scale = 1)
      : seed_(seed), parameter_count_(parameter_count), drop_out_(drop_out), kind_(kind),
        model_scale_(model_scale) {}

  device of(std::uint32_t client) const;

  duration training(const device&, std::uint64_t example_count, std::uint32_t epochs) const;
  duration evaluating(const device&, std::uint64_t example_count) const;
  /// The model down, or an update up: float32.
  duration transfer(const device&) const;
  /// What the model, or an update, of so many bytes counts as.
  std::uint64_t traffic(std::uint64_t bytes) const;
  /// A message there and its answer back.
  duration round_trip() const noexcept { return std::chrono::milliseconds(80); }

  /// After which part of its work in this round the client vanishes, [0, 1); nothing: it stays.
  std::optional<double> vanishes_after(std::uint32_t client, round_id round) const;

private:
  std::uint64_t seed_;
  std::uint64_t parameter_count_;
  double drop_out_;
  device_profile kind_;
  double model_scale_;
};

} // namespace godwit::simulated
