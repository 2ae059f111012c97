// godwit privacy release: how does the noisy mean of a table get out, and how much of the budget is
// left?
#include "privacy_release.hpp"

#include <set>
#include <span>
#include <string>

#include <fmt/format.h>

#include <godwit/messages/bytes.hpp>
#include <godwit/runtime/privacy_store.hpp>

#include "commands.hpp"
#include "data/csv.hpp"
#include "storage/atomic_file.hpp"

namespace godwit::cli {
namespace {

privacy_manager::config rules_of(const privacy_release_command& asked) {
  return {.epsilon = asked.epsilon,
          .delta = asked.delta,
          .clip_norm = asked.clip_norm,
          .release_count = asked.release_count,
          .noise_multiplier = asked.noise,
          .client_count = asked.client_count,
          .neighbours = asked.relation == "replace-one" ? accounting::relation::replace_one
                                                        : accounting::relation::add_or_remove_one};
}

/// The table's vectors; each client has one.
attempt<dataset> vectors_in(const privacy_release_command& asked) {
  auto table = read_csv(asked.vectors, {.label = "", .key = asked.client_column});
  if (!table)
    return table;
  std::set<std::uint32_t> seen;
  for (std::size_t i = 0; i < table->keys.size(); ++i)
    if (!seen.insert(table->keys[i]).second)
      return failure{.code = failure_code::bad_config,
                     .detail = fmt::format("{}: row {} below the names is of a client that has one "
                                           "already; clipping bounds what one line adds, so add "
                                           "up or choose among a client's lines first",
                                           asked.vectors.string(), i + 1)};
  return table;
}

attempt<done> add_all(privacy_manager& budget, const dataset& table) {
  const std::size_t length = table.shape.at(0);
  const std::span<const float> values(table.values);
  std::size_t clipped = 0;
  for (std::size_t at = 0; at < values.size(); at += length) {
    const auto found = budget.add(values.subspan(at, length));
    if (!found)
      return found.why();
    clipped += found->was_short ? 0 : 1;
  }
  fmt::print(stderr,
             "vectors     {} of {} values, {} of them clipped (known to you only: release "
             "neither number)\n",
             table.labels.size(), length, clipped);
  return done{};
}

std::string line_of(std::span<const double> mean) {
  std::string line;
  for (const double value : mean)
    line += fmt::format("{}{}", line.empty() ? "" : ",", value);
  return line + "\n";
}

/// A release is paid for by now: where the file cannot be written it goes to the standard output.
int give(const std::string& line, const privacy_release_command& asked) {
  if (asked.out) {
    const auto written = write_atomically(*asked.out, as_bytes(line));
    if (written)
      return exit_done;
    fmt::print("{}", line);
    return complain(written.why().detail + "; the release is paid for, and stands above",
                    exit_failed);
  }
  fmt::print("{}", line);
  return exit_done;
}

void print_spent(const privacy_manager& budget) {
  const auto spent = budget.privacy_spent();
  fmt::print(stderr,
             "noise       {:.6g} times the clip norm\n"
             "spent       epsilon {:.6g} at delta {:g}, in {} releases\n"
             "left        epsilon {:.6g}: {} releases like this one\n",
             spent.noise_multiplier, spent.epsilon, spent.delta, spent.release_count,
             spent.epsilon_left, spent.releases_left);
}

} // namespace

int run(const privacy_release_command& command) {
  const auto table = vectors_in(command);
  if (!table)
    return complain(table.why().detail, exit_failed);
  auto budget = open_privacy_store(rules_of(command), command.store, command.population);
  if (!budget)
    return complain(budget.why().detail,
                    budget.why().code == failure_code::bad_config ? exit_usage : exit_failed);
  if (auto added = add_all(*budget, *table); !added)
    return complain(added.why().detail, exit_failed);
  const auto mean = budget->release();
  if (!mean)
    return complain(mean.why().detail, exit_failed);
  const int status = give(line_of(*mean), command);
  print_spent(*budget);
  return status;
}

void add_privacy_release(CLI::App& privacy, privacy_release_command& command, int& status) {
  auto* sub = privacy.add_subcommand(
      "release", "the noisy mean of a table's vectors, as often as a budget allows");
  sub->add_option("vectors", command.vectors,
                  "a CSV table with a first line of names and a line of numbers for each client")
      ->required();
  sub->add_option("--store", command.store,
                  "the folder that remembers what was released; made where there is none")
      ->required();
  sub->add_option("--epsilon", command.epsilon, "the budget of all releases together")->required();
  sub->add_option("--delta", command.delta, "the chance that is left; at most 1 / --clients")
      ->required();
  sub->add_option("--clip-norm", command.clip_norm,
                  "the L2 norm to which longer vectors are scaled down")
      ->required();
  sub->add_option("--clients", command.client_count,
                  "what the sum is divided by: how many clients are expected. Fix it before you "
                  "look: the number that turned up is not to be told")
      ->required();
  sub->add_option("--releases", command.release_count,
                  "how many the budget is to last, in all; the noise follows. 1 if it is not given")
      ->excludes(sub->add_option("--noise", command.noise,
                                 "standard deviation of the noise beside the clip norm, instead"));
  sub->add_option("--relation", command.relation,
                  "what is hidden: whether a client is there, or which one it is (twice the noise)")
      ->check(CLI::IsMember({"add-or-remove-one", "replace-one"}))
      ->capture_default_str();
  sub->add_option("--client-column", command.client_column,
                  "the column that says whose line it is; a client with two lines is refused");
  sub->add_option("--population", command.population, "whose data they are: a store is for one")
      ->capture_default_str();
  sub->add_option("--out", command.out, "write the mean there; if not given: on standard output");
  sub->footer(
      "The release is in the store's signed ledger, on the disk, before it is written anywhere; "
      "one "
      "that was killed in between counts as spent. `godwit privacy spent` and `verify` read the "
      "store. A copy of the store is another budget, and an older one forgets: keep one, and note "
      "what `verify` prints.\n"
      "Example: godwit privacy release steps.csv --store budget --epsilon 2 --delta 1e-6 "
      "--clip-norm 1 --clients 1000 --releases 12");
  sub->callback([&] { status = run(command); });
}

} // namespace godwit::cli
