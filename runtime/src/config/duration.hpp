// How people write durations: 500ms, 60s, 2min, 1h.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace godwit::config {

/// A whole number and its unit (ms, s, min, h, d), blanks between them allowed. nullopt: anything
/// else, and what does not fit.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

/// In the largest unit that says it exactly: 90s, 2min, 1500ms. Not negative.
std::string print_duration(std::chrono::milliseconds);

} // namespace godwit::config
