// Which tables does the transform use, and which kernels does this processor have?
#include "rlwe/kernels.hpp"

#include <bit>

#include <godwit/messages/check.hpp>

#include "rlwe/kernels_ifma.hpp"
#include "rlwe/modular.hpp"

namespace godwit::rlwe {

namespace {

std::uint64_t shift_quotient(std::uint64_t quotient, unsigned quotient_bits) {
  return quotient >> (64 - quotient_bits); // floors of floors are floors
}

factors powers_reversed(const transform& made, std::uint64_t root) {
  const std::size_t degree = made.degree;
  const int bits = std::countr_zero(degree);
  factors powers{std::vector<std::uint64_t>(degree), std::vector<std::uint64_t>(degree)};
  std::uint64_t power = 1;
  for (std::size_t i = 0; i < degree; ++i) {
    std::size_t reversed = 0;
    for (int bit = 0; bit < bits; ++bit)
      reversed |= ((i >> bit) & 1) << (bits - 1 - bit);
    powers.values[reversed] = power;
    powers.quotients[reversed] =
        shift_quotient(quotient_of(power, made.step, made.q), made.quotient_bits);
    power = slow_multiply(power, root, made.q);
  }
  return powers;
}

} // namespace

transform make_transform(const prime_modulus& prime, std::size_t degree, unsigned quotient_bits) {
  const std::uint64_t q = prime.value;
  transform made;
  made.q = q;
  made.degree = degree;
  made.quotient_bits = quotient_bits;
  made.step = static_cast<std::uint64_t>((u128{1} << 96) / q);
  made.whole = static_cast<std::uint64_t>((u128{1} << 64) / q);
  const auto quotient = [&](std::uint64_t w) {
    return shift_quotient(quotient_of(w, made.step, q), quotient_bits);
  };
  made.fold = (std::uint64_t{1} << prime_bits) - q;
  made.fold_quotient = quotient(made.fold);
  const std::uint64_t psi = slow_power(prime.non_square, (q - 1) / (2 * degree), q);
  GODWIT_CHECK(slow_power(psi, degree, q) == q - 1, "psi is no primitive 2N-th root of unity");
  made.forward = powers_reversed(made, psi);
  made.inverse = powers_reversed(made, slow_power(psi, q - 2, q));
  made.last = slow_power(degree, q - 2, q);
  made.last_quotient = quotient(made.last);
  made.last_root = slow_multiply(made.inverse.values[1], made.last, q);
  made.last_root_quotient = quotient(made.last_root);
  return made;
}

decoding make_decoding(const parameter_set& set, const std::vector<transform>& transforms) {
  decoding made{.set = set};
  for (std::size_t j = 0; j < set.prime_count; ++j) {
    const transform& t = transforms[j];
    made.q[j] = t.q;
    made.half[j] = (std::uint64_t{1} << (set.scale_bits - 1)) % t.q;
    for (std::size_t i = 0; i < j; ++i) {
      made.inverses[i][j] = slow_power(made.q[i] % t.q, t.q - 2, t.q);
      made.quotients[i][j] = quotient_of(made.inverses[i][j], t.step, t.q);
    }
  }
  return made;
}

const kernel_set& kernels_of(sum_kernels kernels) {
  GODWIT_CHECK(is_available(kernels), "this processor lacks the asked-for instructions");
#if defined(__x86_64__)
  if (kernels == sum_kernels::avx512_ifma)
    return ifma_kernels;
#endif
  return portable_kernels;
}

} // namespace godwit::rlwe

namespace godwit {

bool is_available(sum_kernels kernels) noexcept {
#if defined(__x86_64__)
  if (kernels == sum_kernels::avx512_ifma)
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512ifma") && __builtin_cpu_supports("avx512vpopcntdq");
#endif
  return kernels == sum_kernels::portable;
}

sum_kernels best_sum_kernels() noexcept {
  return is_available(sum_kernels::avx512_ifma) ? sum_kernels::avx512_ifma : sum_kernels::portable;
}

} // namespace godwit
