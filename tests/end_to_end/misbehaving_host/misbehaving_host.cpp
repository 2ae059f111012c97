// What does a trainer that throws, hangs or returns garbage cost? A host of six edges, each with
// one of these vices; told to stop, it says how long stopping took.
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

enum class vice { throws, not_a_number, huge, counts_nothing, hangs, wrong_shape };

class bad_trainer final : public godwit::trainer {
public:
  explicit bad_trainer(vice which)
      : which_(which), layout_{{"weight", {1, which == vice::wrong_shape ? 7U : 4U}},
                               {"bias", {1}}} {}
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
    while (which_ == vice::hangs) // and never looks at its stop token
      std::this_thread::sleep_for(1h);
    return outcome;
  }
  godwit::attempt<godwit::evaluation> evaluate(std::span<const float>) override { throw 42; }

private:
  vice which_;
  godwit::model_layout layout_;
};

std::unique_ptr<godwit::edge_node> start(const std::string& server,
                                         const std::filesystem::path& keys, const std::string& name,
                                         vice which) {
  godwit::edge_config config;
  config.server = server;
  config.tls = {.certificate = keys / (name + ".pem"),
                .key = keys / (name + ".key"),
                .authority = keys / "ca.pem"};
  config.model = "custom";
  config.power.source = "none";
  auto edge = godwit::edge_node::start(
      config, {.log = nullptr, .engine = std::make_shared<bad_trainer>(which), .patience = 300ms});
  if (!edge)
    throw std::runtime_error(edge.why().detail);
  return std::move(*edge);
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
  const std::array vices{throws, not_a_number, huge, counts_nothing, hangs, wrong_shape};
  std::vector<std::unique_ptr<godwit::edge_node>> edges;
  for (std::size_t i = 0; i < vices.size(); ++i)
    edges.push_back(start(argv[1], argv[2], "edge-0" + std::to_string(i + 3), vices[i]));
  int which = 0;
  sigwait(&ends, &which);
  const auto begin = std::chrono::steady_clock::now();
  edges.clear();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  std::printf("stopped within %.2f s\n", took.count());
  return took < 3s ? 0 : 1;
}
