#include "accounting/normal_tail.hpp"

namespace godwit::accounting {

double mills_ratio(double x) {
  constexpr double far = 6;
  if (x < far)
    return upper_tail(x) * std::exp(-log_density(x));
  // Laplace's continued fraction 1 / (x + 1 / (x + 2 / (x + …))) (Abramowitz & Stegun 26.2.14); at
  // x = 6 fifty levels leave less than 1e-16.
  double tail = x;
  for (int level = 50; level > 0; --level)
    tail = x + level / tail;
  return 1 / tail;
}

} // namespace godwit::accounting
