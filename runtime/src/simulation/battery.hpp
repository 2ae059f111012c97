// How full is a phone's battery? Drained by use and by training, filled by night.
#pragma once

#include <cstdint>

#include <godwit/messages/time.hpp>

namespace godwit::simulated {

/// One phone's battery, a function of the seed and the client. 15 Wh with sigma 0.25. In use it
/// takes 0.7 W on average, idle 0.07 W (the order of Carroll and Heiser 2010, "An analysis of power
/// consumption in a smartphone"), in training 3.5 W, and its charger gives 7.5 W (both assumed). It
/// goes to bed at about 22:00 of its own time and gets up at about 07:00, an hour more or less, and
/// is on its charger in between, in some nights.
class battery {
public:
  /// `charged_nights`: the share of the nights that are charged; before the run began it was 0.85.
  battery(std::uint64_t seed, std::uint32_t client, double charged_nights);

  /// What has happened up to `now`, which does not go back: it lay idle or was used by day, and
  /// trained for so long in between.
  void settle(instant now, bool lay_idle, duration trained);

  double percent() const noexcept { return held_ / capacity_ * 100; }
  bool is_charging() const noexcept { return is_night_ && is_charged_; }

private:
  struct night {
    duration from, until; ///< of the client's own time
    bool is_charged;
  };
  night night_of(std::int64_t day) const;
  void enter_next_piece();

  std::uint64_t seed_;
  std::uint32_t client_;
  double charged_nights_;
  duration offset_;
  double capacity_, held_; ///< watt hours
  instant at_;
  instant piece_ends_; ///< until then it is as it is: day, or a night
  bool is_night_ = false, is_charged_ = false;
};

} // namespace godwit::simulated
