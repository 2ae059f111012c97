// How updates are summed so that the result is the same bits whatever the order, the threads and
// the tiers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include <godwit/messages/bytes.hpp>
#include <godwit/messages/result.hpp>

namespace godwit {

namespace fixed_point {

/// A value x stands as the integer round-to-nearest-even(x * 2^24).
inline constexpr int fraction_bits = 24;

/// |x| < 128, so that its integer fits 32 bits.
inline constexpr float value_bound = 128.0F;

/// Weights of one sum add up to less than 2^32, so that |sum| < 2^31 * 2^32 = 2^63 and no word ever
/// wraps.
inline constexpr std::uint64_t weight_bound = std::uint64_t{1} << 32;

/// Updates that are read side by side in one pass over the words.
inline constexpr std::size_t fold_count_max = 8;

/// The machine instructions that do the adding. All give the same bits; they differ in speed only.
enum class instruction_set : std::uint8_t { portable = 1, avx2 = 2, avx512 = 3 };

std::string_view name(instruction_set) noexcept;

/// Whether this processor (and this build) has them. `portable` always.
bool is_available(instruction_set) noexcept;

/// The fastest that is available.
instruction_set best_instruction_set() noexcept;

} // namespace fixed_point

/// One client's update as it stands on the wire, and its weight. Only looked at during the call.
struct weighted_update {
  bytes_view values;        ///< [parameter_count] float32, little endian, at any address
  std::uint64_t weight = 0; ///< its example count, 1 ..= limits::example_count_max
};

/// Calls work(0) ... work(part_count - 1), each once, in any order or at the same time, and returns
/// when all are over. The caller brings the threads; parts never touch the same memory, so no lock
/// is needed.
using parts_runner =
    std::function<void(std::size_t part_count, const std::function<void(std::size_t part)>& work)>;

/// The exact weighted sum of float updates in Z/2^64: word i is the sum over clients of weight *
/// q_i as a 64-bit two's-complement integer, q_i = round-to-nearest-even(x_i * 2^24). Integer
/// addition is associative and commutative, so any order of arrival, split over threads and shape
/// of tiers gives the same words. Expects the processor's default rounding mode (to nearest even),
/// which nothing in godwit changes.
class fixed_point_sum {
public:
  /// An empty sum of `parameter_count` zero words (8 bytes each).
  explicit fixed_point_sum(std::size_t parameter_count, fixed_point::instruction_set instructions =
                                                            fixed_point::best_instruction_set());

  /// Takes up a sum again, from a checkpoint or from a tier below: exactly what words(), weight()
  /// and count() said. Refuses a weight that leaves its range (over_weight), a count that cannot
  /// belong to the weight (malformed) and words that no updates of that weight add up to
  /// (value_out_of_range).
  static result<fixed_point_sum> from(std::vector<std::uint64_t> words, std::uint64_t weight,
                                      std::uint64_t count);

  /// Adds weight * update. `update` is [parameter_count] float32 little endian, at any address.
  /// Refuses, with nothing changed: wrong_shape; over_weight (a weight outside 1 ..=
  /// limits::example_count_max, or one that brings the total to 2^32); value_not_finite (a NaN or
  /// infinity anywhere); value_out_of_range (else, some |x| >= 128).
  result<done> add(bytes_view update, std::uint64_t weight);
  result<done> add(std::span<const float> update, std::uint64_t weight);

  /// The same as add() for each in turn, and the same verdicts; but up to fold_count_max updates
  /// are read side by side in one pass over the words, which is what memory likes. A refused update
  /// changes nothing; the others count. The answer has one verdict for each update.
  std::vector<result<done>> add_many(std::span<const weighted_update> updates);

  /// The same, with the parameters cut into `part_count` ranges (1 or more) that `run` may work on
  /// at the same time. Same words, same verdicts.
  std::vector<result<done>> add_many(std::span<const weighted_update> updates,
                                     std::size_t part_count, const parts_runner& run);

  /// Adds another sum, of a tier or a thread. Refuses, with nothing changed: wrong_shape,
  /// over_weight.
  result<done> merge(const fixed_point_sum& other);

  /// [parameter_count] two's-complement words.
  std::span<const std::uint64_t> words() const noexcept { return words_; }
  std::size_t parameter_count() const noexcept { return words_.size(); }
  /// Sum of the weights, 0 ..< 2^32.
  std::uint64_t weight() const noexcept { return weight_; }
  /// Updates added.
  std::uint64_t count() const noexcept { return count_; }

  /// The weighted mean, out[i] = float(double(word_i) / (double(weight) * 2^24)): the word as a
  /// signed integer is rounded to double, divided by the exact double weight * 2^24, and the
  /// quotient rounded to float; each rounding to nearest even (IEEE 754), so the bits are the same
  /// on every machine. Differs from the exact mean of the float updates by at most 2^-25 and one
  /// rounding to float. The sum must not be empty; `out` is [parameter_count].
  void mean(std::span<float> out) const;

  /// Back to the empty sum; keeps the memory.
  void clear() noexcept;

private:
  void add_group(std::span<const weighted_update> updates, std::size_t part_count,
                 const parts_runner& run, std::vector<result<done>>& verdicts);

  std::vector<std::uint64_t> words_;
  std::uint64_t weight_ = 0;
  std::uint64_t count_ = 0;
  fixed_point::instruction_set instructions_;
};

} // namespace godwit
