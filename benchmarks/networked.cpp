#include "networked.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <memory>
#include <sstream>
#include <thread>

#include <sched.h>

#include "config/effective.hpp"
#include "edge_name.hpp"
#include "report/run_folder.hpp"
#include "scratch_folder.hpp"
#include "storage/model_file.hpp"
#include "wire.hpp"

namespace godwit {
namespace {

namespace fs = std::filesystem;

/// One run's files, and the processes over them.
class federation {
public:
  explicit federation(const networked_options& options) : options_(options) {}

  networked_run run() {
    networked_run made;
    try {
      make_keys();
      make_first_model();
      measure_wire(made);
      fly(made);
    } catch (const std::exception& e) {
      made.trouble = e.what();
    }
    return made;
  }

private:
  static std::string godwit() { return (program_folder() / "godwit").string(); }
  fs::path file(const std::string& name) const { return folder_.path() / name; }
  tls_config tls(const std::string& name) const {
    return {.certificate = file("keys") / (name + ".pem"),
            .key = file("keys") / (name + ".key"),
            .authority = file("keys") / "ca.pem"};
  }
  std::string edge(std::uint32_t index) const { return edge_name(index, options_.edge_count); }

  /// The end of a log, for whoever wants to know why.
  std::string log_of(const std::string& name) const {
    std::ifstream in(file(name), std::ios::ate); // looked at often, on the core that is measured
    const auto size = std::max<std::streamoff>(in.tellg(), 0);
    in.seekg(std::max<std::streamoff>(size - 500, 0));
    std::ostringstream end;
    end << in.rdbuf();
    return end.str();
  }

  void make_keys() {
    child_process keys({godwit(), "keys", "all", "--folder", file("keys").string(), "--host",
                        "127.0.0.1", "--edges", std::to_string(options_.edge_count)},
                       file("keys.log"));
    if (keys.wait(std::chrono::seconds(60)).status != 0)
      throw std::runtime_error("no keys: " + log_of("keys.log"));
  }

  void make_first_model() {
    model_file first{{{"all", {static_cast<std::uint32_t>(options_.parameter_count)}}}, {}, {}};
    first.parameters.resize(options_.parameter_count);
    std::uint32_t state = 1;
    for (auto& value : first.parameters) {
      state = state * 1664525U + 1013904223U; // Numerical Recipes, section 7.1
      value = static_cast<float>(static_cast<std::int32_t>(state)) * 0x1p-31F;
    }
    if (auto written = write_model(file("first.safetensors"), first); !written)
      throw std::runtime_error(written.why().detail);
  }

  void measure_wire(networked_run& made) {
    const auto seconds =
        wire_seconds(tls("server"), tls(edge(0)),
                     options_.edge_count * options_.parameter_count * sizeof(float));
    if (!seconds)
      throw std::runtime_error(seconds.why().detail);
    made.wire_seconds = *seconds;
  }

  std::string write_server_config() const {
    server_config config;
    config.listen = "127.0.0.1:0";
    config.tls = tls("server");
    config.state = options_.server_in_memory ? in_memory_.path() / "state" : file("state");
    config.out = file("run");
    config.job.name = "benchmark";
    config.job.model = "custom";
    config.job.initial_model = file("first.safetensors");
    config.job.rounds = options_.round_count;
    config.job.evaluate_every = 0;
    config.job.round.cohort = options_.edge_count;
    config.job.round.cohort_min = options_.edge_count;
    config.job.round.over_selection = 1.0;
    config.job.round.deadline = options_.at_most;
    config.test_data.source = "none";
    config.wait_for_edges = options_.edge_count;
    std::ofstream(file("server.yml")) << config::to_yaml(config);
    return file("server.yml").string();
  }

  std::string write_edge_config(std::uint32_t index, std::uint16_t port) const {
    edge_config config;
    config.server = "127.0.0.1:" + std::to_string(port);
    config.tls = tls(edge(index));
    config.state = in_memory_.path() / edge(index);
    config.model = "custom";
    config.mailbox.bytes = {64'000'000'000};
    config.power.source = "none";
    const auto path = file(edge(index) + ".yml");
    std::ofstream(path) << config::to_yaml(config);
    return path.string();
  }

  /// The port that the server says it listens on.
  std::uint16_t port_of(child_process& server) const {
    while (server.is_running()) {
      const auto text = log_of("server.log");
      if (const auto at = text.find("\"port\":"); at != std::string::npos)
        return static_cast<std::uint16_t>(std::stoul(text.substr(at + 7)));
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    throw std::runtime_error("the server has ended: " + log_of("server.log"));
  }

  void fly(networked_run& made) {
    child_process server(
        {godwit(), "server", "--log-format", "json", "--config", write_server_config()},
        file("server.log"));
    const auto port = port_of(server);
    std::vector<std::unique_ptr<child_process>> edges;
    for (std::uint32_t i = 0; i < options_.edge_count; ++i)
      edges.push_back(std::make_unique<child_process>(
          std::vector<std::string>{(program_folder() / "godwit_bench").string(), "echo-edge",
                                   "--config", write_edge_config(i, port), "--parameters",
                                   std::to_string(options_.parameter_count)},
          file(edge(i) + ".log")));
    const auto cpu_now = [&] {
      double sum = server.cpu_seconds();
      for (const auto& each : edges)
        sum += each->cpu_seconds();
      return sum;
    };
    std::uint32_t rounds_before = 0;
    double cpu_before = 0;
    while (server.is_running() && edges.front()->is_running() && !is_over()) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
      if (rounds_before == 0 && (rounds_before = rounds_so_far()) > 0)
        cpu_before = cpu_now();
    }
    if (rounds_before > 0 && rounds_before < options_.round_count)
      made.round_cpu_seconds = (cpu_now() - cpu_before) / (options_.round_count - rounds_before);
    edges.front()->is_running();
    made.server = server.wait(options_.at_most);
    made.edge = edges.front()->stop();
    read_rounds_of(made);
  }

  bool is_over() const { return log_of("server.log").find("job.finished") != std::string::npos; }

  std::uint32_t rounds_so_far() const {
    std::ifstream in(file("run") / "rounds.jsonl");
    return static_cast<std::uint32_t>(
        std::count(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>(), '\n'));
  }

  void read_rounds_of(networked_run& made) const {
    const auto rounds = read_rounds(file("run") / "rounds.jsonl");
    if (made.server.status != 0 || !rounds || rounds->size() != options_.round_count)
      throw std::runtime_error("the run did not come to its end: " + log_of("server.log") +
                               log_of(edge(0) + ".log"));
    made.first_round_end = rounds->front().finished_seconds;
    for (std::size_t i = 1; i < rounds->size(); ++i) {
      if ((*rounds)[i].reporters != options_.edge_count)
        throw std::runtime_error("an edge was missing from a round");
      made.round_seconds.push_back((*rounds)[i].finished_seconds -
                                   (*rounds)[i - 1].finished_seconds);
    }
  }

  networked_options options_;
  scratch_folder folder_;
  scratch_folder in_memory_{memory_folder()};
};

} // namespace

networked_run run_networked(const networked_options& options) {
  return federation(options).run();
}

void stay_on_one_core() {
  cpu_set_t all, one;
  CPU_ZERO(&all);
  CPU_ZERO(&one);
  if (::sched_getaffinity(0, sizeof all, &all) != 0)
    return;
  for (int core = 0; core < CPU_SETSIZE; ++core)
    if (CPU_ISSET(core, &all)) {
      CPU_SET(core, &one);
      break;
    }
  ::sched_setaffinity(0, sizeof one, &one);
}

} // namespace godwit
