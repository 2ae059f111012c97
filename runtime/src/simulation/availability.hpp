// When is a device idle and connected? A process of two states whose rates follow the day.
#pragma once

#include <cstdint>

#include <godwit/messages/time.hpp>

#include "data/random.hpp"

namespace godwit::simulated {

/// What to add to the virtual time to get a client's time of day: the run begins at noon in the
/// first of four time zones that lie an hour apart.
duration time_of_day_offset(std::uint64_t seed, std::uint32_t client);

/// The chance that a device is there at this time of its day: 15 % on average, highest at 02:30 at
/// night, lowest at 14:30. All four zones together swing by 4 to 1 (Bonawitz et al. 2019, section
/// 9). The curve is of two parabolas, because a cosine's bits differ between C libraries.
double chance_to_be_there(duration time_of_day);

/// One device's comings and goings, a function of the seed and the client. At every moment it is
/// there with exactly the chance above, and it forgets where it was within an hour (assumed): it
/// stays for a bit more than an hour, and is away for seven on average.
class availability {
public:
  availability(std::uint64_t seed, std::uint32_t client);

  bool is_there() const noexcept { return is_there_; }
  /// When that changes.
  instant changes_at() const noexcept { return changes_at_; }
  /// It changes, now.
  void change();

private:
  void foresee();

  random_stream random_;
  duration offset_;
  bool is_there_;
  instant changes_at_{};
};

} // namespace godwit::simulated
