#include <godwit/runtime/privacy_store.hpp>

#include <utility>

#include <godwit/messages/limits.hpp>

#include "storage/signed_ledger.hpp"
#include "storage/state_folder.hpp"

namespace godwit {
namespace {

/// Whether the folder is these data's, in a manager's words.
attempt<done> check_population(disk& files, const std::string& population) {
  if (population.empty() || population.size() > limits::text_length_max)
    return failure{.code = failure_code::bad_config,
                   .detail = "the population's name has " + std::to_string(population.size()) +
                             " bytes, and 1 to " + std::to_string(limits::text_length_max) +
                             " are accepted: it says whose data are released"};
  const auto there = files.exists(ledger_name);
  if (!there || !*there)
    return there ? attempt<done>(done{}) : there.why();
  const auto content = read_ledger(files);
  if (!content)
    return content.why();
  const auto found = privacy_ledger::population_in(*content);
  if (!found || *found == population)
    return done{};
  return failure{.code = failure_code::bad_config,
                 .detail = files.path(ledger_name) + " is the ledger of \"" + *found +
                           "\", and the population is said to be \"" + population +
                           "\"; give each population a folder of its own"};
}

} // namespace

attempt<privacy_manager> open_privacy_store(const privacy_manager::config& rules,
                                            const std::filesystem::path& folder,
                                            const std::string& population) {
  if (auto right = privacy_manager::begin(rules); !right)
    return right.why();
  auto held = state_folder::open(folder, "privacy manager");
  if (!held)
    return held.why();
  const auto& files = (*held)->files();
  if (auto same = check_population(*files, population); !same)
    return same.why();
  auto found = open_signed_ledger(folder, files, population);
  if (!found)
    return found.why();
  return privacy_manager::begin(
      rules, {.ledger = std::move(found->opened.ledger),
              .signer = std::move(found->signer),
              .append = [lock = *held, file = std::move(found->opened.file)](bytes_view line) {
                return file->append(line);
              }});
}

} // namespace godwit
