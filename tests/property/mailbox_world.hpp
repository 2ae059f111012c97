// How do two ends of a mailbox live with a network that loses, disks that take their time, and
// kills? In virtual time, from one seed, with bugs that can be planted.
#pragma once

#include <algorithm>
#include <cstdint>
#include <queue>
#include <random>
#include <set>
#include <string>
#include <vector>

#include <godwit/actors/machines/mailbox.hpp>

#include "property/mailbox_paper.hpp"

namespace godwit::mailbox_simulation {

using namespace std::chrono_literals;

/// What a node may get wrong. Each must be noticed.
enum class bug { none, acknowledges_early, forgets_what_it_took, sends_early, forgets_its_numbers };

struct schedule {
  std::uint64_t message_count = 0;
  int kill_count = 0; ///< of each end
  plan rules;
  bug planted = bug::none;
  bool floods = false; ///< says more than the mailbox holds
};

constexpr mailbox_id mailbox_name = 77;
/// A message is its index and the sender's life in which it was said: what is said again after a
/// crash is told from what was lost.
constexpr std::uint64_t lives_max = 1000;

/// One mailbox: a sender, a receiver, and the network between them, in virtual time.
class world {
public:
  world(std::uint64_t seed, schedule s)
      : chance_(seed), schedule_(std::move(s)), out_(schedule_.rules) {
    at(0s, {.what = event::join});
    for (int i = 0; i < schedule_.kill_count; ++i)
      for (const auto what : {event::kill_sender, event::kill_receiver})
        at(up_to(lifetime()), {.what = what});
  }

  /// Runs to the end. Returns what was wrong, or nothing.
  std::string run() {
    say_more();
    while (!events_.empty() && wrong_.empty()) {
      auto next = events_.top();
      events_.pop();
      now_ = next.when;
      handle(next);
      check_bounds();
      if (now_ > lifetime() + 1000h)
        wrong_ = "it hangs";
    }
    check_end();
    return wrong_;
  }

  std::size_t arrived_count() const { return arrived_.size(); }
  std::size_t dropped_count() const { return dropped_.size(); }
  std::uint64_t sent_count() const { return sent_count_; }
  int kills() const { return kills_; }
  int broken_links() const { return broken_links_; }

private:
  struct event {
    enum kind : std::uint8_t {
      join, ///< the link is there
      part, ///< and gone
      letter_arrives,
      acknowledgement_arrives,
      sender_disk_done,
      receiver_disk_done,
      wake,
      say,
      kill_sender,
      kill_receiver
    } what{};
    std::uint64_t life = 0; ///< of the node or the link that it is for; means nothing to packets
    stamp place{};
    std::uint64_t value = 0; ///< the message, or the acknowledged number
    instant when{};
    std::uint64_t order = 0;
    friend bool operator<(const event& a, const event& b) {
      return std::pair(a.when, a.order) > std::pair(b.when, b.order); // the earliest on top
    }
  };

  std::uint64_t pick(std::uint64_t below) { return chance_() % below; }
  bool happens(std::uint64_t percent) { return pick(100) < percent; }
  duration up_to(duration max) {
    return duration(static_cast<duration::rep>(pick(static_cast<std::uint64_t>(max.count()))));
  }
  /// Not longer than the messages take, so that the kills fall among them.
  duration lifetime() const {
    return again_after * static_cast<duration::rep>(5 + schedule_.message_count / 4);
  }

  void at(instant when, event x) {
    x.when = when;
    x.order = ++order_;
    events_.push(x);
  }
  void after(duration delay, event x) { at(now_ + delay, x); }

  /// 30 % are lost, 10 % doubled; some overtake others, and a few come very late.
  void transmit(const event& x) {
    if (happens(30))
      return;
    const int copies = happens(10) ? 2 : 1;
    for (int i = 0; i < copies; ++i) {
      auto delay = duration(20ms);
      if (happens(10))
        delay += up_to(300ms);
      if (pick(1000) == 0)
        delay += up_to(60s);
      after(delay, x);
    }
  }

  void send(const std::vector<departure>& letters) {
    for (const auto& one : letters) {
      ++sent_count_;
      transmit(
          {.what = event::letter_arrives, .place = one.place, .value = message_in(one.content)});
    }
  }
  void send(const result<std::vector<departure>>& letters) {
    if (letters)
      send(*letters);
    else
      wrong_ = "an acknowledgement of what was never sent";
  }

