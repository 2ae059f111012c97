// How do network, disks and faults speak of virtual time?
#pragma once

#include <functional>

#include <godwit/messages/time.hpp>

namespace godwit::faults {

/// Virtual time, and what is to happen in it.
class timeline {
public:
  virtual ~timeline() = default;
  virtual instant now() const = 0;
  /// Has this done at that moment, or now where it is over; what was asked for first comes first.
  virtual void at(instant when, std::function<void()> what) = 0;
  /// Has this done as soon as the message that is being handled has been.
  virtual void soon(std::function<void()> what) = 0;

  void after(duration wait, std::function<void()> what) { at(now() + wait, std::move(what)); }
};

} // namespace godwit::faults
