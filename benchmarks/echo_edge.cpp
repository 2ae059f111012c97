#include "echo_edge.hpp"

#include <csignal>
#include <cstdio>

#include <godwit/runtime/node.hpp>

#include "config/load.hpp"

namespace godwit {
namespace {

class echo final : public trainer {
public:
  explicit echo(std::uint64_t parameter_count)
      : layout_{{"all", {static_cast<std::uint32_t>(parameter_count)}}} {}
  const model_layout& layout() const override { return layout_; }
  std::uint64_t example_count() const override { return 1; }
  attempt<training_outcome> train(std::span<float> parameters, const training_plan&,
                                  const std::stop_token&) override {
    for (auto& value : parameters)
      value += 0x1p-20F; // an s7.24 number: the next round's model is another one, to be fetched
    return training_outcome{.example_count = 1, .step_count = 1, .loss = 0};
  }
  attempt<evaluation> evaluate(std::span<const float>) override { return evaluation{}; }

private:
  model_layout layout_;
};

} // namespace

int run_echo_edge(const std::filesystem::path& config, std::uint64_t parameter_count) {
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  sigaddset(&ends, SIGINT);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr); // in every thread that is started from here on
  const auto loaded = config::load_edge_config(config, {});
  if (!loaded) {
    std::fprintf(stderr, "%s", config::text(loaded.why()).c_str());
    return 78;
  }
  auto edge = edge_node::start(*loaded,
                               {.log = nullptr, .engine = std::make_shared<echo>(parameter_count)});
  if (!edge) {
    std::fprintf(stderr, "%s\n", edge.why().detail.c_str());
    return 1;
  }
  int which = 0;
  sigwait(&ends, &which);
  return 0;
}

} // namespace godwit
