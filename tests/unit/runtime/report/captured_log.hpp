// A log that keeps its lines, at a fixed time, for tests that read them.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "telemetry/log_sink.hpp"

namespace godwit::test {

/// 2026-01-31 12:03:04.123 UTC.
inline std::chrono::system_clock::time_point noon() {
  return std::chrono::system_clock::time_point(std::chrono::milliseconds(1'769'860'984'123));
}

struct captured_log {
  std::vector<std::string> lines;
  log_sink sink;

  explicit captured_log(log_options options = {})
      : sink(
            [this](std::string_view line) {
              lines.emplace_back(line);
              return true;
            },
            options, noon) {}
};

} // namespace godwit::test