  // -- the sender's shell

  void say_more() {
    const auto burst = 1 + pick(schedule_.floods ? 64 : 8);
    for (std::uint64_t i = 0; i < burst && said_ < schedule_.message_count; ++i) {
      if (!schedule_.floods && out_.pending_count() >= schedule_.rules.count_max)
        break;
      auto content = content_with(said_ * lives_max + sender_life_);
      auto [number, dropped] = out_.put(1, content, now_);
      sender_paper_.add({.put = letter{number, 1, std::move(content), now_}});
      note_drops(dropped);
      ++said_;
      if (schedule_.planted == bug::sends_early)
        send(out_.stored(number, now_));
    }
    if (said_ < schedule_.message_count && !is_saying_) {
      is_saying_ = true;
      after(up_to(20s), {.what = event::say, .life = sender_life_});
    }
    write_sender();
    wake_later();
  }
  void note_drops(const std::vector<drop>& dropped) {
    for (const auto& one : dropped) {
      dropped_.insert(one.number);
      sender_paper_.add({.put = {}, .dropped = one.number});
    }
  }
  void write_sender() {
    if (sender_paper_.begin())
      after(disk_time(), {.what = event::sender_disk_done, .life = sender_life_});
  }
  void wake_later() {
    const auto when = out_.wake_at();
    if (!when || (next_wake_ > now_ && next_wake_ <= *when))
      return;
    next_wake_ = *when;
    at(std::max(*when, now_), {.what = event::wake, .life = sender_life_});
  }
  void sender_is_durable() {
    std::uint64_t newest = 0;
    for (const auto& x : sender_paper_.end()) {
      sender_disk_.add(x);
      newest = std::max(newest, x.put ? x.put->number : 0);
    }
    send(out_.stored(newest, now_));
    write_sender();
    wake_later();
  }
  void hear_acknowledgement(std::uint64_t number) {
    const auto before = out_.pending_count();
    send(out_.heard(number, now_));
    note_acknowledged(number, before);
  }
  void note_acknowledged(std::uint64_t number, std::size_t pending_before) {
    if (out_.pending_count() != pending_before)
      sender_paper_.add({.put = {}, .acknowledged = number});
    write_sender();
    wake_later();
  }
  void look_after() {
    const auto now = out_.look_after(now_);
    note_drops(now.dropped);
    send(now.again);
    write_sender();
    wake_later();
  }
  void kill_sender() {
    for (const auto& x : sender_paper_.kill(chance_))
      sender_disk_.add(x);
    outgoing_past past{.letters = {sender_disk_.letters.begin(), sender_disk_.letters.end()},
                       .newest = sender_disk_.newest,
                       .acknowledged = sender_disk_.acknowledged};
    if (schedule_.planted == bug::forgets_its_numbers)
      past.newest = past.acknowledged = 0;
    out_ = outgoing(schedule_.rules, std::move(past));
    said_ = sender_disk_.said.size(); // what was not durable is said again
    is_saying_ = false;
    next_wake_ = {};
    ++sender_life_;
    after(100ms, {.what = event::join});
    look_after();
    say_more();
  }

  // -- the receiver's shell

