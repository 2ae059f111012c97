// Whether a file is text at all, before a YAML parser sees it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/problem.hpp"

namespace godwit::config {

/// Problems with the bytes: too many of them, no UTF-8 (RFC 3629, section 4), control characters,
/// tabs that indent.
std::vector<problem> check_bytes(std::string_view text, const std::string& file);

} // namespace godwit::config
