// The exact sum's rules: who is let in, and how refusing leaves no trace.
#include <godwit/aggregation/fixed_point.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <optional>
#include <utility>

#include <godwit/messages/check.hpp>
#include <godwit/messages/limits.hpp>

#include "kernels.hpp"

namespace godwit {

static_assert(std::endian::native == std::endian::little && sizeof(float) == 4,
              "updates are little-endian float32 on the wire and are summed as they stand");

namespace {

// The greatest float below 128 is 128 - 2^-17; its integer is 2^31 - 2^7.
constexpr std::uint64_t integer_max = (std::uint64_t{1} << 31) - (std::uint64_t{1} << 7);

void one_after_another(std::size_t part_count, const std::function<void(std::size_t)>& work) {
  for (std::size_t part = 0; part < part_count; ++part)
    work(part);
}

/// What is wrong with an update that can be seen without its values and the sum's weight.
std::optional<refusal> outer_fault(const weighted_update& update, std::size_t parameter_count) {
  if (update.values.size() != parameter_count * sizeof(float))
    return refusal::wrong_shape;
  if (update.weight < 1 || update.weight > limits::example_count_max)
    return refusal::over_weight;
  return std::nullopt;
}

/// Why an update that has some unfit value is refused: the same answer wherever in it the value
/// stands.
refusal value_fault(bytes_view values) {
  for (std::size_t at = 0; at < values.size(); at += sizeof(float)) {
    float value;
    std::memcpy(&value, values.data() + at, sizeof(float));
    if (!std::isfinite(value))
      return refusal::value_not_finite;
  }
  return refusal::value_out_of_range;
}

/// Range `part` of `part_count` as equal as whole blocks allow: [first, second).
std::pair<std::size_t, std::size_t> range_of(std::size_t part, std::size_t part_count,
                                             std::size_t parameter_count) {
  const std::size_t blocks =
      (parameter_count + fixed_point::block_count - 1) / fixed_point::block_count;
  const std::size_t each = (blocks + part_count - 1) / part_count * fixed_point::block_count;
  return {std::min(parameter_count, part * each), std::min(parameter_count, (part + 1) * each)};
}

} // namespace

fixed_point_sum::fixed_point_sum(std::size_t parameter_count,
                                 fixed_point::instruction_set instructions)
    : words_(parameter_count), instructions_(instructions) {
  GODWIT_CHECK(fixed_point::is_available(instructions), "instructions that this processor lacks");
}

result<fixed_point_sum> fixed_point_sum::from(std::vector<std::uint64_t> words,
                                              std::uint64_t weight, std::uint64_t count) {
  if (weight >= fixed_point::weight_bound)
    return refusal::over_weight;
  // Each update weighs 1 ..= example_count_max; the division rounds up.
  const std::uint64_t count_min =
      (weight + limits::example_count_max - 1) / limits::example_count_max;
  if (count > weight || count < count_min)
    return refusal::malformed;
  const std::uint64_t magnitude_max = weight * integer_max;
  for (const std::uint64_t word : words)
    if ((word >> 63 ? std::uint64_t{0} - word : word) > magnitude_max)
      return refusal::value_out_of_range;
  fixed_point_sum sum{0};
  sum.words_ = std::move(words);
  sum.weight_ = weight;
  sum.count_ = count;
  return sum;
}

result<done> fixed_point_sum::add(bytes_view update, std::uint64_t weight) {
  const weighted_update one{update, weight};
  return add_many({&one, 1}).front();
}

result<done> fixed_point_sum::add(std::span<const float> update, std::uint64_t weight) {
  return add(std::as_bytes(update), weight);
}

std::vector<result<done>> fixed_point_sum::add_many(std::span<const weighted_update> updates) {
  return add_many(updates, 1, one_after_another);
}

std::vector<result<done>> fixed_point_sum::add_many(std::span<const weighted_update> updates,
                                                    std::size_t part_count,
                                                    const parts_runner& run) {
  GODWIT_CHECK(part_count >= 1, "the parameters are cut into at least one range");
  std::vector<result<done>> verdicts;
  verdicts.reserve(updates.size());
  while (!updates.empty()) {
    auto group = updates.first(std::min(updates.size(), fixed_point::fold_count_max));
    std::uint64_t weight = weight_;
    for (const auto& update : group)
      weight += std::min(update.weight, limits::example_count_max);
    // Where the weight gets short, whether one is let in depends on the fate of those before it.
    if (weight >= fixed_point::weight_bound)
      group = group.first(1);
    add_group(group, part_count, run, verdicts);
    updates = updates.subspan(group.size());
  }
  return verdicts;
}

// Values are checked while they are added, so that memory is read once. In Z/2^64 what was added
// can be taken out again without a trace; that is how an update with an unfit value is refused.
void fixed_point_sum::add_group(std::span<const weighted_update> updates, std::size_t part_count,
                                const parts_runner& run, std::vector<result<done>>& verdicts) {
  std::array<const weighted_update*, fixed_point::fold_count_max> added{};
  std::array<std::size_t, fixed_point::fold_count_max> place{};
  std::size_t added_count = 0;
  for (const auto& update : updates) {
    auto fault = outer_fault(update, words_.size());
    if (!fault && updates.size() == 1 && weight_ + update.weight >= fixed_point::weight_bound)
      fault = refusal::over_weight;
    if (!fault) {
      place[added_count] = verdicts.size();
      added[added_count++] = &update;
    }
    verdicts.push_back(fault ? result<done>(*fault) : result<done>(done{}));
  }

  std::vector<std::uint32_t> unfit(part_count, 0);
  const auto fold = [&](std::uint32_t chosen, std::int64_t sign) {
    run(part_count, [&, chosen, sign](std::size_t part) {
      const auto [first, last] = range_of(part, part_count, words_.size());
      std::array<fixed_point::part, fixed_point::fold_count_max> parts;
      std::size_t count = 0;
      for (std::size_t i = 0; i < added_count; ++i)
        if (chosen >> i & 1U)
          parts[count++] = {added[i]->values.data() + first * sizeof(float),
                            sign * static_cast<std::int64_t>(added[i]->weight)};
      unfit[part] =
          fixed_point::add_parts(instructions_, std::span(words_).subspan(first, last - first),
                                 std::span(parts).first(count));
    });
    std::uint32_t any = 0;
    for (const std::uint32_t one : unfit)
      any |= one;
    return any;
  };

  if (added_count == 0)
    return;
  const std::uint32_t refused = fold((1U << added_count) - 1, +1);
  if (refused)
    fold(refused, -1);
  for (std::size_t i = 0; i < added_count; ++i) {
    if (refused >> i & 1U) {
      verdicts[place[i]] = value_fault(added[i]->values);
    } else {
      weight_ += added[i]->weight;
      ++count_;
    }
  }
}

result<done> fixed_point_sum::merge(const fixed_point_sum& other) {
  if (other.words_.size() != words_.size())
    return refusal::wrong_shape;
  if (weight_ + other.weight_ >= fixed_point::weight_bound)
    return refusal::over_weight;
  for (std::size_t i = 0; i < words_.size(); ++i)
    words_[i] += other.words_[i];
  weight_ += other.weight_;
  count_ += other.count_;
  return done{};
}

void fixed_point_sum::mean(std::span<float> out) const {
  GODWIT_CHECK(weight_ > 0, "the mean of nothing was asked for");
  GODWIT_CHECK(out.size() == words_.size(), "the mean has as many values as the sum");
  const double divisor = static_cast<double>(weight_ << fixed_point::fraction_bits);
  for (std::size_t i = 0; i < words_.size(); ++i)
    out[i] =
        static_cast<float>(static_cast<double>(static_cast<std::int64_t>(words_[i])) / divisor);
}

void fixed_point_sum::clear() noexcept {
  std::ranges::fill(words_, 0);
  weight_ = 0;
  count_ = 0;
}

} // namespace godwit
