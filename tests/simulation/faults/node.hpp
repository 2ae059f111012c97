// How does a simulated node die, stand still and start again, and what does its disk do meanwhile?
#pragma once

#include <memory>
#include <optional>
#include <string>

#include <godwit/actors/journal_port.hpp>

#include "storage/journal_file.hpp"
#include "support/simulated_disk.hpp"
#include "world.hpp"

namespace godwit::faults {

class node {
public:
  node(std::string name, world& in);
  virtual ~node() = default;
  node(const node&) = delete;
  node& operator=(const node&) = delete;

  const std::string& name() const noexcept { return name_; }
  bool is_up() const noexcept { return is_up_; }

  /// Begins a process over what the disk holds; where that fails, again a little later.
  void start();
  /// Ends the process at once and starts the next one after `downtime`. `loses_power`: so does the
  /// disk.
  void kill(bool loses_power, duration downtime);
  /// The power goes when the disk has done so many more steps, or soon anyway.
  void lose_power_within(std::uint64_t step_count, duration downtime);
  void suspend(duration lasts);
  void fill_disk(duration lasts);
  void fail_disk(duration lasts);

  /// Since when a process has run undisturbed: up, running, with a disk that takes writes. Nothing
  /// while it does not.
  std::optional<instant> sound_since() const;

  // For its ports.

  /// To be called behind each use of the disk: whether the process still lives.
  bool survives();
  /// The process ends with the message that it is handling.
  void die(bool loses_power, duration downtime);

protected:
  /// Spawns the actors. What it fails with decides whether to try again.
  virtual attempt<done> raise() = 0;
  virtual void end_actors(exit_kind) = 0;
  virtual void set_frozen(bool) = 0;
  /// The disk holds what no process can go on with.
  virtual void refused(const failure&) = 0;

  attempt<opened_journal> open_journal();

  world& world_;
  const std::string name_;
  std::shared_ptr<simulated_disk> disk_;
  std::shared_ptr<bool> is_alive_; ///< this process; its ports do nothing without

private:
  void begin_again(duration downtime);

  bool is_up_ = false, is_suspended_ = false;
  std::uint64_t turn_ = 0; ///< of the process
  int fills_ = 0, fails_ = 0, suspensions_ = 0;
  std::optional<std::uint64_t> power_ends_at_; ///< step of the disk
  duration downtime_{};
  instant disturbed_at_{};
};

/// A journal in the hands of one process: nothing is kept once it is dead.
class process_journal : public journal_port {
public:
  process_journal(node& of, journal_file file, std::shared_ptr<const bool> is_alive)
      : of_(of), file_(std::move(file)), is_alive_(std::move(is_alive)) {}

  attempt<done> keep(std::span<const journal_record> records) override {
    return if_alive([&] { return file_.keep(records); });
  }
  attempt<done> restart(std::span<const journal_record> records) override {
    return if_alive([&] { return file_.restart(records); });
  }
  attempt<shared_bytes> body(std::uint64_t place) override { return file_.body(place); }

  template <class Use>
  attempt<done> if_alive(Use use) {
    const failure gone{.code = failure_code::io, .retry = true, .detail = "no power"};
    if (!*is_alive_)
      return gone;
    auto done_so = use();
    if (!of_.survives())
      return gone;
    return done_so;
  }

private:
  node& of_;
  journal_file file_;
  const std::shared_ptr<const bool> is_alive_;
};

} // namespace godwit::faults
