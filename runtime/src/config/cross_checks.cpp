// The rules that compare keys, one function each.
#include "config/cross_checks.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>

#include <fmt/format.h>

#include <godwit/messages/ids.hpp>
#include <godwit/privacy/mask_graph.hpp>
#include <godwit/privacy/secure_terms.hpp>

#include "config/privacy_checks.hpp"

namespace godwit::config {
namespace {

constexpr std::uint64_t mnist_example_count = 60'000; // of MNIST and Fashion-MNIST alike
constexpr std::uint32_t synthetic_device_count = 30;  // FedProx Synthetic(alpha, beta), section 5.1

bool is_mnist(const data_config& data) {
  return data.source == "mnist" || data.source == "fashion-mnist";
}

bool is_synthetic(const data_config& data) {
  return data.source == "synthetic" || data.source == "synthetic_iid";
}

std::string at_most(std::uint64_t bound, const std::string& what) {
  return "at most " + std::to_string(bound) + ", " + what;
}

/// The names of one data section's keys.
struct data_paths {
  std::string source, folder, key_column, example_limit;
};

data_paths paths_of(const std::string& section) {
  return {section + ".source", section + ".folder", section + ".key_column",
          section + ".example_limit"};
}

void check_round(intake& read, const job_config& job) {
  if (read.is_sound({"job.round.cohort", "job.round.cohort_min"}) &&
      job.round.cohort_min > job.round.cohort)
    read.refuse("job.round.cohort_min", "job.round.cohort",
                at_most(job.round.cohort, "which is job.round.cohort"));
}

secure_sum::profile profile_of(const secure_sum_config& config) {
  return config.profile == "malicious" ? secure_sum::profile::malicious
                                       : secure_sum::profile::semi_honest;
}

std::uint32_t invited_count(const round_config& round) {
  return static_cast<std::uint32_t>(std::ceil(round.cohort * round.over_selection));
}

/// The fewest edges whose sum can be opened by those who are left, and by nobody else.
std::uint32_t fewest_for(const secure_sum_config& config) {
  const auto thousandths = [](double share) {
    return static_cast<std::uint16_t>(std::lround(share * 1000));
  };
  constexpr std::uint32_t enough_for_any = 512;
  std::uint32_t n = 2;
  while (n < enough_for_any &&
         !secure_sum::choose_graph(
             n, {.corrupt = thousandths(config.colluding), .dropped = thousandths(config.dropping)},
             profile_of(config)))
    ++n;
  return n;
}

/// Encrypted updates have to fit their slots, and their noise the sum.
void check_encryption(intake& read, const job_config& job) {
  if (!read.is_sound({"job.secure_sum.method", "job.secure_sum.bits", "job.secure_sum.weight_max",
                      "job.round.cohort", "job.round.over_selection"}) ||
      job.secure_sum.method != "encryption")
    return;
  const auto bits = static_cast<std::uint8_t>(job.secure_sum.bits);
  const auto most = secure_sum::carried_clients_max(
      {sum_set::rk4096a, job.secure_sum.weight_max, {{1, -1, 1, bits}}});
  if (invited_count(job.round) > most)
    read.refuse("job.round.cohort", "job.secure_sum.method",
                fmt::format("at most {} with job.round.over_selection, since updates of {} bits "
                            "that weigh up to {} are encrypted",
                            most, bits, job.secure_sum.weight_max),
                "choose fewer bits, a smaller weight_max or cohort, or the method masks");
}

void check_secure_sum(intake& read, const job_config& job) {
  constexpr std::string_view profile = "job.secure_sum.profile";
  if (!read.is_sound({profile}) || job.secure_sum.profile == "none")
    return;
  const auto since = fmt::format("since {} is {}", profile, job.secure_sum.profile);
  if (read.is_sound({"job.federated_evaluate_every"}) && job.federated_evaluate_every != 0)
    read.refuse("job.federated_evaluate_every", profile, fmt::format("0, {}", since),
                "edges would report how the model does on each one's own examples");
  if (read.is_sound({"job.round.cohort_min", "job.round.cohort", "job.secure_sum.colluding",
                     "job.secure_sum.dropping"})) {
    const auto fewest = fewest_for(job.secure_sum);
    if (effective_cohort_min(job.round) < fewest)
      read.refuse("job.round.cohort_min", "job.round.cohort",
                  fmt::format("at least {}, {}", fewest, since),
                  "a sum of fewer cannot be kept secret and be opened, with such shares of edges "
                  "that collude and that drop out");
  }
  if (profile_of(job.secure_sum) == secure_sum::profile::malicious &&
      read.is_sound({"job.round.cohort", "job.round.over_selection"}) &&
      invited_count(job.round) > secure_sum::malicious_count_max)
    read.refuse("job.round.cohort", profile,
                fmt::format("at most {} with job.round.over_selection, {}",
                            secure_sum::malicious_count_max, since),
                "each edge checks every other one's keys; choose a smaller cohort, or the profile "
                "semi_honest");
  if (read.is_sound({"job.secure_sum.bits", "job.secure_sum.weight_max", "job.round.cohort",
                     "job.round.over_selection"}) &&
      secure_sum::modulus_bits_for(invited_count(job.round), job.secure_sum.weight_max,
                                   {{1, -1, 1, static_cast<std::uint8_t>(job.secure_sum.bits)}}) ==
          0)
    read.refuse("job.secure_sum.weight_max", "job.secure_sum.bits",
                "a smaller one, or fewer bits or clients", "the sum does not fit 62 bits");
  check_encryption(read, job);
}

void check_trustees(intake& read, const job_config& job) {
  const auto names = trustee_names(job.shared_sum);
  const auto is_wrong = [&](const std::string& name) {
    return !is_valid_name(name) || std::count(names.begin(), names.end(), name) > 1;
  };
  const bool is_replicated = job.shared_sum.scheme == "replicated";
  if (std::any_of(names.begin(), names.end(), is_wrong) || names.empty() || names.size() > 2 ||
      (is_replicated && names.size() != 2))
    read.refuse("job.shared_sum.trustees", "job.shared_sum.scheme",
                is_replicated ? "two names, since job.shared_sum.scheme is replicated"
                              : "one or two names, since job.shared_sum.scheme is additive",
                "a name is that of a trustee's certificate: `godwit keys trustee NAME`");
}

void check_shared_sum(intake& read, const job_config& job) {
  constexpr std::string_view scheme = "job.shared_sum.scheme";
  if (!read.is_sound({scheme}) || job.shared_sum.scheme == "none")
    return;
  const auto since = fmt::format("since {} is {}", scheme, job.shared_sum.scheme);
  if (read.is_sound({"job.secure_sum.profile"}) && job.secure_sum.profile != "none")
    read.refuse("job.secure_sum.profile", scheme, fmt::format("none, {}", since),
                "a sum is masked by the edges or split between servers, not both");
  if (read.is_sound({"job.shared_sum.trustees"}))
    check_trustees(read, job);
  if (read.is_sound({"job.federated_evaluate_every"}) && job.federated_evaluate_every != 0)
    read.refuse("job.federated_evaluate_every", scheme, fmt::format("0, {}", since),
                "edges would report how the model does on each one's own examples");
  if (read.is_sound({"job.round.cohort_min", "job.round.cohort"}) &&
      effective_cohort_min(job.round) < 2)
    read.refuse("job.round.cohort_min", "job.round.cohort", fmt::format("at least 2, {}", since),
                "a sum of one is that one's update");
  if (read.is_sound({"job.shared_sum.bits", "job.shared_sum.weight_max", "job.round.cohort",
                     "job.round.over_selection"}) &&
      secure_sum::modulus_bits_for(
          static_cast<std::uint32_t>(std::ceil(job.round.cohort * job.round.over_selection)),
          job.shared_sum.weight_max,
          {{1, -1, 1, static_cast<std::uint8_t>(job.shared_sum.bits)}}) == 0)
    read.refuse("job.shared_sum.weight_max", "job.shared_sum.bits",
                "a smaller one, or fewer bits or clients", "the sum does not fit 62 bits");
}

void check_target(intake& read, const job_config& job, const std::string& source_key,
                  bool is_evaluated) {
  if (!read.is_sound({"job.target_accuracy", "job.evaluate_every", source_key}) ||
      job.target_accuracy == 0)
    return;
  if (!is_evaluated)
    read.refuse("job.target_accuracy", source_key, "0, since " + source_key + " is none",
                "the target is measured on the test set");
  else if (job.evaluate_every == 0)
    read.refuse("job.target_accuracy", "job.evaluate_every", "0, since job.evaluate_every is 0",
                "the target is measured where the model is evaluated");
}

void check_source(intake& read, const data_config& data, const std::string& section) {
  const auto key = paths_of(section);
  if (read.is_sound({key.source, key.folder}) && data.folder.empty() &&
      (data.source == "idx" || data.source == "csv"))
    read.refuse(key.folder, key.source,
                "the path of a folder, since " + key.source + " is " + data.source,
                "there is no installed place for it");
}

void check_model(intake& read, const std::string& model_key, const std::string& model,
                 const data_config& data, const std::string& section) {
  const auto key = paths_of(section);
  if (!read.is_sound({model_key, key.source}) || model != "cnn-mcmahan")
    return;
  if (is_synthetic(data) || data.source == "csv")
    read.refuse(model_key, key.source,
                "softmax or mlp-2nn, since " + key.source + " is " + data.source,
                "the CNN needs images of 28 x 28");
}

void check_custom(intake& read, const server_config& config) {
  if (!read.is_sound({"job.model", "job.initial_model", "test_data.source"}) ||
      config.job.model != "custom")
    return;
  if (config.job.initial_model.empty())
    read.refuse("job.initial_model", "job.model", "the path of a file, since job.model is custom",
                "it tells the shapes of the parameters");
  if (config.test_data.source != "none")
    read.refuse("test_data.source", "job.model", "none, since job.model is custom",
                "the server cannot evaluate a model that only the edges know");
}

void check_separate(intake& read, const std::string& first, const std::filesystem::path& first_path,
                    const std::string& second, const std::filesystem::path& second_path) {
  if (read.is_sound({first, second}) && !first_path.empty() && first_path == second_path)
    read.refuse(second, first, "another folder than " + first, "one would overwrite the other");
}

/// How many training examples there can be, where that is known before they are loaded.
std::optional<std::uint64_t> example_bound(const data_config& data) {
  std::optional<std::uint64_t> bound;
  if (is_mnist(data))
    bound = mnist_example_count;
  if (data.example_limit != 0 && (!bound || data.example_limit < *bound))
    bound = data.example_limit;
  return bound;
}

void check_clients(intake& read, const simulation_config& config) {
  const auto& deal = config.partition;
  if (!read.is_sound({"partition.clients", "partition.scheme", "job.round.cohort"}))
    return;
  if (deal.clients == 0) {
    if (deal.scheme != "natural")
      read.refuse("partition.clients", "partition.scheme",
                  "at least 1, since partition.scheme is " + deal.scheme,
                  "only natural can tell the number from the data");
  } else if (config.job.round.cohort > deal.clients) {
    read.refuse("job.round.cohort", "partition.clients",
                at_most(deal.clients, "which is partition.clients"));
  }
}

void check_natural(intake& read, const simulation_config& config) {
  const auto& data = config.data;
  if (config.partition.scheme != "natural" ||
      !read.is_sound({"partition.scheme", "partition.clients", "data.source", "data.key_column"}))
    return;
  if (is_mnist(data))
    read.refuse("partition.scheme", "data.source",
                "another scheme, since data.source is " + data.source,
                "its examples have no owners");
  else if (data.source == "csv" && data.key_column.empty())
    read.refuse("data.key_column", "partition.scheme",
                "the column that names the owner, since partition.scheme is natural");
  else if (is_synthetic(data) && config.partition.clients > synthetic_device_count)
    read.refuse("partition.clients", "data.source",
                at_most(synthetic_device_count, "the devices of the synthetic data"));
}

/// Whether the examples suffice for what the scheme promises to each client.
void check_examples(intake& read, const simulation_config& config) {
  const auto& deal = config.partition;
  const auto bound = example_bound(config.data);
  if (!bound ||
      !read.is_sound({"data.source", "data.example_limit", "partition.scheme", "partition.clients",
                      "partition.shards_per_client", "partition.examples_min"}))
    return;
  const std::string examples = "since there are " + std::to_string(*bound) + " examples";
  if (deal.clients > *bound) {
    read.refuse("partition.clients", "data.example_limit", at_most(*bound, examples));
    return;
  }
  const std::uint64_t share = deal.clients == 0 ? *bound : *bound / deal.clients;
  if (deal.scheme == "shards" && deal.shards_per_client > share)
    read.refuse("partition.shards_per_client", "partition.clients", at_most(share, examples));
  if ((deal.scheme == "dirichlet_class" || deal.scheme == "quantity") && deal.examples_min > share)
    read.refuse("partition.examples_min", "partition.clients", at_most(share, examples));
}

void check_labels(intake& read, const simulation_config& config) {
  const bool has_ten = is_mnist(config.data) || is_synthetic(config.data);
  if (read.is_sound({"data.source", "partition.scheme", "partition.labels_per_client"}) &&
      has_ten && config.partition.scheme == "label_quantity" &&
      config.partition.labels_per_client > 10)
    read.refuse("partition.labels_per_client", "data.source",
                at_most(10, "the labels of " + config.data.source));
}

void check_batch(intake& read, const simulation_config& config) {
  const auto bound = example_bound(config.data);
  if (bound && read.is_sound({"job.client.batch_size", "data.source", "data.example_limit"}) &&
      config.job.client.batch_size > *bound)
    read.refuse("job.client.batch_size", "data.example_limit",
                at_most(*bound, "all the examples there are; 0: all of a client's"));
}

void check(intake& read, const server_config& config) {
  check_round(read, config.job);
  check_secure_sum(read, config.job);
  check_privacy(read, config.job,
                config.wait_for_edges != 0 ? config.wait_for_edges : config.job.round.cohort,
                config.wait_for_edges != 0 ? "wait_for_edges" : "job.round.cohort");
  check_edge_privacy(read, config.job);
  check_shared_sum(read, config.job);
  check_target(read, config.job, "test_data.source", config.test_data.source != "none");
  check_source(read, config.test_data, "test_data");
  check_model(read, "job.model", config.job.model, config.test_data, "test_data");
  check_custom(read, config);
  check_separate(read, "state", config.state, "out", config.out);
  check_separate(read, "test_data.folder", config.test_data.folder, "out", config.out);
  const auto needed = effective_cohort_min(config.job.round);
  if (read.is_sound({"wait_for_edges", "job.round.cohort", "job.round.cohort_min"}) &&
      config.wait_for_edges != 0 && config.wait_for_edges < needed)
    read.refuse("wait_for_edges", "job.round.cohort_min",
                "0, or at least " + std::to_string(needed),
                "with fewer edges the first round would be abandoned");
}

void check(intake& read, const edge_config& config) {
  check_source(read, config.data, "data");
  check_model(read, "model", config.model, config.data, "data");
  check_separate(read, "data.folder", config.data.folder, "state", config.state);
  if (read.is_sound({"power.source", "power.script"}) && config.power.source == "scripted" &&
      config.power.script.empty())
    read.refuse("power.script", "power.source",
                "the path of a readable file, since power.source is scripted");
  if (read.is_sound({"sync.mode", "sync.every", "sync.for"}) && config.sync.mode == "scheduled" &&
      config.sync.lasts >= config.sync.every)
    read.refuse("sync.for", "sync.every", "less than sync.every",
                "offline_first is always connected where it can be");
}

void check(intake&, const trustee_config&) {}

void check(intake& read, const simulation_config& config) {
  check_round(read, config.job);
  check_secure_sum(read, config.job);
  check_privacy(read, config.job, config.partition.clients, "partition.clients");
  check_edge_privacy(read, config.job);
  check_told_limits(read, config);
  check_target(read, config.job, "data.source", true);
  check_source(read, config.data, "data");
  check_model(read, "job.model", config.job.model, config.data, "data");
  check_separate(read, "data.folder", config.data.folder, "out", config.out);
  check_clients(read, config);
  check_natural(read, config);
  check_examples(read, config);
  check_labels(read, config);
  check_batch(read, config);
}

} // namespace

void cross_check(intake& read) {
  std::visit([&read](const auto& config) { check(read, config); }, read.config());
}

} // namespace godwit::config
