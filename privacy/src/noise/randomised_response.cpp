#include <godwit/privacy/randomised_response.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include <godwit/messages/check.hpp>
#include <godwit/messages/secret.hpp>

namespace godwit {

namespace {

__extension__ using u128 = unsigned __int128;

constexpr std::uint64_t one = std::uint64_t{1} << 63;

/// Words of a key's stream: "GWN" || u8 4 || u64 0 is its nonce (privacy/NOISE.md, section 7).
class word_source {
public:
  explicit word_source(mask_key key) : key_(key) {
    stream_.nonce = {std::byte{'G'}, std::byte{'W'}, std::byte{'N'}, std::byte{4}};
  }
  word_source(const word_source&) = delete;
  word_source& operator=(const word_source&) = delete;
  ~word_source() { wipe(std::as_writable_bytes(std::span(held_))); }
  std::uint64_t next() {
    if (at_ == held_.size()) {
      write_stream(std::as_writable_bytes(std::span(held_)), key_, stream_, read_bytes_);
      read_bytes_ += sizeof held_;
      at_ = 0;
    }
    return held_[at_++];
  }
  /// Uniform below `bound`: words whose product with it falls into the first 2^64 mod bound of its
  /// low half are drawn again, which says nothing of the answer (Lemire 2019, algorithm 5).
  std::uint32_t below(std::uint32_t bound) {
    for (;;) {
      const u128 product = u128{next()} * bound;
      if (static_cast<std::uint64_t>(product) >= (0 - std::uint64_t{bound}) % bound)
        return static_cast<std::uint32_t>(product >> 64);
    }
  }

private:
  mask_key key_;
  key_stream stream_;
  std::array<std::uint64_t, 256> held_{};
  std::size_t at_ = held_.size();
  std::uint64_t read_bytes_ = 0;
};

} // namespace

attempt<randomised_response> randomised_response::make(std::uint32_t category_count,
                                                       double epsilon) {
  if (category_count < 2 || category_count > category_count_max)
    return failure{.code = failure_code::bad_config,
                   .detail = "randomised response: there must be 2 to 1,048,576 categories"};
  if (!(epsilon > 0 && epsilon <= 40))
    return failure{.code = failure_code::bad_config,
                   .detail = "randomised response: epsilon must be above 0 and at most 40"};
  const double k = category_count;
  const double noise = k / (std::expm1(epsilon) + k);
  // Rounded up, and by the error of the quotient, so that epsilon is not exceeded.
  const auto threshold = static_cast<std::uint64_t>(noise * 0x1p63 * (1 + 0x1p-50)) + 1;
  return randomised_response(category_count, std::min(threshold, one));
}

double randomised_response::noise() const noexcept {
  return static_cast<double>(threshold_) * 0x1p-63;
}

result<done> randomised_response::answer(std::span<std::uint32_t> categories, mask_key key) const {
  if (std::ranges::any_of(categories, [this](auto c) { return c >= category_count_; }))
    return refusal::value_out_of_range;
  word_source source(key);
  for (auto& category : categories) {
    const std::uint64_t draw = source.next() >> 1;
    const std::uint32_t other = source.below(category_count_);
    const auto is_noise = 0 - static_cast<std::uint32_t>((draw - threshold_) >> 63); // all ones
    category = (other & is_noise) | (category & ~is_noise);
  }
  return done{};
}

std::vector<double> randomised_response::estimate(std::span<const std::uint64_t> answers) const {
  GODWIT_CHECK(answers.size() == category_count_, "answers to other categories");
  const auto count =
      static_cast<double>(std::accumulate(answers.begin(), answers.end(), std::uint64_t{0}));
  std::vector<double> found;
  for (const auto answered : answers)
    found.push_back((static_cast<double>(answered) - count * noise() / category_count_) /
                    (1 - noise()));
  return found;
}

double randomised_response::estimate_variance_max(std::uint64_t answer_count) const {
  // An answer is c with probability noise / k of those elsewhere, 1 - noise + noise / k of those in
  // c; p (1 - p) is largest at the one that is nearer to 1/2.
  const double low = noise() / category_count_, high = 1 - noise() + low;
  const double largest = std::max(low * (1 - low), high * (1 - high));
  return static_cast<double>(answer_count) * largest / ((1 - noise()) * (1 - noise()));
}

result<std::uint32_t> category_of_metric(double metric, std::uint64_t draw) {
  if (!std::isfinite(metric))
    return refusal::value_not_finite;
  if (metric < 0 || metric > 1)
    return refusal::value_out_of_range;
  return static_cast<std::uint32_t>(static_cast<double>(draw >> 11) * 0x1p-53 < metric);
}

} // namespace godwit
