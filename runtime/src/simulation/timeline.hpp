// What happens next, and when? The virtual clock and everything that is due.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include <godwit/messages/time.hpp>

namespace godwit::simulated {

/// What is due. The first three are alarms of the server's, the next ones a client's work in a
/// round; the last three belong to no round.
enum class happening : std::uint8_t {
  job_alarm,
  deadline,
  upload_due,
  invited,    ///< the invitation is there
  downloaded, ///< the model is there
  trained,
  uploaded,
  evaluated,
  vanished,
  comes_or_goes, ///< a device is idle and connected from now on, or no longer
  power_look,    ///< it looks at its battery
  census,        ///< those who are there are counted
};

/// Whether it is over with the round.
constexpr bool is_of_a_round(happening what) noexcept {
  return what < happening::comes_or_goes;
}

struct event {
  instant when{};
  std::uint64_t sequence = 0; ///< of two events at the same time the one foreseen first comes first
  std::uint32_t client = 0;   ///< its place in the flock
  std::uint32_t turn = 0;     ///< of the client: what it has given up since does not happen
  happening what = happening::job_alarm;
};

class timeline {
public:
  instant now() const noexcept { return now_; }
  bool is_empty() const noexcept { return events_.empty(); }

  /// Foresees an event; one that would be in the past happens now.
  void add(instant when, happening what, std::uint32_t client = 0, std::uint32_t turn = 0) {
    events_.push_back({std::max(when, now_), next_sequence_++, client, turn, what});
    std::push_heap(events_.begin(), events_.end(), is_later);
  }
  /// Moves the clock to the next event. There must be one.
  event next() {
    std::pop_heap(events_.begin(), events_.end(), is_later);
    const auto first = events_.back();
    events_.pop_back();
    now_ = first.when;
    return first;
  }
  /// Nothing of what was foreseen for the round happens.
  void clear() noexcept {
    std::erase_if(events_, [](const event& x) { return is_of_a_round(x.what); });
    std::make_heap(events_.begin(), events_.end(), is_later);
  }

private:
  static bool is_later(const event& one, const event& other) noexcept {
    return one.when != other.when ? one.when > other.when : one.sequence > other.sequence;
  }

  std::vector<event> events_; ///< a heap, the next one first
  instant now_{};
  std::uint64_t next_sequence_ = 0;
};

} // namespace godwit::simulated
