// godwit demo: a whole federation on this machine. This process is the server; each edge is a
// process of its own, with its own folder, key and data.
#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <thread>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>

#include "commands.hpp"
#include "config/effective.hpp"
#include "config/load.hpp"
#include "data/folder.hpp"
#include "data/load.hpp"
#include "data/partition.hpp"
#include "edge_name.hpp"
#include "key_files.hpp"
#include "report/run_folder.hpp"
#include "signals.hpp"
#include "storage/atomic_file.hpp"
#include "watch.hpp"

namespace godwit::cli {
namespace {

/// The demo's federation, laid out in its folder.
struct federation {
  std::filesystem::path folder;
  server_config server;
  std::vector<std::string> names;
  std::vector<std::vector<std::uint64_t>> label_counts;
};

server_config server_config_of(const demo_command& command, const std::filesystem::path& folder,
                               const tls_config& tls) {
  server_config config;
  config.listen = "127.0.0.1:0";
  config.tls = tls;
  config.state = folder / "state";
  config.out = folder;
  config.seed = command.seed;
  config.test_data.source = command.data;
  config.wait_for_edges = command.edges;
  auto& job = config.job;
  job.name = "demo";
  job.model = command.model;
  job.rounds = command.rounds;
  job.federated_evaluate_every = 1;
  job.round.cohort = command.edges;
  job.round.over_selection = 1.0;
  job.client.epochs = 1;
  job.client.batch_size = 10;
  job.client.learning_rate = 0.05F;
  return config;
}

/// Applies `--set` by way of the loader, so that it is checked like a file.
config::loaded<server_config> with_overrides(const server_config& config,
                                             const std::filesystem::path& file,
                                             const std::vector<std::string>& set) {
  return config::read_server_config(config::to_yaml(config), file, {.overrides = set});
}

/// Deals the data and writes each edge's part into its own folder.
attempt<done> deal(const demo_command& command, federation& made) {
  data_config source;
  source.source = command.data;
  auto data = load_dataset(source, split::train);
  if (!data)
    return data.why();
  partition_config how;
  how.scheme = "dirichlet_class";
  how.clients = command.edges;
  how.alpha = command.alpha;
  auto parts = partition(*data, how, command.seed);
  if (!parts)
    return parts.why();
  for (std::uint32_t i = 0; i < command.edges; ++i) {
    made.names.push_back(edge_name(i, command.edges));
    made.label_counts.push_back(label_counts((*parts)[i]));
    auto saved = save_examples((*parts)[i], made.folder / "edges" / made.names.back() / "data",
                               split::train);
    if (!saved)
      return saved;
  }
  return done{};
}

attempt<done> make_keys(const federation& made) {
  key_folder keys(made.folder / "keys", std::chrono::hours(24 * 30));
  if (auto authority = keys.make_authority(); !authority)
    return authority.why();
  if (auto server = keys.make(role::server, "server", {"localhost", "127.0.0.1"}); !server)
    return server.why();
  if (auto person = keys.make(role::person, "admin", {}); !person)
    return person.why();
  for (const auto& name : made.names)
    if (auto edge = keys.make(role::edge, name, {}); !edge)
      return edge.why();
  return done{};
}

attempt<done> write_edge_config(const federation& made, const std::string& name,
                                std::uint16_t port) {
  edge_config config;
  config.server = "127.0.0.1:" + std::to_string(port);
  config.tls = key_folder(made.folder / "keys", {}).tls(name);
  config.state = made.folder / "edges" / name / "state";
  config.model = made.server.job.model;
  config.data.source = "idx";
  config.data.folder = made.folder / "edges" / name / "data";
  config.power.source = "none"; // they share one machine, and it is busy because of them
  return write_atomically(made.folder / "edges" / name / "edge.yml",
                          as_bytes(config::to_yaml(config)));
}

/// One edge process. Dies with this one.
class edge_process {
public:
  edge_process(std::string name, std::filesystem::path folder)
      : name_(std::move(name)), folder_(std::move(folder)) {}

