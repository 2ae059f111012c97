// What can be asked of `godwit`: one struct of options and one function a subcommand. main.cpp
// fills the structs.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace godwit {
class event_log;
}

namespace godwit::cli {

/// Exit statuses (sysexits.h where it has one).
inline constexpr int exit_done = 0;
inline constexpr int exit_failed = 1;       ///< it ran, and ended badly
inline constexpr int exit_usage = 64;       ///< the command line is wrong
inline constexpr int exit_unavailable = 69; ///< a server that does not answer
inline constexpr int exit_config = 78; ///< the configuration is wrong; all problems are on stderr

/// How lines are logged.
struct log_choice {
  std::string format = "text"; ///< text or json
  std::string level = "info";
};
/// A log on the standard error, as chosen.
std::shared_ptr<event_log> log_of(const log_choice&);

/// Options that become overrides of the configuration.
struct overrides {
  std::vector<std::string> set; ///< key=value
  std::optional<std::uint64_t> seed;
  std::optional<std::filesystem::path> out;
  /// All of them, as the loader takes them.
  std::vector<std::string> all() const;
};

struct server_command {
  std::filesystem::path config;
  overrides over;
  log_choice log;
};
int run(const server_command&);

struct edge_command {
  std::filesystem::path config;
  overrides over;
  log_choice log;
};
int run(const edge_command&);

struct trustee_command {
  std::filesystem::path config;
  std::vector<std::string> set; ///< key=value
  log_choice log;
};
int run(const trustee_command&);

struct predict_command {
  std::filesystem::path config;
  std::vector<std::string> set;                ///< key=value
  std::optional<std::filesystem::path> input;  ///< none: the edge's own held-out examples
  std::optional<std::filesystem::path> output; ///< none: figures only, or predictions on stdout
};
int run(const predict_command&);

struct demo_command {
  std::uint32_t edges = 10;
  std::uint32_t rounds = 25;
  std::uint64_t seed = 1;
  std::filesystem::path out = "runs/demo";
  std::string model = "mlp-2nn";
  std::string data = "fashion-mnist";
  double alpha = 0.5;
  std::vector<std::string> set; ///< key=value for the server's configuration
  log_choice log;
};
int run(const demo_command&);

struct simulate_command {
  std::filesystem::path config;
  overrides over;
  std::optional<std::uint32_t> threads;
  log_choice log;
};
int run(const simulate_command&);

struct compare_command {
  std::vector<std::string> runs; ///< NAME=FOLDER or FOLDER; runs of one name are one case
  std::filesystem::path out = "comparison.html";
  std::string title = "Runs against each other";
};
int run(const compare_command&);

struct keys_command {
  std::string what; ///< all, authority, server, edge, person, trustee
  std::filesystem::path folder = "keys";
  std::vector<std::string> names;
  std::vector<std::string> hosts{"localhost", "127.0.0.1"};
  std::uint32_t edges = 3; ///< with `all`: how many
  std::uint32_t days = 397;
};
int run(const keys_command&);

struct status_command {
  std::string server = "127.0.0.1:7443";
  std::filesystem::path folder = "keys";
  std::string person = "admin";
  bool as_json = false;
};
int run(const status_command&);

struct model_command {
  std::filesystem::path in;
  std::optional<std::filesystem::path> out; ///< none: info
};
int run(const model_command&);

/// godwit privacy spent, verify.
struct privacy_ledger_command {
  std::filesystem::path store; ///< a server's state folder
  double delta = 1e-5;
  bool lists_clients = false;
  std::optional<std::string> remembered; ///< COUNT:HASH; none: spent
  bool verifies = false;
};
int run(const privacy_ledger_command&);

struct inspect_command {
  std::filesystem::path store;
};
int run(const inspect_command&);

struct config_command {
  std::vector<std::filesystem::path> files; ///< none: print the reference page
  std::vector<std::string> set;
  bool checks_files = true;
};
int run(const config_command&);

/// Prints "godwit: " and the sentence to stderr; returns `status`.
int complain(const std::string& sentence, int status);

} // namespace godwit::cli
