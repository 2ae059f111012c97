// How is noise drawn: streams cut into groups, groups judged, and what is taken put in its order?
#include <godwit/privacy/noise.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <string>

#include <godwit/messages/secret.hpp>

#include "noise/proposals.hpp"

namespace godwit {

namespace {

using namespace noise;

/// Nonces: "GWN" || u8 what || u64 block.
enum class stream_of : std::uint8_t { proposals = 1, further_digits = 2 };

key_stream stream_for(stream_of what, std::uint64_t block) {
  key_stream stream;
  stream.nonce = {std::byte{'G'}, std::byte{'W'}, std::byte{'N'}, static_cast<std::byte>(what)};
  for (std::size_t i = 0; i < 8; ++i)
    stream.nonce[4 + i] = static_cast<std::byte>(block >> (8 * i));
  return stream;
}

/// One block's samples, in their order.
class block_source {
public:
  block_source(const rows& table, judge_function judge, mask_key key, std::uint64_t block)
      : table_(table), judge_(judge), key_(key), block_(block),
        stream_(stream_for(stream_of::proposals, block)) {}
  block_source(const block_source&) = delete;
  block_source& operator=(const block_source&) = delete;
  ~block_source() {
    wipe(held_);
    wipe(std::as_writable_bytes(std::span(&found_, 1)));
  }

  /// The first out.size() samples; called once.
  void read(std::span<std::int64_t> out) {
    for (std::size_t count = 0; count < out.size();) {
      judge_next_group();
      count += take(found_, out.subspan(count));
    }
  }

private:
  void judge_next_group() {
    if (at_ == held_.size()) {
      write_stream(held_, key_, stream_, read_bytes_);
      read_bytes_ += held_.size();
      at_ = 0;
    }
    judge_(table_, held_.data() + at_, found_);
    at_ += group_bytes;
    std::uint8_t any = 0;
    for (const auto one : found_.verdicts)
      any |= one;
    if ((any & in_doubt) != 0)
      settle();
    proposal_count_ += group_size;
  }

  void settle() {
    for (std::size_t i = 0; i < group_size; ++i)
      if (found_.verdicts[i] == in_doubt)
        found_.verdicts[i] = look_closer(i) ? taken : refused;
  }

  bool look_closer(std::size_t i) const {
    further_digits digits{};
    write_stream(std::as_writable_bytes(std::span(digits)), key_,
                 stream_for(stream_of::further_digits, block_),
                 (proposal_count_ + i) * sizeof digits);
    const auto magnitude = static_cast<std::uint64_t>(std::abs(found_.values[i]));
    return is_taken(table_, magnitude, found_.areas[i], found_.draws[i], digits);
  }

  const rows& table_;
  judge_function judge_;
  mask_key key_;
  std::uint64_t block_;
  key_stream stream_;
  alignas(64) std::array<std::byte, 8 * group_bytes> held_;
  std::size_t at_ = sizeof held_;
  std::uint64_t read_bytes_ = 0, proposal_count_ = 0;
  proposals found_;
};

template <class Lane>
void add_blocks(const noise_sampler& sampler, std::span<Lane> lanes, mask_key key,
                std::uint64_t first_block) {
  std::array<std::int64_t, noise_block_size> drawn;
  for (std::size_t at = 0; at < lanes.size(); at += noise_block_size) {
    const auto part = lanes.subspan(at, std::min(noise_block_size, lanes.size() - at));
    sampler.draw(std::span(drawn).first(part.size()), key, first_block + at / noise_block_size);
    for (std::size_t i = 0; i < part.size(); ++i)
      part[i] = static_cast<Lane>(part[i] + static_cast<Lane>(drawn[i]));
  }
  wipe(std::as_writable_bytes(std::span(drawn)));
}

} // namespace

attempt<noise_sampler> noise_sampler::make(noise_kind kind, double scale) {
  const double scale_max = kind == noise_kind::skellam ? skellam_scale_max : noise_scale_max;
  if (!(scale >= noise_scale_min && scale <= scale_max))
    return failure{.code = failure_code::bad_config,
                   .detail = "noise of scale " + std::to_string(scale) +
                             " on the grid: it must lie between 0.25 and " +
                             (kind == noise_kind::skellam ? "4096" : "2^31") +
                             "; choose another grid"};
  return noise_sampler(std::make_shared<const rows>(make_rows({kind, scale})));
}

noise_kind noise_sampler::kind() const noexcept {
  return table_->of.kind;
}

double noise_sampler::scale() const noexcept {
  return table_->of.scale;
}

double noise_sampler::variance() const {
  if (kind() == noise_kind::discrete_laplace) { // 2 r / (1 - r)^2, r = exp(-1 / b)
    const double half = std::sinh(0.5 / scale());
    return 0.5 / (half * half);
  }
  if (kind() == noise_kind::skellam)
    return scale() * scale();
  if (scale() > 8) // by Poisson summation, off by less than exp(-2 pi^2 64) of it
    return scale() * scale();
  double mass = 0, moment = 0;
  for (double x = 100; x > 0; --x) {
    const double weight = 2 * std::exp(-x * x / (2 * scale() * scale()));
    mass += weight;
    moment += weight * x * x;
  }
  return moment / (1 + mass);
}

std::uint64_t noise_sampler::reach() const noexcept {
  return (std::uint64_t{table_->count()} << table_->shift) - 1;
}

void noise_sampler::draw(std::span<std::int64_t> out, mask_key key,
                         std::uint64_t first_block) const {
  const auto judge = available_judges().back().judge;
  for (std::size_t at = 0; at < out.size(); at += noise_block_size) {
    block_source source(*table_, judge, key, first_block + at / noise_block_size);
    source.read(out.subspan(at, std::min(noise_block_size, out.size() - at)));
  }
}

void noise_sampler::add_to(std::span<std::uint16_t> lanes, mask_key key,
                           std::uint64_t first_block) const {
  add_blocks(*this, lanes, key, first_block);
}
void noise_sampler::add_to(std::span<std::uint32_t> lanes, mask_key key,
                           std::uint64_t first_block) const {
  add_blocks(*this, lanes, key, first_block);
}
void noise_sampler::add_to(std::span<std::uint64_t> lanes, mask_key key,
                           std::uint64_t first_block) const {
  add_blocks(*this, lanes, key, first_block);
}

} // namespace godwit
