// What do the two ends of a simulated mailbox write down, and what is left of it when they are
// killed?
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <deque>
#include <optional>
#include <random>
#include <vector>

#include <godwit/actors/machines/mailbox.hpp>

namespace godwit::mailbox_simulation {

using namespace godwit::mailbox;

/// A journal: what is durable, and what is on its way to the disk.
template <class Record>
class paper {
public:
  void add(Record x) { waiting_.push_back(std::move(x)); }
  /// Hands what waits to the disk. Whether there is anything and the disk is free.
  bool begin() {
    if (writing_ > 0 || waiting_.empty())
      return false;
    writing_ = waiting_.size();
    return true;
  }
  /// The disk is done. Returns what has just become durable.
  std::vector<Record> end() {
    auto done = cut(writing_);
    writing_ = 0;
    return done;
  }
  /// The node is killed: of what was on its way, a part is durable and nobody knows which.
  std::vector<Record> kill(std::mt19937_64& chance) {
    auto done = cut(writing_ > 0 ? chance() % (writing_ + 1) : 0);
    waiting_.clear();
    writing_ = 0;
    return done;
  }

private:
  std::vector<Record> cut(std::size_t count) {
    const auto end = waiting_.begin() + static_cast<std::ptrdiff_t>(count);
    std::vector<Record> done(waiting_.begin(), end);
    waiting_.erase(waiting_.begin(), end);
    return done;
  }
  std::deque<Record> waiting_;
  std::size_t writing_ = 0; ///< of the waiting ones
};

inline bytes content_with(std::uint64_t message) {
  bytes made(sizeof message);
  std::memcpy(made.data(), &message, sizeof message);
  return made;
}
inline std::uint64_t message_in(bytes_view content) {
  std::uint64_t message = 0;
  std::memcpy(&message, content.data(), sizeof message);
  return message;
}

struct sender_record {
  std::optional<letter> put;
  std::uint64_t acknowledged = 0, dropped = 0; ///< numbers; 0: no such record
};

struct receiver_record {
  std::uint64_t number = 0;
  std::uint64_t message = 0;
};

/// What a node finds when it starts again: the journal, read into one.
struct sender_disk {
  std::deque<letter> letters;
  std::uint64_t newest = 0, acknowledged = 0;
  std::vector<std::uint64_t> said; ///< the messages of all letters that were ever durable

  void add(const sender_record& x) {
    if (x.put) {
      newest = x.put->number;
      letters.push_back(*x.put);
      said.push_back(message_in(x.put->content));
    }
    acknowledged = std::max(acknowledged, x.acknowledged);
    while (!letters.empty() &&
           (letters.front().number <= acknowledged || letters.front().number == x.dropped))
      letters.pop_front();
  }
};

} // namespace godwit::mailbox_simulation
