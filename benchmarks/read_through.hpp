// How fast can bytes be read at all?
#pragma once

#include <cstddef>
#include <cstdint>

namespace godwit {

/// Looks at every byte (but up to 255 at the end) and does as little as possible with it. The
/// result is to be used, so that the reading cannot be left out.
std::uint64_t read_through(const std::byte* content, std::size_t size);

} // namespace godwit
