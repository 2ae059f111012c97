// godwit edge predict: what the newest model says, without a server.
#include <cstdio>
#include <string>

#include <fmt/format.h>

#include <godwit/messages/bytes.hpp>

#include "commands.hpp"
#include "config/load.hpp"
#include "edge_prediction.hpp"
#include "storage/atomic_file.hpp"

namespace godwit::cli {
namespace {

/// A line for each example; the label where it is known.
std::string as_csv(const edge_prediction& made) {
  std::string text = made.labels.empty() ? "predicted\n" : "predicted,label\n";
  for (std::size_t i = 0; i < made.classes.size(); ++i)
    text += made.labels.empty() ? fmt::format("{}\n", made.classes[i])
                                : fmt::format("{},{}\n", made.classes[i], made.labels[i]);
  return text;
}

} // namespace

int run(const predict_command& command) {
  const auto loaded = config::load_edge_config(command.config, {.overrides = command.set});
  if (!loaded) {
    std::fprintf(stderr, "%s", config::text(loaded.why()).c_str());
    return exit_config;
  }
  const auto made = predict(*loaded, command.input);
  if (!made)
    return complain(made.why().detail, exit_failed);
  const auto table = as_csv(*made);
  if (command.output) {
    if (auto written = write_atomically(*command.output, as_bytes(table)); !written)
      return complain(written.why().detail, exit_failed);
  } else if (made->labels.empty()) {
    fmt::print("{}", table);
    return exit_done;
  }
  fmt::print("examples {}\n", made->classes.size());
  if (!made->labels.empty())
    fmt::print("accuracy {:.4f}\n", static_cast<double>(made->correct_count()) /
                                        static_cast<double>(made->classes.size()));
  fmt::print("model    {}\n", hex(made->model.sha256));
  return exit_done;
}

} // namespace godwit::cli
