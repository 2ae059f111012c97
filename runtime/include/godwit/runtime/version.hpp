// Which godwit is this?
#pragma once

namespace godwit {

inline constexpr const char* version = "0.1.0";

} // namespace godwit
