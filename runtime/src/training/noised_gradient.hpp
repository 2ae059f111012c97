// Who is in a step of DP-SGD, and how does the sum of the step's gradients get its noise?
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <godwit/messages/result.hpp>
#include <godwit/messages/training.hpp>
#include <godwit/privacy/mask.hpp>
#include <godwit/privacy/noise.hpp>

namespace godwit {

/// Abadi et al. 2016, algorithm 1, but for the arithmetic of the model. Each example is in a step
/// by a chance of its own; clipped gradients are summed, the sum gets discrete Gaussian noise, and
/// is divided by the expected number of examples, whoever was in.
///
/// One example more or less changes the sum by the clip norm C, and by what floats do. Whom a step
/// takes is dealt to groups of 128 on average by a draw of its own for each example, so one example
/// changes the float sum of one group alone, and groups are added up in whole numbers, in steps of
/// 2^-22 C. A group's sum of up to 256 rows is off by 256 2^-24 256 C = 2^-8 C at most (Higham
/// 2002, section 3.1), for both neighbours 2^-7 C; cutting d values to steps takes sqrt(d) 2^-22 C,
/// at most 2^-8 C; norms and factors 2^-21 C. All of that is less than 2^-6 C, by which the noise
/// is larger than the plan says. (A group of more than 256 rows has a probability below 10^-20.)
class noised_gradient {
public:
  static constexpr std::size_t group_size = 128; ///< on average
  static constexpr std::size_t parameter_count_max = std::size_t{1} << 28;
  static constexpr float clip_norm_min = 0x1p-20F, clip_norm_max = 0x1p20F;
  static constexpr float noise_multiplier_min = 0x1p-6F, noise_multiplier_max = 256;

  /// `key` is for this training only, and all that is drawn comes from it; it is kept as a
  /// reference. Fails with bad_config, in a sentence, for a plan out of these ranges or a model
  /// that is too large.
  static attempt<noised_gradient> begin(const training_plan&, std::uint64_t example_count,
                                        std::size_t parameter_count, mask_key key);

  std::uint64_t step_count() const noexcept { return steps_.step_count; }

  /// Draws the next step's examples out of `rows`, in groups.
  const std::vector<std::vector<std::uint32_t>>& draw_groups(std::span<const std::uint32_t> rows);
  /// Takes in a sum of clipped gradients [parameter_count].
  void add(std::span<const float> sum);
  /// The step's gradient [parameter_count] with its noise; the next sum is empty.
  void release(std::span<float> gradient);

private:
  noised_gradient(const training_plan&, std::uint64_t example_count, std::size_t parameter_count,
                  mask_key key, noise_sampler);
  noised_steps steps_;
  double batch_; ///< examples of a step, on average
  double grid_;  ///< a step of the grid
  mask_key key_;
  noise_sampler noise_;
  std::uint64_t step_ = 0;
  std::vector<std::uint64_t> draws_;
  std::vector<std::vector<std::uint32_t>> groups_;
  std::vector<std::uint64_t> sum_; ///< in steps of the grid, mod 2^64
};

} // namespace godwit
