// How many examples a CPU second does libtorch train on, for the workloads of `godwit_bench
// trainer`?
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <vector>

#include <torch/torch.h>

namespace {

struct cell {
  const char* workload;
  const char* model;
  long batch_size;
  long client_examples;
};

const std::vector<cell> cells{{"softmax-client", "softmax", 64, 64},
                              {"softmax-b10", "softmax", 10, 600},
                              {"softmax-b64", "softmax", 64, 640},
                              {"2nn-b10", "2nn", 10, 600},
                              {"2nn-b64", "2nn", 64, 640},
                              {"cnn-b10", "cnn", 10, 200},
                              {"cnn-b64", "cnn", 64, 192}};

torch::nn::Sequential make(const std::string& name) {
  namespace nn = torch::nn;
  if (name == "softmax")
    return nn::Sequential(nn::Flatten(), nn::Linear(784, 10));
  if (name == "2nn")
    return nn::Sequential(nn::Flatten(), nn::Linear(784, 200), nn::ReLU(), nn::Linear(200, 200),
                          nn::ReLU(), nn::Linear(200, 10));
  return nn::Sequential(nn::Conv2d(nn::Conv2dOptions(1, 32, 5).padding(2)), nn::ReLU(),
                        nn::MaxPool2d(2), nn::Conv2d(nn::Conv2dOptions(32, 64, 5).padding(2)),
                        nn::ReLU(), nn::MaxPool2d(2), nn::Flatten(), nn::Linear(3136, 512),
                        nn::ReLU(), nn::Linear(512, 10));
}

double cpu_seconds() {
  return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

/// The best of `repeats` runs of at least `seconds`, examples a CPU second, each after one pass
/// that is not counted: libtorch compiles its convolutions and fills its pools of memory in the
/// first steps. Images are floats already and a batch is gathered by one index_select, which is
/// libtorch's fastest way.
double measure(const cell& what, double seconds, int repeats) {
  const torch::Tensor images = torch::rand({what.client_examples, 1, 28, 28});
  const torch::Tensor labels = torch::randint(10, {what.client_examples}, torch::kLong);
  double best = 0.0;
  for (int repeat = 0; repeat < repeats; ++repeat) {
    auto net = make(what.model);
    torch::optim::SGD optimiser(net->parameters(), torch::optim::SGDOptions(0.02));
    double start = cpu_seconds(), spent = 0.0;
    long trained = -what.client_examples;
    while (trained <= 0 || spent < seconds) {
      const torch::Tensor order = torch::randperm(what.client_examples);
      for (long at = 0; at < what.client_examples; at += what.batch_size) {
        const auto rows = order.slice(0, at, std::min(at + what.batch_size, what.client_examples));
        optimiser.zero_grad();
        torch::nn::functional::cross_entropy(net->forward(images.index_select(0, rows)),
                                             labels.index_select(0, rows))
            .backward();
        optimiser.step();
      }
      trained += what.client_examples;
      if (trained == 0)
        start = cpu_seconds();
      spent = cpu_seconds() - start;
    }
    best = std::max(best, static_cast<double>(trained) / spent);
  }
  return best;
}

} // namespace

/// Arguments: CPU seconds of a repeat, and repeats.
int main(int argc, char** argv) {
  const double seconds = argc > 1 ? std::atof(argv[1]) : 0.5;
  const int repeats = argc > 2 ? std::atoi(argv[2]) : 5;
  torch::manual_seed(1);
  at::set_num_threads(1);
  at::set_num_interop_threads(1);
  std::printf("workload,variant,metric,value,unit\n");
  for (const cell& what : cells)
    std::printf("%s,libtorch,throughput,%.0f,examples/cpu_second\n", what.workload,
                measure(what, seconds, repeats));
  return 0;
}
