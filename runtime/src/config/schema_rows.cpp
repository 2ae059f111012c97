// The table of all keys. A key is added here and nowhere else (and as a member of its struct).
// (length: all keys are to be found in one place)
#include <array>
#include <utility>

#include "config/schema.hpp"

namespace godwit::config {
namespace {

using namespace std::chrono_literals;
using table = std::vector<row>;

constexpr location readable_file{location::presence::file};
constexpr location existing_folder{location::presence::folder};
constexpr location data_place{location::presence::data};
constexpr location made_folder{location::presence::made_when_missing};

/// Finds a part of a configuration.
template <class Part>
using place = std::function<Part&(any_config&)>;

template <class Root>
place<Root> root() {
  return [](any_config& config) -> Root& { return std::get<Root>(config); };
}

template <class Outer, class Part>
place<Part> part(place<Outer> outer, Part Outer::*inner) {
  return [outer = std::move(outer), inner](any_config& config) -> Part& {
    return outer(config).*inner;
  };
}

template <class Outer, class Value>
std::function<member(any_config&)> of(const place<Outer>& outer, Value Outer::*value) {
  return [outer, value](any_config& config) -> member { return &(outer(config).*value); };
}

void add_kind(table& rows, std::string_view kind) {
  rows.push_back({"kind", choice{{kind}}, "",
                  "Says what this file is, for people and for `godwit config check`.",
                  [](any_config&) -> member { return std::monostate{}; }});
}

void add_tls(table& rows, const place<tls_config>& tls) {
  rows.push_back({"tls.certificate", readable_file, "",
                  "This node's certificate (PEM); it names the node and its role.",
                  of(tls, &tls_config::certificate), true});
  rows.push_back({"tls.key", readable_file, "",
                  "The certificate's private key (PEM); keep it readable by its owner only.",
                  of(tls, &tls_config::key), true});
  rows.push_back({"tls.authority", readable_file, "",
                  "The certificate authority (PEM) that signed both sides; a peer signed by "
                  "another one is refused.",
                  of(tls, &tls_config::authority), true});
}

const choice built_in_models{{"softmax", "mlp-2nn", "cnn-mcmahan"}};
const choice all_models{{"softmax", "mlp-2nn", "cnn-mcmahan", "custom"}};
constexpr std::string_view built_in_sentence =
    "The model: softmax regression, or the 2NN or the CNN of McMahan et al. 2017.";
constexpr std::string_view all_models_sentence =
    "The model: softmax regression, the 2NN or the CNN of McMahan et al. 2017, or one of your own, "
    "which only edges with a trainer of their own can train.";

void add_job(table& rows, const place<job_config>& job, const choice& models,
             std::string_view models_sentence) {
  const auto round = part(job, &job_config::round);
  const auto client = part(job, &job_config::client);
  const table keys = {
      {"job.name", words{1, 64}, "", "A name for people; it is the report's title.",
       of(job, &job_config::name)},
      {"job.model", models, "", models_sentence, of(job, &job_config::model)},
      {"job.initial_model", readable_file, "",
       "A .safetensors or .npz file to begin with; without one the first parameters are drawn from "
       "the seed.",
       of(job, &job_config::initial_model)},
      {"job.strategy", choice{{"fed_avg"}}, "", "How updates become the next model.",
       of(job, &job_config::strategy)},
      {"job.selection", choice{{"random", "by_size"}}, "",
       "How a round's clients are chosen: all alike, or the more examples the likelier.",
       of(job, &job_config::selection)},
      {"job.rounds", integer{1, 1'000'000}, "rounds", "How many rounds are run.",
       of(job, &job_config::rounds)},
      {"job.target_accuracy", number{0, 1}, "share of the test examples",
       "The run ends early when the central test accuracy reaches this; 0: never.",
       of(job, &job_config::target_accuracy)},
      {"job.evaluate_every", integer{0, 1'000'000}, "rounds",
       "The model is evaluated centrally after each n-th round; 0: only after the last.",
       of(job, &job_config::evaluate_every)},
      {"job.federated_evaluate_every", integer{0, 1'000'000}, "rounds",
       "The edges are asked to evaluate on their own held-out examples after each n-th round; 0: "
       "never.",
       of(job, &job_config::federated_evaluate_every)},
      {"job.round.cohort", integer{1, 100'000}, "clients", "So many updates close the round.",
       of(round, &round_config::cohort)},
      {"job.round.cohort_min", integer{0, 100'000}, "clients",
       "With fewer updates at the deadline the round is abandoned; 0: half of the cohort, at least "
       "1.",
       of(round, &round_config::cohort_min)},
      {"job.round.over_selection", number{1, 4}, "times the cohort",
       "So many clients are invited (rounded up), since some will not report.",
       of(round, &round_config::over_selection)},
      {"job.round.deadline", time_span{100ms, 24h}, "",
       "From the first invitation to the last update that counts.",
       of(round, &round_config::deadline)},
      {"job.client.epochs", integer{1, 1000}, "passes",
       "How often a client goes through its examples in one round.",
       of(client, &training_plan::epochs)},
      {"job.client.batch_size", integer{0, 1'000'000}, "examples",
       "Examples in one step of a client; 0: all that it has.",
       of(client, &training_plan::batch_size)},
      {"job.client.learning_rate", number{0, 1000, true}, "", "The step width of a client's SGD.",
       of(client, &training_plan::learning_rate)},
      {"job.client.momentum", number{0, 1, false, true}, "",
       "Local heavy-ball momentum; it starts from zero in each round.",
       of(client, &training_plan::momentum)},
      {"job.client.weight_decay", number{0, 10}, "",
       "The L2 coefficient that is added to the gradient.",
       of(client, &training_plan::weight_decay)},
  };
  rows.insert(rows.end(), keys.begin(), keys.end());
}

/// How a server sums without looking.
void add_secure_sum(table& rows, const place<job_config>& job) {
  const auto secure = part(job, &job_config::secure_sum);
  constexpr std::string_view profile = "job.secure_sum.profile";
  const used_when masked{profile, {"semi_honest", "malicious"}};
  const table keys = {
      {profile, choice{{"none", "semi_honest", "malicious"}}, "",
       "semi_honest: edges mask their updates, so that a server that follows the protocol learns "
       "the sum alone. malicious: so, too, with one that does not; edges prove their keys by their "
       "certificates, and sign who is in the sum. What that is worth: privacy/THREATS.md.",
       of(secure, &secure_sum_config::profile)},
      {"job.secure_sum.method", choice{{"masks", "encryption"}}, "",
       "masks: on whole updates. encryption: updates travel under keys of their own, and only the "
       "keys are masked, so that drop-outs cost the server little; uploads take 33 bits a "
       "parameter. It awaits review by cryptographers: privacy/THREATS.md.",
       of(secure, &secure_sum_config::method), false, masked},
      {"job.secure_sum.clip", number{0, 127, true}, "",
       "Each coordinate of an update is cut to this size, either way; not where edges cut it to "
       "job.privacy.clip_norm.",
       of(secure, &secure_sum_config::clip), false, masked},
      {"job.secure_sum.bits", integer{4, 24}, "bits",
       "So finely a coordinate is told, rounded at random so that the mean is right. Noise that "
       "edges add is within them.",
       of(secure, &secure_sum_config::bits), false, masked},
      {"job.secure_sum.weight_max", integer{1, 65'536}, "examples",
       "An update counts by its examples, at most by so many; 1: all count the same.",
       of(secure, &secure_sum_config::weight_max), false, masked},
      {"job.secure_sum.colluding", number{0, 0.33}, "share of the cohort",
       "So many edges may work with the server, and the others are safe from them.",
       of(secure, &secure_sum_config::colluding), false, masked},
      {"job.secure_sum.dropping", number{0, 0.33}, "share of the cohort",
       "So many edges may drop out in mid-round, and the sum can still be opened.",
       of(secure, &secure_sum_config::dropping), false, masked},
  };
  rows.insert(rows.end(), keys.begin(), keys.end());
}

/// How little is told of each client.
void add_privacy(table& rows, const place<job_config>& job) {
  const auto privacy = part(job, &job_config::privacy);
  constexpr std::string_view mechanism = "job.privacy.mechanism";
  constexpr std::string_view clip = "job.privacy.clip";
  const used_when noisy{mechanism, {"gaussian", "tree", "discrete_gaussian", "skellam"}};
  const used_when central{mechanism, {"gaussian"}};
  const used_when adaptive{clip, {"adaptive"}};
  const used_when treed{mechanism, {"tree"}};
  const table keys = {
      {mechanism, choice{{"none", "gaussian", "tree", "discrete_gaussian", "skellam"}}, "",
       "gaussian: differential privacy for whole clients. Each update is cut to a norm, all count "
       "the same, and their sum gets noise before it is used. tree: likewise, but the noise on all "
       "rounds so far grows with their logarithm only (DP-FTRL). discrete_gaussian, skellam: the "
       "same "
       "under job.secure_sum, where edges cut their updates and each adds its share of the noise, "
       "so that the server sees neither. What that is worth: privacy/THREATS.md.",
       of(privacy, &privacy_config::mechanism)},
      {"job.privacy.epsilon", number{0, 1000, true}, "",
       "What all released models together may tell of one client. A client that has spent it takes "
       "part no more; with too few others the job ends.",
       of(privacy, &privacy_config::epsilon), false, noisy},
      {"job.privacy.delta", number{0, 0.1, true}, "",
       "The chance that more is told; below one in the number of clients.",
       of(privacy, &privacy_config::delta), false, noisy},
      {"job.privacy.clip_norm", number{1e-6, 1e6}, "",
       "The L2 norm that an update is cut to; where it adapts itself, the first round's.",
       of(privacy, &privacy_config::clip_norm), false, noisy},
      {clip, choice{{"fixed", "adaptive"}}, "",
       "adaptive: the norm follows the updates from round to round, by a count of the short ones "
       "that has noise, too; both together cost what noise_multiplier says.",
       of(privacy, &privacy_config::clip), false, central},
      {"job.privacy.clip_quantile", number{0, 1, true, true}, "share of the updates",
       "The norm moves towards the one that so many updates are within.",
       of(privacy, &privacy_config::clip_quantile), false, adaptive},
      {"job.privacy.clip_rate", number{0, 1, true}, "",
       "How fast: a round changes the norm's logarithm by at most about so much.",
       of(privacy, &privacy_config::clip_rate), false, adaptive},
      {"job.privacy.noise_multiplier", number{1e-4, 240}, "times clip_norm",
       "The standard deviation of the noise in the sum of a round's updates; `godwit privacy plan` "
       "finds it. Where edges add it: at the least, in a sum of job.round.cohort_min of whom "
       "job.secure_sum.colluding of those invited add none.",
       of(privacy, &privacy_config::noise_multiplier), false, noisy},
      {"job.privacy.tree_rounds", integer{1, 4096}, "rounds",
       "So many make a tree; then another one begins. noise_multiplier is that of a tree's nodes, "
       "and a client's first part in a tree costs as much as in one round for each doubling.",
       of(privacy, &privacy_config::tree_rounds), false, treed},
  };
  rows.insert(rows.end(), keys.begin(), keys.end());
}

/// How little is told of each of an edge's examples.
void add_example_privacy(table& rows, const place<job_config>& job) {
  const auto examples = part(job, &job_config::example_privacy);
  constexpr std::string_view mechanism = "job.example_privacy.mechanism";
  const used_when noisy{mechanism, {"gaussian"}};
  const table keys = {
      {mechanism, choice{{"none", "gaussian"}}, "",
       "gaussian: differential privacy for each example of an edge. Edges train by DP-SGD: in each "
       "step every example's gradient is cut to a norm, and their sum gets noise, on the edge. "
       "What that is worth: privacy/THREATS.md.",
       of(examples, &example_privacy_config::mechanism)},
      {"job.example_privacy.clip_norm", number{1e-6, 1e6}, "",
       "The L2 norm that an example's gradient is cut to.",
       of(examples, &example_privacy_config::clip_norm), false, noisy},
      {"job.example_privacy.noise_multiplier", number{0.02, 256}, "times clip_norm",
       "The standard deviation of the noise in the sum of a step's gradients.",
       of(examples, &example_privacy_config::noise_multiplier), false, noisy},
  };
  rows.insert(rows.end(), keys.begin(), keys.end());
}

/// How an update gets noise on its edge.
void add_local_privacy(table& rows, const place<job_config>& job) {
  const auto local = part(job, &job_config::local_privacy);
  constexpr std::string_view mechanism = "job.local_privacy.mechanism";
  const used_when noisy{mechanism, {"gaussian", "laplace"}};
  const table keys = {
      {mechanism, choice{{"none", "gaussian", "laplace"}}, "",
       "gaussian, laplace: local differential privacy. Each edge cuts its update to a norm and "
       "adds noise before it leaves, so that nobody has to be trusted; it takes many edges to "
       "learn anything through it. What that is worth: privacy/THREATS.md.",
       of(local, &local_privacy_config::mechanism)},
      {"job.local_privacy.clip_norm", number{1e-6, 1e6}, "",
       "The norm that an update is cut to: L2, or L1 where the noise is Laplace's.",
       of(local, &local_privacy_config::clip_norm), false, noisy},
      {"job.local_privacy.noise_multiplier", number{0.02, 100}, "times clip_norm",
       "The standard deviation of an update's noise, or the scale of Laplace noise, whose updates "
       "cost an epsilon of 2 / noise_multiplier each.",
       of(local, &local_privacy_config::noise_multiplier), false, noisy},
  };
  rows.insert(rows.end(), keys.begin(), keys.end());
}

/// How much an edge lets be told.
void add_told_limits(table& rows, const place<told_limit_config>& of_examples,
                     const place<told_limit_config>& of_updates) {
  constexpr std::string_view examples = "example_limit.demand", updates = "update_limit.demand";
  const used_when hides_examples{examples, {"required"}};
  const used_when hides_updates{updates, {"required"}};
  const choice demands{{"accepted", "required"}};
  const table keys = {
      {examples, demands, "",
       "required: takes part only where job.example_privacy.mechanism is gaussian, and only until "
       "what its updates tell of an example reaches the limit; evaluates for nobody. accepted: as "
       "the job says; what is told is counted all the same.",
       of(of_examples, &told_limit_config::demand)},
      {"example_limit.epsilon", number{0, 1000, true}, "",
       "What all updates together, of all jobs, may tell of one example.",
       of(of_examples, &told_limit_config::epsilon), false, hides_examples},
      {"example_limit.delta", number{0, 0.1, true}, "",
       "The chance that more is told; below one in the number of examples.",
       of(of_examples, &told_limit_config::delta), false, hides_examples},
      {updates, demands, "",
       "required: takes part only where job.local_privacy.mechanism is not none, and only until "
       "what its updates tell of it reaches the limit; evaluates for nobody, and does not say how "
       "many examples it has. accepted: as the job says; what is told is counted all the same.",
       of(of_updates, &told_limit_config::demand)},
      {"update_limit.epsilon", number{0, 1000, true}, "",
       "What all updates together, of all jobs, may tell of this edge.",
       of(of_updates, &told_limit_config::epsilon), false, hides_updates},
      {"update_limit.delta", number{0, 0.1, true}, "", "The chance that more is told.",
       of(of_updates, &told_limit_config::delta), false, hides_updates},
  };
  rows.insert(rows.end(), keys.begin(), keys.end());
}

/// How a server sums what it can open only together with others.
void add_shared_sum(table& rows, const place<job_config>& job) {
  const auto shared = part(job, &job_config::shared_sum);
  constexpr std::string_view scheme = "job.shared_sum.scheme";
  const used_when split{scheme, {"additive", "replicated"}};
  const table keys = {
      {scheme, choice{{"none", "additive", "replicated"}}, "",
       "additive: edges split their updates between this server and trustees under other owners, "
       "and only all of them together can open the sum. replicated: with two trustees, and one "
       "of the three that tampers is noticed. What that is worth: privacy/THREATS.md.",
       of(shared, &shared_sum_config::scheme)},
      {"job.shared_sum.trustees", words{0, 130}, "",
       "The names of the trustees, as their certificates state them, separated by a space: one or "
       "two, and two where the scheme is replicated. No round opens before all are connected.",
       of(shared, &shared_sum_config::trustees), false, split},
      {"job.shared_sum.clip", number{0, 127, true}, "",
       "Each coordinate of an update is cut to this size, either way.",
       of(shared, &shared_sum_config::clip), false, split},
      {"job.shared_sum.bits", integer{4, 24}, "bits",
       "So finely a coordinate is told, rounded at random so that the mean is right.",
       of(shared, &shared_sum_config::bits), false, split},
      {"job.shared_sum.weight_max", integer{1, 65'536}, "examples",
       "An update counts by its examples, at most by so many; 1: all count the same.",
       of(shared, &shared_sum_config::weight_max), false, split},
  };
  rows.insert(rows.end(), keys.begin(), keys.end());
}

/// The paths of a data section, which has another name in server.yml.
struct data_paths {
  std::string_view source, folder, alpha, beta, label_column, key_column, example_limit;
};
constexpr data_paths data_keys{"data.source",       "data.folder",       "data.alpha",
                               "data.beta",         "data.label_column", "data.key_column",
                               "data.example_limit"};
constexpr data_paths test_data_keys{
    "test_data.source",       "test_data.folder",     "test_data.alpha",        "test_data.beta",
    "test_data.label_column", "test_data.key_column", "test_data.example_limit"};

void add_data(table& rows, const data_paths& at, const place<data_config>& data,
              const choice& sources, std::string_view what, bool required) {
  const used_when synthetic{at.source, {"synthetic"}};
  const used_when csv{at.source, {"csv"}};
  const table keys = {
      {at.source, sources, "", what, of(data, &data_config::source), required},
      {at.folder, data_place, "",
       "The folder with the files; needed for idx and csv, else the installed place.",
       of(data, &data_config::folder), false,
       used_when{at.source, {"fashion-mnist", "mnist", "idx", "csv"}}},
      {at.alpha, number{0, 100}, "standard deviation",
       "How much the devices' models differ (FedProx, appendix C.1).",
       of(data, &data_config::alpha), false, synthetic},
      {at.beta, number{0, 100}, "standard deviation",
       "How much the devices' inputs differ (FedProx, appendix C.1).", of(data, &data_config::beta),
       false, synthetic},
      {at.label_column, words{1, 128}, "", "The column that holds the label.",
       of(data, &data_config::label_column), false, csv},
      {at.key_column, words{0, 128}, "",
       "The column that says whose example it is; empty: nobody's.",
       of(data, &data_config::key_column), false, csv},
      {at.example_limit, integer{0, 16'777'216}, "examples",
       "Only so many training examples are used, evenly taken; 0: all.",
       of(data, &data_config::example_limit)},
  };
  rows.insert(rows.end(), keys.begin(), keys.end());
}

void add_partition(table& rows, const place<partition_config>& partition) {
  constexpr std::string_view scheme = "partition.scheme";
  const table keys = {
      {scheme,
       choice{{"iid", "shards", "label_quantity", "dirichlet_class", "dirichlet_client",
               "similarity", "powerlaw2", "quantity", "natural"}},
       "", "How the training examples are dealt to the clients.",
       of(partition, &partition_config::scheme)},
      {"partition.clients", integer{0, 1'000'000}, "clients",
       "How many clients there are; 0, for natural alone: as many as there are owners.",
       of(partition, &partition_config::clients)},
      {"partition.alpha", number{0, 10'000, true}, "",
       "The concentration of the Dirichlet draw; smaller is less alike.",
       of(partition, &partition_config::alpha), false,
       used_when{scheme, {"dirichlet_class", "dirichlet_client", "quantity"}}},
      {"partition.shards_per_client", integer{1, 10'000}, "shards",
       "Shards of label-sorted examples that each client gets.",
       of(partition, &partition_config::shards_per_client), false, used_when{scheme, {"shards"}}},
      {"partition.labels_per_client", integer{1, 256}, "labels",
       "Different labels that each client gets.",
       of(partition, &partition_config::labels_per_client), false,
       used_when{scheme, {"label_quantity"}}},
      {"partition.similarity", number{0, 1}, "share",
       "The share of each client's examples that is dealt iid.",
       of(partition, &partition_config::similarity), false, used_when{scheme, {"similarity"}}},
      {"partition.examples_min", integer{0, 1'000'000}, "examples",
       "The draw is repeated until each client has so many.",
       of(partition, &partition_config::examples_min), false,
       used_when{scheme, {"dirichlet_class", "quantity"}}},
  };
  rows.insert(rows.end(), keys.begin(), keys.end());
}

constexpr std::string_view seed_sentence =
    "Decides everything that is drawn; the same seed gives the same model, bit by bit.";
constexpr integer any_seed{0, ~std::uint64_t{0}};

table server_rows() {
  const auto self = root<server_config>();
  table rows;
  add_kind(rows, "server");
  rows.push_back({"listen", endpoint{0}, "",
                  "Where edges reach the server; port 0: any that is free.",
                  of(self, &server_config::listen)});
  rows.push_back({"state", made_folder, "",
                  "The folder that lets a restarted server go on: checkpoints and enrolments.",
                  of(self, &server_config::state)});
  rows.push_back({"out", made_folder, "", "The folder for report, model and rounds.jsonl.",
                  of(self, &server_config::out)});
  rows.push_back({"seed", any_seed, "", seed_sentence, of(self, &server_config::seed)});
  rows.push_back({"token_lifetime", time_span{1s, 24h}, "",
                  "An edge's token is good for so long; the edge renews it before. Whole seconds.",
                  of(self, &server_config::token_lifetime)});
  rows.push_back({"wait_for_edges", integer{0, 100'000}, "edges",
                  "The first round starts when so many are enrolled; 0: the cohort.",
                  of(self, &server_config::wait_for_edges)});
  add_tls(rows, part(self, &server_config::tls));
  add_job(rows, part(self, &server_config::job), all_models, all_models_sentence);
  add_secure_sum(rows, part(self, &server_config::job));
  add_privacy(rows, part(self, &server_config::job));
  add_example_privacy(rows, part(self, &server_config::job));
  add_local_privacy(rows, part(self, &server_config::job));
  add_shared_sum(rows, part(self, &server_config::job));
  add_data(rows, test_data_keys, part(self, &server_config::test_data),
           choice{{"fashion-mnist", "mnist", "synthetic", "synthetic_iid", "idx", "csv", "none"}},
           "The held-out set for central evaluation; none: there is no central evaluation.", false);
  return rows;
}

/// How an edge lives with a connection that comes and goes.
void add_connection(table& rows, const place<edge_config>& self) {
  const auto sync = part(self, &edge_config::sync);
  const auto mailbox = part(self, &edge_config::mailbox);
  const used_when scheduled{"sync.mode", {"scheduled"}};
  const table keys = {
      {"sync.mode", choice{{"online", "offline_first", "scheduled"}}, "",
       "What an edge does without a connection: stop work, work on and keep dialling, or work on "
       "and dial in windows only.",
       of(sync, &sync_config::mode)},
      {"sync.every", time_span{1min, 30 * 24h}, "", "So often a window of the schedule begins.",
       of(sync, &sync_config::every), false, scheduled},
      {"sync.for", time_span{1s, 24h}, "", "So long a window of the schedule lasts.",
       of(sync, &sync_config::lasts), false, scheduled},
      {"mailbox.bytes", amount{{1'000'000}, {1'000'000'000'000}}, "",
       "What is held for a server that is not reached, an update included; above it the oldest "
       "letters are given up, and the log says so.",
       of(mailbox, &mailbox_config::bytes)},
      {"mailbox.age", time_span{1min, 366 * 24h}, "",
       "A letter that waited for longer is given up, and the log says so. Only time in which the "
       "edge runs counts.",
       of(mailbox, &mailbox_config::age)},
  };
  rows.insert(rows.end(), keys.begin(), keys.end());
}

table edge_rows() {
  const auto self = root<edge_config>();
  const auto power = part(self, &edge_config::power);
  table rows;
  add_kind(rows, "edge");
  rows.push_back({"server", endpoint{1}, "",
                  "Where the server listens; the edge dials out, nobody dials in.",
                  of(self, &edge_config::server)});
  rows.push_back({"state", made_folder, "",
                  "The folder with what outlives the process: what the server has to be told, the "
                  "task in work, the newest models. Each edge has its own.",
                  of(self, &edge_config::state)});
  rows.push_back({"model", all_models, "", all_models_sentence, of(self, &edge_config::model)});
  rows.push_back(
      {"evaluation_percent", integer{0, 50}, "percent",
       "This part of the local examples is not trained on but kept for federated evaluation.",
       of(self, &edge_config::evaluation_percent)});
  add_tls(rows, part(self, &edge_config::tls));
  add_data(rows, data_keys, part(self, &edge_config::data),
           choice{{"fashion-mnist", "mnist", "synthetic", "synthetic_iid", "idx", "csv"}},
           "What this edge learns from; it never leaves the edge.", true);
  rows.push_back({"power.source", choice{{"sysfs", "none", "scripted"}}, "",
                  "Where the power state is read: from the kernel, nowhere (always on mains), or "
                  "from a script.",
                  of(power, &power_config::source)});
  rows.push_back({"power.sysroot", existing_folder, "", "Where sys/ and proc/ are.",
                  of(power, &power_config::sysroot), false, used_when{"power.source", {"sysfs"}}});
  rows.push_back({"power.script", readable_file, "", "A YAML file of readings, for trials.",
                  of(power, &power_config::script), false,
                  used_when{"power.source", {"scripted"}}});
  rows.push_back({"power.battery_min", integer{0, 100}, "percent",
                  "A discharging edge with less charge declines work.",
                  of(power, &power_config::battery_min), false,
                  used_when{"power.source", {"sysfs", "scripted"}}});
  add_connection(rows, self);
  rows.push_back({"secure_sum", choice{{"accepted", "required", "malicious"}}, "",
                  "required: this edge takes part only where its update is masked, so that the "
                  "server sees the sum of many alone. malicious: only where job.secure_sum.profile "
                  "is malicious, so that this holds against a server that breaks the rules.",
                  of(self, &edge_config::secure_sum)});
  add_told_limits(rows, part(self, &edge_config::example_limit),
                  part(self, &edge_config::update_limit));
  return rows;
}

void add_devices(table& rows, const place<devices_config>& devices) {
  const table keys = {
      {"devices.profile", choice{{"phones", "uniform", "iot", "workstations"}}, "",
       "How fast the clients compute and send; uniform: all alike, as the median phone.",
       of(devices, &devices_config::profile)},
      {"devices.availability", choice{{"always", "diurnal"}}, "",
       "Whether the clients come and go, four times as many of them by night as by day.",
       of(devices, &devices_config::availability)},
      {"devices.battery", choice{{"none", "phones", "unplugged"}}, "",
       "Mains, phones that most people charge by night, or phones that nobody charges; a low "
       "battery declines work, as on a real edge.",
       of(devices, &devices_config::battery)},
      {"devices.model_scale", integer{1, 100'000}, "times the model",
       "Work and traffic count as those of a model so many times as large, so that a small one can "
       "stand in for it.",
       of(devices, &devices_config::model_scale)},
  };
  rows.insert(rows.end(), keys.begin(), keys.end());
}

table simulation_rows() {
  const auto self = root<simulation_config>();
  table rows;
  add_kind(rows, "simulation");
  rows.push_back({"seed", any_seed, "", seed_sentence, of(self, &simulation_config::seed)});
  rows.push_back({"threads", integer{0, 4096}, "threads",
                  "Worker threads; 0: one for each core. The result does not depend on it.",
                  of(self, &simulation_config::threads)});
  rows.push_back({"out", made_folder, "", "The folder for report, model and rounds.jsonl.",
                  of(self, &simulation_config::out)});
  rows.push_back({"drop_out", number{0, 1, false, true}, "chance",
                  "The chance that an invited client vanishes in a round.",
                  of(self, &simulation_config::drop_out)});
  rows.push_back({"evaluation_percent", integer{0, 50}, "percent",
                  "This part of each client's examples is not trained on but kept for federated "
                  "evaluation, as an edge does it.",
                  of(self, &simulation_config::evaluation_percent)});
  add_job(rows, part(self, &simulation_config::job), built_in_models, built_in_sentence);
  add_secure_sum(rows, part(self, &simulation_config::job));
  add_privacy(rows, part(self, &simulation_config::job));
  add_example_privacy(rows, part(self, &simulation_config::job));
  add_local_privacy(rows, part(self, &simulation_config::job));
  add_told_limits(rows, part(self, &simulation_config::example_limit),
                  part(self, &simulation_config::update_limit));
  add_data(rows, data_keys, part(self, &simulation_config::data),
           choice{{"fashion-mnist", "mnist", "synthetic", "synthetic_iid", "idx", "csv"}},
           "What is dealt to the clients.", false);
  add_devices(rows, part(self, &simulation_config::devices));
  add_partition(rows, part(self, &simulation_config::partition));
  return rows;
}

table trustee_rows() {
  const auto self = root<trustee_config>();
  table rows;
  add_kind(rows, "trustee");
  rows.push_back({"server", endpoint{1}, "",
                  "Where the server listens; the trustee dials out, nobody dials in.",
                  of(self, &trustee_config::server)});
  rows.push_back({"state", made_folder, "",
                  "The folder with the key that edges seal for, and with what was opened. Each "
                  "trustee has its own; it is of no use without the server's part.",
                  of(self, &trustee_config::state)});
  rows.push_back({"clients_min", integer{2, 100'000}, "edges",
                  "This trustee helps to open no sum of fewer, whatever the server says.",
                  of(self, &trustee_config::clients_min)});
  add_tls(rows, part(self, &trustee_config::tls));
  return rows;
}

} // namespace

const std::vector<row>& rows(file_kind kind) {
  static const std::array<table, 4> tables{server_rows(), edge_rows(), simulation_rows(),
                                           trustee_rows()};
  return tables[static_cast<std::size_t>(kind)];
}

} // namespace godwit::config
