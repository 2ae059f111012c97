// Which kernel this processor runs, and how a last, shorter block is made a whole one.
#include "kernels.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include <godwit/messages/check.hpp>

namespace godwit::fixed_point {

std::string_view name(instruction_set instructions) noexcept {
  switch (instructions) {
  case instruction_set::portable:
    return "portable";
  case instruction_set::avx2:
    return "avx2";
  case instruction_set::avx512:
    return "avx512";
  }
  return "unknown";
}

bool is_available(instruction_set instructions) noexcept {
#if defined(__x86_64__)
  switch (instructions) {
  case instruction_set::portable:
    return true;
  case instruction_set::avx2:
    return __builtin_cpu_supports("avx2");
  case instruction_set::avx512:
    return __builtin_cpu_supports("avx512f");
  }
  return false;
#else
  return instructions == instruction_set::portable;
#endif
}

instruction_set best_instruction_set() noexcept {
  for (auto candidate : {instruction_set::avx512, instruction_set::avx2})
    if (is_available(candidate))
      return candidate;
  return instruction_set::portable;
}

namespace {

kernel kernel_of(instruction_set instructions) {
#if defined(__x86_64__)
  if (instructions == instruction_set::avx512)
    return add_avx512;
  if (instructions == instruction_set::avx2)
    return add_avx2;
#endif
  GODWIT_CHECK(instructions == instruction_set::portable, "instructions that this build lacks");
  return add_portable;
}

} // namespace

std::uint32_t add_parts(instruction_set instructions, std::span<std::uint64_t> words,
                        std::span<const part> parts) {
  GODWIT_CHECK(!parts.empty() && parts.size() <= fold_count_max, "1 to 8 parts are folded at once");
  const kernel add = kernel_of(instructions);
  const std::size_t rest = words.size() % block_count;
  const std::size_t whole = words.size() - rest;
  std::uint32_t unfit = whole ? add(words.data(), whole, parts) : 0;
  if (rest) {
    std::array<std::uint64_t, block_count> last_words{};
    std::array<std::array<float, block_count>, fold_count_max> last_values{};
    std::array<part, fold_count_max> last_parts;
    std::copy_n(words.data() + whole, rest, last_words.data());
    for (std::size_t i = 0; i < parts.size(); ++i) {
      std::memcpy(last_values[i].data(), parts[i].values + whole * sizeof(float),
                  rest * sizeof(float));
      last_parts[i] = {reinterpret_cast<const std::byte*>(last_values[i].data()), parts[i].weight};
    }
    unfit |= add(last_words.data(), block_count, std::span(last_parts).first(parts.size()));
    std::copy_n(last_words.data(), rest, words.data() + whole);
  }
  return unfit;
}

} // namespace godwit::fixed_point
