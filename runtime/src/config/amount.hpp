// How people write amounts of bytes: 500kB, 256MB, 2GB.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <godwit/runtime/config.hpp>

namespace godwit::config {

/// A whole number and its unit (B, kB, MB, GB: powers of 1000), blanks between them allowed.
/// nullopt: anything else, and what does not fit.
std::optional<byte_amount> parse_amount(std::string_view text);

/// In the largest unit that says it exactly: 256MB, 1500kB.
std::string print_amount(byte_amount);

} // namespace godwit::config