  bool start() {
    const auto config = (folder_ / "edge.yml").string();
    const auto log = (folder_ / "log.txt").string();
    const auto parent = ::getpid();
    id_ = ::fork();
    if (id_ != 0)
      return id_ > 0;
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (::getppid() != parent)
      ::_exit(exit_failed);
    const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (out >= 0) {
      ::dup2(out, STDOUT_FILENO);
      ::dup2(out, STDERR_FILENO);
    }
    ::execl("/proc/self/exe", "godwit", "edge", "--config", config.c_str(),
            static_cast<char*>(nullptr));
    ::_exit(127);
  }
  /// Whether it has ended since the last look, and how.
  std::optional<int> ended() {
    int status = 0;
    if (id_ <= 0 || ::waitpid(id_, &status, WNOHANG) != id_)
      return {};
    id_ = 0;
    return status;
  }
  void stop() {
    if (id_ <= 0)
      return;
    ::kill(id_, SIGTERM);
    for (int i = 0; i < 50 && id_ > 0; ++i) {
      if (::waitpid(id_, nullptr, WNOHANG) == id_)
        id_ = 0;
      else
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    if (id_ > 0) {
      ::kill(id_, SIGKILL);
      ::waitpid(id_, nullptr, 0);
    }
    id_ = 0;
  }
  const std::string& name() const noexcept { return name_; }

private:
  std::string name_;
  std::filesystem::path folder_;
  pid_t id_ = 0;
};

attempt<federation> lay_out(const demo_command& command) {
  federation made;
  made.folder = std::filesystem::absolute(unused_run_folder(command.out));
  std::error_code error;
  std::filesystem::create_directories(made.folder, error);
  if (error)
    return failure{.code = failure_code::io,
                   .detail = "the folder " + made.folder.string() +
                             " cannot be made: " + error.message()};
  fmt::print("dealing {} to {} edges, non-IID (Dirichlet {})\n", command.data, command.edges,
             command.alpha);
  if (auto dealt = deal(command, made); !dealt)
    return dealt.why();
  fmt::print("making keys and certificates\n");
  if (auto keys = make_keys(made); !keys)
    return keys.why();
  made.server =
      server_config_of(command, made.folder, key_folder(made.folder / "keys", {}).tls("server"));
  return made;
}

int fly(const demo_command& command, federation& made) {
  auto config = with_overrides(made.server, made.folder / "server.yml", command.set);
  if (!config) {
    std::fprintf(stderr, "%s", config::text(config.why()).c_str());
    return exit_config;
  }
  made.server = *config;
  auto log = open_log(command.log, made.folder);
  if (!log)
    return complain(log.why().detail, exit_failed);
  auto server = server_node::start(made.server, {.log = *log,
                                                 .command = "demo",
                                                 .client_names = made.names,
                                                 .label_counts = made.label_counts});
  if (!server)
    return complain(server.why().detail, exit_failed);
  std::vector<edge_process> edges;
  for (const auto& name : made.names) {
    if (auto written = write_edge_config(made, name, (*server)->port()); !written)
      return complain(written.why().detail, exit_failed);
    edges.emplace_back(name, made.folder / "edges" / name);
    if (!edges.back().start())
      return complain(std::string("an edge process cannot be started: ") + std::strerror(errno),
                      exit_failed);
  }
  fmt::print("server and {} edge processes started, mutual TLS on 127.0.0.1:{}\n", edges.size(),
             (*server)->port());
  std::fflush(stdout);
  std::string lost; // before the first round: the server would wait for it for ever
  const bool is_done = watch(**server, **log, command.log, [&] {
    for (auto& edge : edges)
      if (auto status = edge.ended()) {
        (*log)->warn("edge.process_ended", {{"client", edge.name()}, {"status", *status}});
        if ((*server)->status().phase == "waiting" && (*server)->rounds().empty())
          lost = edge.name();
      }
    return lost.empty();
  });
  for (auto& edge : edges)
    edge.stop();
  if (!lost.empty())
    return complain(lost + " ended before the first round; its log says why: " +
                        (made.folder / "edges" / lost / "log.txt").string(),
                    exit_failed);
  if (!is_done)
    return complain("stopped before the end; what there is lies in " + made.folder.string(),
                    exit_failed);
  print_results((*server)->outcome(), (*server)->folder(), (*server)->rounds());
  return exit_done;
}

} // namespace

int run(const demo_command& command) {
  catch_signals();
  auto made = lay_out(command);
  if (!made)
    return complain(made.why().detail, exit_failed);
  return fly(command, *made);
}

} // namespace godwit::cli