  void hear_letter(const event& x) {
    const auto taken = in_.take(mailbox_name, x.place);
    if (!taken) {
      wrong_ = "a stamp was refused";
      return;
    }
    if (*taken == verdict::fresh || *taken == verdict::anew) {
      receiver_paper_.add({x.place.number, x.value});
      write_receiver();
    }
    if (*taken == verdict::known || schedule_.planted == bug::acknowledges_early)
      acknowledge();
  }
  void acknowledge() {
    const auto number = schedule_.planted == bug::acknowledges_early
                            ? in_.heard()
                            : in_.acknowledgement(mailbox_name);
    transmit({.what = event::acknowledgement_arrives, .value = number});
  }
  void write_receiver() {
    if (receiver_paper_.begin())
      after(disk_time(), {.what = event::receiver_disk_done, .life = receiver_life_});
  }
  void receiver_is_durable() {
    for (const auto& x : receiver_paper_.end()) {
      take_effect(x);
      in_.kept(mailbox_name, x.number);
    }
    acknowledge();
    write_receiver();
  }
  void kill_receiver() {
    for (const auto& x : receiver_paper_.kill(chance_))
      take_effect(x);
    const bool forgets = schedule_.planted == bug::forgets_what_it_took;
    in_ = forgets ? incoming() : incoming(mailbox_name, kept_);
    ++receiver_life_;
    after(100ms, {.what = event::join});
  }
  void take_effect(const receiver_record& x) {
    kept_ = x.number;
    const auto message = x.message / lives_max;
    const auto next = arrived_.empty() ? 0 : arrived_.back() + 1;
    if (message < next)
      wrong_ = "doubled or out of order";
    else if (message > next && !schedule_.floods)
      wrong_ = "lost";
    else if (message >= sender_disk_.said.size() || sender_disk_.said[message] != x.message)
      wrong_ = "a letter has come that was never kept";
    arrived_.push_back(message);
  }

  // -- the world

  duration disk_time() { return up_to(happens(10) ? duration(10s) : duration(50ms)); }

  void join() {
    const auto before = out_.pending_count();
    const auto number = in_.acknowledgement(mailbox_name);
    send(out_.connected(number, now_));
    note_acknowledged(number, before);
    // Links break by themselves too; what is on its way then may still arrive.
    after(10s + up_to(600s), {.what = event::part, .life = ++link_});
  }
  void part() {
    ++broken_links_;
    out_.disconnected();
    after(up_to(30s), {.what = event::join});
  }
  bool is_over() const { return said_ == schedule_.message_count && out_.pending_count() == 0; }

  void handle(const event& x) {
    switch (x.what) {
    case event::join:
      return is_over() ? void() : join();
    case event::part:
      return x.life == link_ && !is_over() ? part() : void();
    case event::letter_arrives:
      return hear_letter(x);
    case event::acknowledgement_arrives:
      return hear_acknowledgement(x.value);
    case event::sender_disk_done:
      return x.life == sender_life_ ? sender_is_durable() : void();
    case event::receiver_disk_done:
      return x.life == receiver_life_ ? receiver_is_durable() : void();
    case event::wake:
      return x.life == sender_life_ && x.when == next_wake_ ? look_after() : void();
    case event::say:
      if (x.life != sender_life_)
        return;
      is_saying_ = false;
      return say_more();
    case event::kill_sender:
      ++kills_;
      return kill_sender();
    case event::kill_receiver:
      ++kills_;
      return kill_receiver();
    }
  }

  void check_bounds() {
    const auto& rules = schedule_.rules;
    if (out_.pending_count() > rules.count_max || out_.pending_bytes() > rules.bytes_max ||
        out_.in_flight_count() > rules.window_count)
      wrong_ = "over a bound";
  }
  void check_end() {
    if (!wrong_.empty())
      return;
    if (!is_over())
      wrong_ = "it stopped before its end";
    else if (arrived_.size() + dropped_.size() < schedule_.message_count)
      wrong_ = "lost";
    const std::set<std::uint64_t> arrived(arrived_.begin(), arrived_.end());
    for (std::uint64_t i = 0; i < schedule_.message_count; ++i)
      if (!arrived.contains(i) && !dropped_.contains(i + 1)) // the first message has the number 1
        wrong_ = "lost without a word";
  }

  std::mt19937_64 chance_;
  const schedule schedule_;
  std::priority_queue<event> events_;
  instant now_{};
  std::uint64_t order_ = 0, link_ = 0;
  std::string wrong_;

  outgoing out_;
  paper<sender_record> sender_paper_;
  sender_disk sender_disk_;
  std::uint64_t said_ = 0, sender_life_ = 1;
  bool is_saying_ = false;
  instant next_wake_{};

  incoming in_;
  paper<receiver_record> receiver_paper_;
  std::uint64_t kept_ = 0, receiver_life_ = 1;
  std::vector<std::uint64_t> arrived_;

  std::set<std::uint64_t> dropped_;
  std::uint64_t sent_count_ = 0;
  int kills_ = 0, broken_links_ = 0;
};

} // namespace godwit::mailbox_simulation
