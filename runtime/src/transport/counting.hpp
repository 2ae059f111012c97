// How are counters written by one thread and read by others?
#pragma once

#include <atomic>
#include <cstdint>

#include "transport/link_limits.hpp"

namespace godwit::transport {

/// One counter: written by the io thread only, read by anybody.
class counter {
public:
  void add(std::uint64_t count = 1) noexcept { set(get() + count); }
  void subtract(std::uint64_t count = 1) noexcept { set(get() - count); }
  std::uint64_t get() const noexcept { return value_.load(std::memory_order_relaxed); }

private:
  void set(std::uint64_t value) noexcept { value_.store(value, std::memory_order_relaxed); }
  std::atomic<std::uint64_t> value_{0};
};

/// transport_counters, while they are counted.
struct counting {
  counter links_now, handshakes_now, links, rejected, faults, silent, overflows, resumed;
  counter frames_in, frames_out, bytes_in, bytes_out;

  transport_counters snapshot() const noexcept {
    return {.links_now = links_now.get(),
            .handshakes_now = handshakes_now.get(),
            .links = links.get(),
            .rejected = rejected.get(),
            .faults = faults.get(),
            .silent = silent.get(),
            .overflows = overflows.get(),
            .resumed = resumed.get(),
            .frames_in = frames_in.get(),
            .frames_out = frames_out.get(),
            .bytes_in = bytes_in.get(),
            .bytes_out = bytes_out.get()};
  }
};

} // namespace godwit::transport
