// What does a trainer that throws, hangs or returns garbage cost? A host of edges, each with one of
// these vices; told to stop, it says how long stopping took.
#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <limits>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <godwit/runtime/node.hpp>

namespace {

using namespace std::chrono_literals;

enum class vice {
  throws,
  not_a_number,
  huge,
  counts_nothing,
  hangs,
  wrong_shape,
  hangs_in_evaluation,
  no_shape
};

/// Never looks at its stop token.
[[noreturn]] void hang() {
  for (;;)
    std::this_thread::sleep_for(1h);
}

godwit::model_layout layout_with(vice which) {
  if (which == vice::no_shape)
    return {};
  return {{"weight", {1, which == vice::wrong_shape ? 7U : 4U}}, {"bias", {1}}};
}

class bad_trainer final : public godwit::trainer {
public:
  explicit bad_trainer(vice which) : which_(which), layout_(layout_with(which)) {}
  const godwit::model_layout& layout() const override { return layout_; }
  std::uint64_t example_count() const override { return 100; }
  godwit::attempt<godwit::training_outcome> train(std::span<float> parameters,
                                                  const godwit::training_plan&,
                                                  const std::stop_token&) override {
    godwit::training_outcome outcome{.example_count = 100, .step_count = 1, .loss = 1.0};
    if (which_ == vice::throws)
      throw std::runtime_error("out of luck");
    if (which_ == vice::not_a_number)
      parameters[2] = std::numeric_limits<float>::quiet_NaN();
    if (which_ == vice::huge)
      parameters[2] = std::numeric_limits<float>::max();
    if (which_ == vice::counts_nothing)
      outcome.example_count = 0;
    if (which_ == vice::hangs)
      hang();
    return outcome;
  }
  godwit::attempt<godwit::evaluation> evaluate(std::span<const float>) override { hang(); }

private:
  vice which_;
  godwit::model_layout layout_;
};

godwit::attempt<std::unique_ptr<godwit::edge_node>> start(const std::string& server,
                                                          const std::filesystem::path& keys,
                                                          const std::string& name, vice which) {
  godwit::edge_config config;
  config.server = server;
  config.tls = {.certificate = keys / (name + ".pem"),
                .key = keys / (name + ".key"),
                .authority = keys / "ca.pem"};
  config.state = keys / ("state-" + name);
  config.model = "custom";
  config.power.source = "none";
  // Long enough for the evaluation to be waited for still when the host is told to stop.
  const auto patience = which == vice::hangs_in_evaluation ? 2s : 300ms;
  return godwit::edge_node::start(
      config,
      {.log = nullptr, .engine = std::make_shared<bad_trainer>(which), .patience = patience});
}

int complain(const std::string& sentence) {
  std::fprintf(stderr, "%s\n", sentence.c_str());
  return 1;
}

} // namespace

int main(int argc, char** argv) {
  if (argc != 3)
    return 64;
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);
  using enum vice;
  const std::string server = argv[1], keys = argv[2];
  if (auto edge = start(server, keys, "edge-03", no_shape); edge)
    return complain("an edge without parameters was started");
  const std::array vices{throws,      not_a_number,       huge, counts_nothing, hangs,
                         wrong_shape, hangs_in_evaluation};
  std::vector<std::unique_ptr<godwit::edge_node>> edges;
  for (std::size_t i = 0; i < vices.size(); ++i) {
    auto edge = start(server, keys, "edge-0" + std::to_string(i + 3), vices[i]);
    if (!edge)
      return complain(edge.why().detail);
    edges.push_back(std::move(*edge));
  }
  int which = 0;
  sigwait(&ends, &which);
  const auto begin = std::chrono::steady_clock::now();
  edges.clear();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  std::printf("stopped within %.2f s\n", took.count());
  return took < 3s ? 0 : 1;
}
