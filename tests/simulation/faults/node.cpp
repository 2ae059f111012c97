#include "node.hpp"

#include <limits>

#include <fmt/format.h>

namespace godwit::faults {

node::node(std::string name, world& in)
    : world_(in), name_(std::move(name)), disk_(std::make_shared<simulated_disk>()) {
  disk_->lie_about_sync(in.plan.lies_about_sync);
}

attempt<opened_journal> node::open_journal() {
  return journal_file::open(disk_);
}

void node::start() {
  if (is_up_)
    return;
  ++turn_;
  is_alive_ = std::make_shared<bool>(true);
  world_.note("start " + name_);
  const auto begun = raise();
  is_up_ = begun.has_value();
  disturbed_at_ = world_.time.now();
  if (is_up_)
    return;
  *is_alive_ = false;
  const auto code = begun.why().code;
  world_.note(fmt::format("cannot start {}: {}", name_, begun.why().detail));
  if (code == failure_code::io || code == failure_code::no_space)
    return begin_again(std::chrono::seconds(1));
  if (!world_.plan.lies_about_sync)
    world_.complain(name_ + " refuses to start: " + begun.why().detail);
  refused(begun.why());
}

void node::begin_again(duration downtime) {
  world_.time.after(downtime, [this, turn = turn_] {
    if (turn == turn_)
      start();
  });
}

void node::kill(bool loses_power, duration downtime) {
  if (!is_up_)
    return;
  loses_power = loses_power || power_ends_at_; // its disk has none any more, or is about to
  world_.note((loses_power ? "power cut " : "kill ") + name_);
  ++turn_;
  is_up_ = false;
  is_suspended_ = false;
  suspensions_ = 0;
  *is_alive_ = false;
  end_actors(world_.draws.is(0.5) ? exit_kind::silent : exit_kind::reset);
  power_ends_at_.reset();
  if (loses_power) {
    disk_->crash(world_.draws.number());
    if (fails_ > 0)
      disk_->fail(std::numeric_limits<std::uint64_t>::max() / 2);
  }
  begin_again(downtime);
}

void node::lose_power_within(std::uint64_t step_count, duration downtime) {
  if (!is_up_ || power_ends_at_ || fails_ > 0)
    return;
  power_ends_at_ = disk_->step_count() + step_count;
  downtime_ = downtime;
  disk_->lose_power(step_count);
  world_.time.after(std::chrono::seconds(10), [this, turn = turn_] {
    if (turn == turn_ && power_ends_at_)
      kill(true, downtime_);
  });
}

bool node::survives() {
  if (!power_ends_at_ || disk_->step_count() <= *power_ends_at_)
    return true;
  die(true, downtime_);
  return false;
}

void node::die(bool loses_power, duration downtime) {
  *is_alive_ = false;
  world_.time.soon([this, loses_power, downtime, turn = turn_] {
    if (turn == turn_)
      kill(loses_power, downtime);
  });
}

void node::suspend(duration lasts) {
  if (!is_up_)
    return;
  ++suspensions_;
  is_suspended_ = true;
  world_.note("suspend " + name_);
  set_frozen(true);
  world_.net.suspend(name_, true);
  world_.time.after(lasts, [this, turn = turn_] {
    if (turn != turn_ || --suspensions_ > 0)
      return;
    is_suspended_ = false;
    disturbed_at_ = world_.time.now();
    set_frozen(false);
    world_.net.suspend(name_, false);
  });
}

void node::fill_disk(duration lasts) {
  ++fills_;
  world_.note("full " + name_);
  disk_->fill_at(disk_->used_bytes() + world_.draws.below(200));
  world_.time.after(lasts, [this] {
    if (--fills_ > 0)
      return;
    disk_->fill_at(std::numeric_limits<std::uint64_t>::max());
    disturbed_at_ = world_.time.now();
  });
}

void node::fail_disk(duration lasts) {
  if (power_ends_at_)
    return;
  ++fails_;
  world_.note("disk fails " + name_);
  disk_->fail(std::numeric_limits<std::uint64_t>::max() / 2);
  world_.time.after(lasts, [this] {
    if (--fails_ > 0)
      return;
    disk_->fail(0);
    disturbed_at_ = world_.time.now();
  });
}

std::optional<instant> node::sound_since() const {
  if (!is_up_ || is_suspended_ || fills_ > 0 || fails_ > 0)
    return {};
  return disturbed_at_;
}

} // namespace godwit::faults
