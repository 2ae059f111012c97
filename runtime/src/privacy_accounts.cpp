#include "privacy_accounts.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "server_plan.hpp"
#include "storage/signed_ledger.hpp"

namespace godwit {
namespace {

failure not_this_job(std::string why) {
  return {.code = failure_code::bad_config, .retry = false, .detail = std::move(why)};
}

/// Each committed round has its line, and the open one may have. Fewer lines: this is an older
/// copy, and what was released since then is not in it.
attempt<done> compare(const privacy_ledger& ledger, const checkpoint& state,
                      const std::string& path) {
  std::set<round_id> rounds;
  for (const auto& release : ledger.releases())
    rounds.insert(release.round);
  if (rounds.size() >= state.committed_count)
    return done{};
  return not_this_job(
      path + " knows of " + std::to_string(rounds.size()) + " released rounds, and " +
      std::to_string(state.committed_count) +
      " were: an older copy was restored. Restore the newest one, or begin another job");
}

} // namespace

attempt<std::optional<privacy_accounts>> open_accounts(const server_config& config,
                                                       const checkpoint& state,
                                                       const std::shared_ptr<disk>& files) {
  const bool is_private = config.job.privacy.mechanism != "none";
  const auto there = files->exists(ledger_name);
  if (!there)
    return there.why();
  if (!is_private && *there)
    return not_this_job(
        files->path(ledger_name) +
        " is there, and job.privacy.mechanism is none: a job that began with privacy "
        "goes on with it; begin another job in another state folder");
  if (!is_private)
    return std::optional<privacy_accounts>{};
  if (!*there && state.committed_count > 0)
    return not_this_job(
        "the job has " + std::to_string(state.committed_count) +
        " rounds behind it of which no privacy ledger knows, and job.privacy.mechanism "
        "asks for one: what was released cannot be taken back; begin another job in "
        "another state folder, or restore " +
        files->path(ledger_name));
  auto opened = open_signed_ledger(config.state, files, config.job.name);
  if (!opened)
    return opened.why();
  auto& [file, ledger, torn_bytes] = opened->opened;
  if (auto same = compare(ledger, state, files->path(ledger_name)); !same)
    return same.why();
  return std::optional(privacy_accounts{
      {std::move(ledger), std::move(opened->signer),
       std::make_shared<const secret>(drawn_from(opened->seed, "godwit/noise seed"))},
      std::move(file)});
}

void keep_accounts(server_setup& server, const job_config& job, privacy_accounts accounts) {
  server.privacy = private_mean_of(job);
  if (const auto norm = server.coordinator.state.clip_norm;
      server.privacy && server.privacy->adaptation && norm > 0)
    server.privacy->clip_norm = norm;
  const auto count = parameter_count(server.coordinator.state.layout);
  if (is_distributed(job.privacy))
    server.noised = release_rules_of(job, count);
  const auto& ledger = accounts.keys.ledger;
  const auto* last = ledger.last_in_tree();
  server.coordinator.privacy = privacy_budget_of(
      job, count, ledger.spent(), {ledger.parts(), last ? last->place : std::nullopt});
  server.ledger = std::move(accounts.keys);
  server.releases = std::move(accounts.file);
}

} // namespace godwit
