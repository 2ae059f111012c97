// What is the loss of a batch of scores, and its gradient?
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <godwit/messages/training.hpp>

#include "training/kernels.hpp"

namespace godwit {

/// Softmax cross-entropy over `scores` [rows, class_count] of the examples in `rows`, whose labels
/// are in `labels`. Turns the scores into `scale` times the gradient of the loss's sum: scale
/// (softmax - one hot). Returns that sum, nats.
double cross_entropy(const kernels& with, std::span<const std::uint32_t> rows,
                     const std::uint8_t* labels, std::size_t class_count, float scale,
                     float* scores);

/// Adds what the scores say about the examples to `sum`; the scores are used up.
void judge(const kernels& with, std::span<const std::uint32_t> rows, const std::uint8_t* labels,
           std::size_t class_count, float* scores, evaluation& sum);

} // namespace godwit
