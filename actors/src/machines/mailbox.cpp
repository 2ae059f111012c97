#include <godwit/actors/machines/mailbox.hpp>

#include <algorithm>
#include <iterator>
#include <utility>

#include <godwit/messages/check.hpp>

namespace godwit::mailbox {
namespace {

constexpr std::uint32_t bytes_limit = 1U << 30;

} // namespace

std::string_view name(drop_reason why) noexcept {
  constexpr std::string_view names[] = {"too_many_bytes", "too_many", "too_old"};
  return names[static_cast<std::size_t>(why)];
}

// -- the sending end

outgoing::outgoing(const plan& rules) : rules_(&rules) {
  GODWIT_CHECK(rules.window_count > 0, "a mailbox without a window never sends");
  GODWIT_CHECK(rules.bytes_max <= bytes_limit, "a mailbox counts its bytes in 32 bits");
}

outgoing::outgoing(const plan& rules, outgoing_past past) : outgoing(rules) {
  newest_ = std::max(past.newest, past.acknowledged);
  for (auto& one : past.letters) {
    if (one.number <= past.acknowledged)
      continue;
    GODWIT_CHECK(letters_.empty() || letters_.back().held.number < one.number,
                 "letters were restored out of order");
    newest_ = std::max(newest_, one.number);
    bytes_ += static_cast<std::uint32_t>(one.content.size());
    letters_.push_back({std::move(one), {}});
  }
  stored_ = newest_;
}

posted outgoing::put(std::uint16_t kind, bytes content, instant now) {
  GODWIT_CHECK(content.size() <= rules_->bytes_max, "a letter is larger than its mailbox");
  posted made{.number = ++newest_, .dropped = {}};
  bytes_ += static_cast<std::uint32_t>(content.size());
  letters_.push_back({{made.number, kind, std::move(content), now}, {}});
  keep_bounds(now, made.dropped);
  return made;
}

std::vector<departure> outgoing::stored(std::uint64_t number, instant now) {
  GODWIT_CHECK(number <= newest_, "a letter was stored that nobody has put");
  stored_ = std::max(stored_, number);
  return fill_window(now);
}

std::vector<letter> outgoing::pending() const {
  std::vector<letter> all;
  for (std::size_t i = 0; i < pending_count(); ++i)
    all.push_back(at(i).held);
  return all;
}

result<std::vector<departure>> outgoing::connected(std::uint64_t heard, instant now) {
  if (!may_answer(heard))
    return refusal::malformed;
  is_connected_ = true;
  in_flight_ = 0;
  flight_bytes_ = 0;
  forget_up_to(heard);
  return fill_window(now);
}

void outgoing::disconnected() noexcept {
  is_connected_ = false;
  in_flight_ = 0;
  flight_bytes_ = 0;
}

result<std::vector<departure>> outgoing::heard(std::uint64_t number, instant now) {
  if (!may_answer(number))
    return refusal::malformed;
  forget_up_to(number);
  return fill_window(now);
}

chores outgoing::look_after(instant now) {
  chores made;
  keep_bounds(now, made.dropped);
  for (std::size_t i = 0; i < in_flight_; ++i)
    if (now - at(i).sent_at >= again_after)
      made.again.push_back(depart(i, now));
  // What was dropped may have made room for letters that had to wait.
  auto more = fill_window(now);
  std::move(more.begin(), more.end(), std::back_inserter(made.again));
  return made;
}

std::optional<instant> outgoing::wake_at() const noexcept {
  if (pending_count() == 0)
    return {};
  auto when = at(0).held.put_at + rules_->age_max;
  for (std::size_t i = 0; i < in_flight_; ++i)
    when = std::min(when, at(i).sent_at + again_after);
  return when;
}

departure outgoing::depart(std::size_t index, instant now) {
  auto& one = at(index);
  one.sent_at = now;
  // The first may always be taken: what was before it has arrived or was given up.
  const auto previous = index == 0 ? 0 : at(index - 1).held.number;
  return {{one.held.number, previous}, one.held.kind, one.held.content};
}

std::vector<departure> outgoing::fill_window(instant now) {
  std::vector<departure> out;
  if (!is_connected_)
    return out;
  while (in_flight_ < pending_count() && in_flight_ < rules_->window_count) {
    const auto& next = at(in_flight_).held;
    const auto size = static_cast<std::uint32_t>(next.content.size());
    const bool fits = in_flight_ == 0 || flight_bytes_ + size <= rules_->window_bytes;
    if (next.number > stored_ || !fits)
      break;
    out.push_back(depart(in_flight_, now));
    ++in_flight_;
    flight_bytes_ += size;
  }
  return out;
}

void outgoing::keep_bounds(instant now, std::vector<drop>& dropped) {
  while (pending_count() > 0) {
    const auto& oldest = at(0).held;
    std::optional<drop_reason> why;
    if (bytes_ > rules_->bytes_max)
      why = drop_reason::too_many_bytes;
    else if (pending_count() > rules_->count_max)
      why = drop_reason::too_many;
    else if (now - oldest.put_at >= rules_->age_max)
      why = drop_reason::too_old;
    if (!why)
      return;
    dropped.push_back({oldest.number, oldest.kind, *why});
    forget_first();
  }
}

void outgoing::forget_first() noexcept {
  auto& oldest = at(0).held;
  const auto size = static_cast<std::uint32_t>(oldest.content.size());
  bytes_ -= size;
  if (in_flight_ > 0) {
    --in_flight_;
    flight_bytes_ -= size;
  }
  oldest.content = {};
  ++first_;
  if (first_ == letters_.size()) {
    std::vector<entry>().swap(letters_); // an idle mailbox holds no memory
    first_ = 0;
  } else if (first_ > letters_.size() / 2) { // each letter is moved once on average
    letters_.erase(letters_.begin(), letters_.begin() + first_);
    first_ = 0;
  }
}

void outgoing::forget_up_to(std::uint64_t number) noexcept {
  while (pending_count() > 0 && at(0).held.number <= number)
    forget_first();
}

// -- the receiving end

result<verdict> incoming::take(mailbox_id id, stamp place) {
  if (id == 0 || place.number <= place.previous)
    return refusal::malformed;
  const bool is_other = id != id_;
  const auto heard = is_other ? 0 : heard_;
  if (place.number <= heard)
    return verdict::known;
  if (place.previous > heard)
    return verdict::gap;
  if (is_other)
    kept_ = 0;
  id_ = id;
  heard_ = place.number;
  return is_other ? verdict::anew : verdict::fresh;
}

void incoming::kept(mailbox_id id, std::uint64_t number) noexcept {
  if (id == id_ && number <= heard_)
    kept_ = std::max(kept_, number);
}

} // namespace godwit::mailbox
