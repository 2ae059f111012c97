// godwit privacy spent, verify: what do a job's released models tell of its clients, and is the
// ledger that says so whole?
#include <algorithm>
#include <charconv>
#include <map>

#include <fmt/format.h>

#include <godwit/privacy/concentrated_cost.hpp>

#include "commands.hpp"
#include "inspection/told_by_edge.hpp"
#include "storage/ledger_file.hpp"
#include "storage/real_disk.hpp"

namespace godwit::cli {
namespace {

attempt<privacy_ledger::found> ledger_in(const std::filesystem::path& store) {
  if (!std::filesystem::exists(store / ledger_name))
    return failure{.code = failure_code::not_found,
                   .detail = (store / ledger_name).string() +
                             " is not there; name the state folder of a server whose "
                             "job.privacy.mechanism is not none"};
  real_disk files(store);
  const auto content = read_ledger(files);
  if (!content)
    return content.why();
  const auto population = privacy_ledger::population_in(*content);
  if (!population)
    return failure{.code = failure_code::corrupt,
                   .detail = (store / ledger_name).string() + " is no privacy ledger"};
  auto found = privacy_ledger::read(*content, *population);
  if (!found)
    return failure{.code = found.why().code,
                   .detail = (store / ledger_name).string() + ": " + found.why().detail};
  return found;
}

void print_spent(const privacy_ledger& ledger, const privacy_ledger_command& command) {
  double most = 0;
  std::map<client_id, std::size_t> parts;
  for (const auto& release : ledger.releases())
    for (const auto& client : release.clients)
      ++parts[client];
  for (const auto& [client, spent] : ledger.spent())
    most = std::max(most, accounting::epsilon_of(spent, command.delta));
  fmt::print("job         {}\n", ledger.population());
  fmt::print("releases    {}\n", ledger.releases().size());
  fmt::print("clients     {}\n", ledger.spent().size());
  if (const auto* last = ledger.last_in_tree())
    fmt::print("tree        {}, round {} of {}\n", last->place->tree + 1, last->place->step + 1,
               last->place->rounds);
  fmt::print("epsilon     {:.6g} at delta {:g}, of the client that spent most\n", most,
             command.delta);
  fmt::print("neighbours: runs in which all that one client ever sent is there, or is nothing\n");
  if (!command.lists_clients)
    return;
  fmt::print("\n{:<24} {:>8} {:>10}\n", "client", "releases", "epsilon");
  for (const auto& [client, spent] : ledger.spent())
    fmt::print("{:<24} {:>8} {:>10.6g}\n", client.name, parts[client],
               accounting::epsilon_of(spent, command.delta));
}

std::string words_of(const ledger_head& head) {
  return fmt::format("{}:{}", head.release_count, hex(head.hash));
}

/// Whether it ever stood at COUNT:HASH.
bool was_at(const privacy_ledger& ledger, std::string_view remembered) {
  std::uint64_t count = 0;
  std::from_chars(remembered.data(), remembered.data() + remembered.size(), count);
  return count <= ledger.head().release_count && words_of(ledger.head_behind(count)) == remembered;
}

int verify(const privacy_ledger::found& found, const privacy_ledger_command& command) {
  const auto head = found.ledger.head();
  fmt::print("whole: {} releases of \"{}\", each signed by {}\n", head.release_count,
             found.ledger.population(), hex(found.ledger.signer()));
  if (found.torn_bytes > 0)
    fmt::print("behind the last one lie {} bytes that were never durable\n", found.torn_bytes);
  fmt::print("remember: {}\n", words_of(head));
  if (!command.remembered)
    return exit_done;
  if (!was_at(found.ledger, *command.remembered))
    return complain("this ledger never stood at " + *command.remembered +
                        ": it is an older copy, or another one",
                    exit_failed);
  fmt::print("it stood at {} once\n", *command.remembered);
  return exit_done;
}

/// What an edge's updates tell of its examples, and of itself.
int print_told(const training::accounts& told, double delta) {
  const auto examples = told.examples.epsilon(delta), updates = told.updates.epsilon(delta);
  if (!examples || !updates)
    return complain(examples ? updates.why().detail : examples.why().detail, exit_failed);
  if (!told.examples.told().empty() || told.updates.told().empty()) {
    fmt::print("epsilon     {:.6g} at delta {:g}, of each example of this edge\n", *examples,
               delta);
    fmt::print("neighbours: one example is there, or is not\n");
  }
  for (const auto& each : told.examples.told())
    fmt::print("steps       {} with noise of {:g} clip norms, each example in one by {:g}\n",
               each.step_count, each.noise_multiplier, each.rate);
  if (!told.updates.told().empty()) {
    fmt::print("epsilon     {:.6g} at delta {:g}, of this edge by updates with noise\n", *updates,
               delta);
    fmt::print("neighbours: each update is any other\n");
  }
  for (const auto& each : told.updates.told())
    fmt::print("updates     {} with {} noise of {:g} clip norms\n", each.count,
               each.law == update_noise::laplace ? "Laplace" : "Gaussian", each.noise_multiplier);
  return exit_done;
}

} // namespace

int run(const privacy_ledger_command& command) {
  if (!(command.delta > 0 && command.delta < 1))
    return complain(
        fmt::format("--delta is {:g}, and a number between 0 and 1 is accepted", command.delta),
        exit_usage);
  if (!command.verifies) {
    const auto told = told_by_edge(command.store);
    if (!told)
      return complain(told.why().detail, exit_failed);
    if (*told)
      return print_told(**told, command.delta);
  }
  const auto found = ledger_in(command.store);
  if (!found)
    return complain(found.why().detail, exit_failed);
  if (command.verifies)
    return verify(*found, command);
  print_spent(found->ledger, command);
  return exit_done;
}

} // namespace godwit::cli
