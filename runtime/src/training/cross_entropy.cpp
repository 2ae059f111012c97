// What is the loss of a batch of scores, and its gradient?
#include "training/cross_entropy.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace godwit {

namespace {

/// Scores become e^(score - the row's largest); returns the sum of (largest - score of the label).
double exponentials(const kernels& with, std::span<const std::uint32_t> rows,
                    const std::uint8_t* labels, std::size_t class_count, float* scores) {
  double sum = 0.0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    float* row = scores + i * class_count;
    float largest = row[0];
    for (std::size_t c = 1; c < class_count; ++c)
      largest = row[c] > largest ? row[c] : largest;
    for (std::size_t c = 0; c < class_count; ++c)
      row[c] -= largest;
    sum -= static_cast<double>(row[labels[rows[i]]]);
  }
  with.exponentiate(scores, rows.size() * class_count);
  return sum;
}

} // namespace

double cross_entropy(const kernels& with, std::span<const std::uint32_t> rows,
                     const std::uint8_t* labels, std::size_t class_count, float scale,
                     float* scores) {
  double loss = exponentials(with, rows, labels, class_count, scores);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    float* row = scores + i * class_count;
    const float sum = std::accumulate(row, row + class_count, 0.0F);
    loss += std::log(static_cast<double>(sum));
    const float factor = scale / sum;
    for (std::size_t c = 0; c < class_count; ++c)
      row[c] *= factor;
    row[labels[rows[i]]] -= scale;
  }
  return loss;
}

void judge(const kernels& with, std::span<const std::uint32_t> rows, const std::uint8_t* labels,
           std::size_t class_count, float* scores, evaluation& sum) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const float* row = scores + i * class_count;
    const auto answer = std::max_element(row, row + class_count) - row;
    sum.correct_count += answer == labels[rows[i]];
  }
  sum.loss_sum += exponentials(with, rows, labels, class_count, scores);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const float* row = scores + i * class_count;
    sum.loss_sum += std::log(static_cast<double>(std::accumulate(row, row + class_count, 0.0F)));
  }
  sum.example_count += rows.size();
}

} // namespace godwit
