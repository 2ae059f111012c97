#include "simulation/central_evaluation.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace godwit::simulated {
namespace {

constexpr std::size_t slice_size = 1024;

struct part {
  attempt<evaluation> result = failure{};
  worker_pool::handle task;
};

} // namespace

central_evaluation::central_evaluation(worker_pool& pool, const examples& held_out) : pool_(pool) {
  const auto& rows = held_out.rows;
  for (std::size_t at = 0; at < rows.size(); at += slice_size) {
    const auto first = rows.begin() + static_cast<std::ptrdiff_t>(at);
    const auto last =
        rows.begin() + static_cast<std::ptrdiff_t>(std::min(at + slice_size, rows.size()));
    slices_.push_back(
        std::make_shared<examples>(examples{.data = held_out.data, .rows = {first, last}}));
  }
}

evaluation central_evaluation::of(const std::shared_ptr<const std::vector<float>>& parameters) {
  std::vector<std::shared_ptr<part>> parts;
  for (const auto& slice : slices_) {
    auto made = std::make_shared<part>();
    made->task = pool_.submit([result = &made->result, slice, parameters](model& workspace) {
      *result = workspace.evaluate(*parameters, *slice);
    });
    parts.push_back(std::move(made));
  }
  evaluation sum;
  bool is_whole = true;
  for (const auto& each : parts) {
    pool_.complete(each->task);
    if (!each->result) {
      is_whole = false;
      continue;
    }
    sum.example_count += each->result->example_count;
    sum.correct_count += each->result->correct_count;
    sum.loss_sum += each->result->loss_sum;
  }
  return is_whole ? sum : evaluation{};
}

} // namespace godwit::simulated
