// godwit model: what is in a model file, and the same model in another format.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <godwit/privacy/digest.hpp>

#include "commands.hpp"
#include "storage/model_file.hpp"

namespace godwit::cli {
namespace {

void print_info(const model_file& model) {
  fmt::print("parameters {}\n", model.parameters.size());
  fmt::print("sha256     {}\n", hex(sha256(std::as_bytes(std::span(model.parameters)))));
  for (const auto& [key, value] : model.metadata)
    fmt::print("{:<10} {}\n", key, value);
  std::size_t offset = 0;
  for (const auto& tensor : model.layout) {
    const auto count = tensor.element_count();
    double low = INFINITY, high = -INFINITY, squares = 0;
    for (std::size_t i = offset; i < offset + count; ++i) {
      const double x = model.parameters[i];
      low = std::min(low, x);
      high = std::max(high, x);
      squares += x * x;
    }
    offset += count;
    fmt::print("  {:<20} [{}]  min {:.4g}  max {:.4g}  norm {:.4g}\n", tensor.name,
               fmt::join(tensor.shape, ", "), low, high, std::sqrt(squares));
  }
}

} // namespace

int run(const model_command& command) {
  auto model = read_model(command.in);
  if (!model)
    return complain(model.why().detail, exit_failed);
  if (!command.out) {
    print_info(*model);
    return exit_done;
  }
  if (auto written = write_model(*command.out, *model); !written)
    return complain(written.why().detail, exit_failed);
  return exit_done;
}

} // namespace godwit::cli
