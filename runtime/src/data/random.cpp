// Where do reproducible random numbers come from? From one seed, a named purpose and a counter.
#include "data/random.hpp"

#include <algorithm>
#include <cmath>

#include <godwit/messages/check.hpp>

#include "data/portable_math.hpp"

namespace godwit {

namespace {

__extension__ using wide = unsigned __int128;

/// The finaliser of SplitMix64 (Steele, Lea, Flood 2014): spreads every input bit over the output.
std::uint64_t mixed(std::uint64_t x) noexcept {
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
  return x ^ (x >> 31);
}

/// FNV-1a, 64 bits.
std::uint64_t text_hash(std::string_view text) noexcept {
  std::uint64_t hash = 0xCBF29CE484222325;
  for (const char c : text)
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3;
  return hash;
}

std::uint32_t low(std::uint64_t x) noexcept {
  return static_cast<std::uint32_t>(x);
}
std::uint32_t high(std::uint64_t x) noexcept {
  return static_cast<std::uint32_t>(x >> 32);
}

} // namespace

std::array<std::uint32_t, 4> philox4x32(std::array<std::uint32_t, 4> counter,
                                        std::array<std::uint32_t, 2> key) noexcept {
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t a = std::uint64_t{0xD2511F53} * counter[0];
    const std::uint64_t b = std::uint64_t{0xCD9E8D57} * counter[2];
    counter = {high(b) ^ counter[1] ^ key[0], low(b), high(a) ^ counter[3] ^ key[1], low(a)};
    key[0] += 0x9E3779B9;
    key[1] += 0xBB67AE85;
  }
  return counter;
}

random_stream::random_stream(std::uint64_t seed, std::string_view purpose,
                             std::uint64_t index) noexcept
    : key_{low(seed), high(seed)},
      stream_(mixed(text_hash(purpose) ^ mixed(index + 0x9E3779B97F4A7C15))) {}

std::uint64_t random_stream::bits() noexcept {
  if (ready_count_ == 0) {
    const auto out = philox4x32({low(block_), high(block_), low(stream_), high(stream_)}, key_);
    ++block_;
    ready_ = {out[2] | std::uint64_t{out[3]} << 32, out[0] | std::uint64_t{out[1]} << 32};
    ready_count_ = 2;
  }
  return ready_[--ready_count_];
}

std::uint64_t random_stream::below(std::uint64_t bound) noexcept {
  GODWIT_CHECK(bound > 0, "there is no number below zero to draw");
  auto product = static_cast<wide>(bits()) * bound;
  if (static_cast<std::uint64_t>(product) < bound) {
    const std::uint64_t biased = (0 - bound) % bound;
    while (static_cast<std::uint64_t>(product) < biased)
      product = static_cast<wide>(bits()) * bound;
  }
  return static_cast<std::uint64_t>(product >> 64);
}

double random_stream::uniform() noexcept {
  return static_cast<double>(bits() >> 11) * 0x1p-53;
}

double random_stream::normal() noexcept {
  if (has_spare_normal_) {
    has_spare_normal_ = false;
    return spare_normal_;
  }
  double x = 0, y = 0, square = 0;
  do {
    x = 2.0 * uniform() - 1.0;
    y = 2.0 * uniform() - 1.0;
    square = x * x + y * y;
  } while (square >= 1.0 || square == 0.0);
  const double scale = std::sqrt(-2.0 * portable_log(square) / square);
  spare_normal_ = y * scale;
  has_spare_normal_ = true;
  return x * scale;
}

double random_stream::lognormal(double mean, double sigma) noexcept {
  return portable_exp(mean + sigma * normal());
}

double random_stream::log_gamma_variate(double shape) noexcept {
  GODWIT_CHECK(shape > 0, "a gamma distribution's shape is positive");
  double boost = 0.0;
  if (shape < 1.0) {
    // G(a) = G(a + 1) U^(1/a), U uniform over (0, 1].
    boost = portable_log(1.0 - uniform()) / shape;
    shape += 1.0;
  }
  const double d = shape - 1.0 / 3.0;
  const double c = 1.0 / std::sqrt(9.0 * d);
  while (true) {
    const double z = normal();
    const double root = 1.0 + c * z;
    if (root <= 0.0)
      continue;
    const double log_v = 3.0 * portable_log(root);
    const double v = root * root * root;
    if (portable_log(1.0 - uniform()) < 0.5 * z * z + d * (1.0 - v + log_v))
      return portable_log(d) + log_v + boost;
  }
}

double random_stream::gamma(double shape) noexcept {
  return portable_exp(log_gamma_variate(shape));
}

std::vector<double> random_stream::dirichlet(std::span<const double> concentrations) {
  constexpr double none = -std::numeric_limits<double>::infinity();
  std::vector<double> shares;
  shares.reserve(concentrations.size());
  for (const double concentration : concentrations)
    shares.push_back(concentration > 0 ? log_gamma_variate(concentration) : none);
  const auto largest = std::max_element(shares.begin(), shares.end());
  GODWIT_CHECK(largest != shares.end() && *largest > none,
               "a Dirichlet draw needs a positive entry");
  const double shift = *largest;
  double sum = 0.0;
  for (auto& share : shares)
    sum += share = portable_exp(share - shift);
  for (auto& share : shares)
    share /= sum;
  return shares;
}

} // namespace godwit
