// How a block of words takes in a block of updates: one function for each instruction set, all with
// the same bits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <godwit/aggregation/fixed_point.hpp>

namespace godwit::fixed_point {

/// Kernels work on whole blocks of so many parameters.
inline constexpr std::size_t block_count = 16;

/// One update's part: as many floats as there are words. A weight may be negative: adding the same
/// part with the negated weight takes it out again, exactly, whatever was in it.
struct part {
  const std::byte* values = nullptr;
  std::int64_t weight = 0; ///< |weight| < 2^31
};

/// Adds 1 ..= fold_count_max parts to `word_count` words, a multiple of block_count. Bit i of the
/// answer is set if part i held a value that is not finite or not inside the bound; the words are
/// then of use only for taking that part out again with the same kernel over the same words.
using kernel = std::uint32_t (*)(std::uint64_t* words, std::size_t word_count,
                                 std::span<const part> parts);

std::uint32_t add_portable(std::uint64_t* words, std::size_t word_count,
                           std::span<const part> parts);
std::uint32_t add_avx2(std::uint64_t* words, std::size_t word_count, std::span<const part> parts);
std::uint32_t add_avx512(std::uint64_t* words, std::size_t word_count, std::span<const part> parts);

/// The same for any number of words: the last, shorter block is padded with zeros.
std::uint32_t add_parts(instruction_set instructions, std::span<std::uint64_t> words,
                        std::span<const part> parts);

} // namespace godwit::fixed_point
