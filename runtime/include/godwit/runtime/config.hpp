// Everything that can be configured, as plain structs with working defaults. Loading and checking:
// src/config.
#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <iterator>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include <godwit/messages/training.hpp>

namespace godwit {

/// Where TLS finds its keys. All PEM. `godwit keys` makes them.
struct tls_config {
  std::filesystem::path certificate;
  std::filesystem::path key;
  std::filesystem::path authority; ///< the certificate authority that signed both sides
  friend bool operator==(const tls_config&, const tls_config&) = default;
};

/// Which examples. `source`: fashion-mnist, mnist, synthetic, idx (a folder with IDX files), csv,
/// none.
struct data_config {
  std::string source = "fashion-mnist";
  std::filesystem::path folder;   ///< where the files are; empty: where `deploy/get-data` puts them
  double alpha = 1.0, beta = 1.0; ///< of FedProx Synthetic(alpha, beta)
  std::string label_column = "label"; ///< csv
  std::string key_column;             ///< csv: the natural owner of an example
  std::uint32_t example_limit = 0;    ///< use only so many training examples (evenly taken); 0: all
  friend bool operator==(const data_config&, const data_config&) = default;
};

/// How a data set is dealt to clients. `scheme`: iid, shards, label_quantity, dirichlet_class,
/// dirichlet_client, similarity, powerlaw2, quantity, natural.
struct partition_config {
  std::string scheme = "iid";
  std::uint32_t clients = 10;
  double alpha = 0.5;                  ///< dirichlet_class, dirichlet_client, quantity
  std::uint32_t shards_per_client = 2; ///< shards
  std::uint32_t labels_per_client = 2; ///< label_quantity
  double similarity = 0.1;             ///< similarity: the share dealt iid
  std::uint32_t examples_min = 10;     ///< dirichlet_class: redrawn until each client has so many
  friend bool operator==(const partition_config&, const partition_config&) = default;
};

/// The rules of one round.
struct round_config {
  std::uint32_t cohort = 10; ///< updates that close the round
  std::uint32_t cohort_min =
      0; ///< fewer: the round is abandoned; 0 means half of the cohort, at least 1
  double over_selection =
      1.3; ///< invite ceil(cohort x this), at most all that are there; 1.0 ..= 4.0
  std::chrono::milliseconds deadline{60'000}; ///< from the first invitation to the last update
  friend bool operator==(const round_config&, const round_config&) = default;
};

/// The smallest number of updates that makes a round count: cohort_min, or the half that 0 stands
/// for.
inline std::uint32_t effective_cohort_min(const round_config& round) noexcept {
  return round.cohort_min != 0 ? round.cohort_min : std::max<std::uint32_t>(1, round.cohort / 2);
}

/// A sum that the server cannot look into (privacy/SECURE_SUM.md). `profile`: none, semi_honest,
/// malicious.
struct secure_sum_config {
  std::string profile = "none";
  std::string method = "masks"; ///< masks, encryption
  double clip = 1.0;            ///< each coordinate of an update is cut to [-clip, clip]; > 0
  std::uint32_t bits = 16;      ///< of a coordinate, 4 ..= 24
  std::uint32_t weight_max = 1; ///< an update counts as min(its examples, this); 1: all the same
  double colluding = 0.1;       ///< share of a cohort that may work with the server, 0 ..= 0.33
  double dropping = 0.1;        ///< share of a cohort that may drop out, 0 ..= 0.33
  friend bool operator==(const secure_sum_config&, const secure_sum_config&) = default;
};

/// Differential privacy for whole clients: all that one ever sent is there, or is nothing
/// (privacy/THREATS.md).
struct privacy_config {
  std::string mechanism =
      "none";           ///< none, gaussian, tree; under a secure sum: discrete_gaussian, skellam
  double epsilon = 8;   ///< of each client, over all models that are released; > 0
  double delta = 1e-5;  ///< likewise; 0 < delta < 1 / clients
  double clip_norm = 1; ///< each update is cut to this L2 norm; > 0
  std::string clip = "fixed";  ///< fixed, adaptive: clip_norm is the first round's then
  double clip_quantile = 0.5;  ///< adaptive: the norm that this part of updates is within; (0, 1)
  double clip_rate = 0.2;      ///< adaptive: how fast it is approached; (0, 1]
  double noise_multiplier = 1; ///< standard deviation of the sum's noise / clip_norm; 1e-4 ..= 240
  std::uint32_t tree_rounds = 64; ///< tree: so many rounds make a tree, 1 ..= 4,096
  friend bool operator==(const privacy_config&, const privacy_config&) = default;
};

/// Differential privacy for each single example of an edge: it trains by DP-SGD
/// (privacy/THREATS.md).
struct example_privacy_config {
  std::string mechanism = "none"; ///< none, gaussian
  double clip_norm = 1;           ///< each example's gradient is cut to this L2 norm; > 0
  double noise_multiplier = 1;    ///< standard deviation of a step's noise / clip_norm; > 0
  friend bool operator==(const example_privacy_config&, const example_privacy_config&) = default;
};

/// Differential privacy that needs nobody: each update gets noise before it leaves its edge
/// (privacy/THREATS.md).
struct local_privacy_config {
  std::string mechanism = "none"; ///< none, gaussian, laplace
  double clip_norm = 1;           ///< each update is cut to this norm: L2, or L1 for laplace; > 0
  double noise_multiplier = 1;    ///< standard deviation, or scale, of an update's noise /
                                  ///< clip_norm; > 0
  friend bool operator==(const local_privacy_config&, const local_privacy_config&) = default;
};

/// What an edge allows to be told: of each of its examples, or of itself.
struct told_limit_config {
  std::string demand = "accepted"; ///< accepted: as the job says; required: it takes part in no
                                   ///< other job, and only until its budget is spent
  double epsilon = 8;              ///< over all updates that ever leave this edge; > 0
  double delta = 1e-5;             ///< likewise; of examples: below 1 / their number
  friend bool operator==(const told_limit_config&, const told_limit_config&) = default;
};

/// A sum that this server can open only together with trustees, nodes under other owners
/// (privacy/SHARED_SUM.md). `scheme`: none, additive, replicated.
struct shared_sum_config {
  std::string scheme = "none";
  std::string trustees;         ///< names, separated by spaces: 1 or 2; replicated: 2
  double clip = 1.0;            ///< each coordinate of an update is cut to [-clip, clip]; > 0
  std::uint32_t bits = 16;      ///< of a coordinate, 4 ..= 24
  std::uint32_t weight_max = 1; ///< an update counts as min(its examples, this); 1: all the same
  friend bool operator==(const shared_sum_config&, const shared_sum_config&) = default;
};

/// The trustees, one by one.
inline std::vector<std::string> trustee_names(const shared_sum_config& shared) {
  std::istringstream words(shared.trustees);
  return {std::istream_iterator<std::string>(words), {}};
}

/// What is learned, and for how long.
struct job_config {
  std::string name = "first-flight";
  std::string model = "mlp-2nn"; ///< softmax, mlp-2nn, cnn-mcmahan; a server: also custom, which
                                 ///< only edges with a trainer of their own can train
  std::filesystem::path initial_model; ///< .safetensors or .npz to begin with, any layout where the
                                       ///< model is custom; empty: drawn from the seed
  std::string strategy = "fed_avg";
  std::string selection = "random"; ///< random, by_size
  std::uint32_t rounds = 20;
  double target_accuracy = 0.0;     ///< stop when the central test accuracy reaches it; 0: never
  std::uint32_t evaluate_every = 1; ///< central evaluation after each n-th round; 0: only the last
  std::uint32_t federated_evaluate_every =
      0; ///< ask the edges to evaluate after each n-th round; 0: never
  round_config round;
  secure_sum_config secure_sum;
  shared_sum_config shared_sum;
  privacy_config privacy;
  example_privacy_config example_privacy;
  local_privacy_config local_privacy;
  training_plan client; ///< its seed is not configured: it comes from `seed`; its noise:
                        ///< from `example_privacy` and `local_privacy`
  friend bool operator==(const job_config&, const job_config&) = default;
};

/// Whether edges cut their updates and add the noise, so that the server sees neither.
inline bool is_distributed(const privacy_config& privacy) noexcept {
  return privacy.mechanism == "discrete_gaussian" || privacy.mechanism == "skellam";
}

/// Of the edges in a secure sum, so many may work with the server: their noise hides nothing.
inline std::uint32_t corrupt_max_of(const job_config& job) noexcept {
  const auto invited = std::ceil(job.round.cohort * job.round.over_selection);
  const auto thousandths = std::lround(job.secure_sum.colluding * 1000);
  return static_cast<std::uint32_t>(std::floor(invited * static_cast<double>(thousandths) / 1000));
}

/// What simulated devices are like. The defaults: phones that are always there, on mains.
struct devices_config {
  std::string profile = "phones";      ///< phones, uniform, iot, workstations: power and bandwidth
  std::string availability = "always"; ///< always, diurnal
  std::string battery = "none";        ///< none, phones, unplugged (phones that nobody charges)
  std::uint32_t model_scale = 1; ///< time and traffic are those of a model so many times as large,
                                 ///< 1 ..= 100,000
  friend bool operator==(const devices_config&, const devices_config&) = default;
};

/// A whole simulated federation: job.yml.
struct simulation_config {
  std::uint64_t seed = 1;
  std::uint32_t threads = 0; ///< 0: one for each core
  std::filesystem::path out = "runs/simulation";
  job_config job;
  data_config data;
  partition_config partition;
  devices_config devices;
  double drop_out = 0.0; ///< the chance that an invited client vanishes in a round, 0 ..< 1
  std::uint32_t evaluation_percent =
      10; ///< of each client's examples that are kept for federated evaluation, 0 ..= 50
  told_limit_config example_limit, update_limit; ///< of each client
  friend bool operator==(const simulation_config&, const simulation_config&) = default;
};

/// server.yml
struct server_config {
  std::string listen = "127.0.0.1:7443";
  tls_config tls;
  std::filesystem::path state = "state";
  std::filesystem::path out = "runs/server";
  std::uint64_t seed = 1;
  job_config job;
  data_config test_data; ///< the held-out set; source none: no central evaluation
  std::chrono::seconds token_lifetime{900};
  std::uint32_t wait_for_edges =
      0; ///< the first round starts when so many are enrolled; 0 means the cohort
  friend bool operator==(const server_config&, const server_config&) = default;
};

/// Where the power state comes from. `source`: sysfs, none (always on mains), scripted (a YAML file
/// of readings).
struct power_config {
  std::string source = "sysfs";
  std::filesystem::path sysroot = "/"; ///< for sysfs: where sys/ and proc/ are
  std::filesystem::path script;
  std::uint32_t battery_min = 40; ///< percent below which a discharging edge declines work
  friend bool operator==(const power_config&, const power_config&) = default;
};

/// So many bytes.
struct byte_amount {
  std::uint64_t bytes = 0;
  friend bool operator==(const byte_amount&, const byte_amount&) = default;
};

/// How an edge lives with its connection. `mode`: online (it stops work where there is none),
/// offline_first (it works on), scheduled (it is connected in windows only, and works on in
/// between).
struct sync_config {
  std::string mode = "offline_first";
  std::chrono::milliseconds every{std::chrono::hours(6)}; ///< scheduled: a window begins so often
  std::chrono::milliseconds lasts{std::chrono::minutes(10)}; ///< and lasts so long; below `every`
  friend bool operator==(const sync_config&, const sync_config&) = default;
};

/// What an edge holds for a server that it does not reach.
struct mailbox_config {
  byte_amount bytes{256'000'000}; ///< an update and letters, 1 MB or more; above it the oldest
                                  ///< letters are given up
  std::chrono::milliseconds age{std::chrono::hours(168)}; ///< of a letter, at most
  friend bool operator==(const mailbox_config&, const mailbox_config&) = default;
};

/// trustee.yml
struct trustee_config {
  std::string server = "127.0.0.1:7443";
  tls_config tls;                        ///< the certificate's name is the trustee's name
  std::filesystem::path state = "state"; ///< each trustee has its own, and each job another one
  std::uint32_t clients_min = 2;         ///< it opens no sum of fewer, whatever the server says
  friend bool operator==(const trustee_config&, const trustee_config&) = default;
};

/// edge.yml
struct edge_config {
  std::string server = "127.0.0.1:7443";
  tls_config tls;                        ///< the certificate's name is the edge's name
  std::filesystem::path state = "state"; ///< each edge has its own
  std::string model = "mlp-2nn"; ///< as the server's job; custom: with a trainer of the host's own
  data_config data;
  std::uint32_t evaluation_percent =
      10; ///< of the local examples that are kept for federated evaluation, 0 ..= 50
  power_config power;
  sync_config sync;
  mailbox_config mailbox;
  std::string secure_sum = "accepted"; ///< accepted; required: no update leaves this edge unmasked;
                                       ///< malicious: nor in a round that trusts the server
  told_limit_config example_limit, update_limit;
  friend bool operator==(const edge_config&, const edge_config&) = default;
};

} // namespace godwit
