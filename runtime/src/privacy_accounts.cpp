#include "privacy_accounts.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include <godwit/privacy/key_agreement.hpp>

#include "seed_file.hpp"
#include "server_plan.hpp"

namespace godwit {
namespace {

constexpr std::string_view seed_name = "privacy.seed";

secret drawn_from(const secret& seed, std::string_view purpose) {
  return hkdf_sha256(seed.reveal(), {}, as_bytes(purpose));
}

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
  const auto rules = private_mean_of(config.job);
  const auto there = files->exists(ledger_name);
  if (!there)
    return there.why();
  if (!rules && *there)
    return not_this_job(
        files->path(ledger_name) +
        " is there, and job.privacy.mechanism is none: a job that began with privacy "
        "goes on with it; begin another job in another state folder");
  if (!rules)
    return std::optional<privacy_accounts>{};
  const auto count = parameter_count(state.layout);
  if (!is_possible(*rules, count))
    return not_this_job("job.privacy.clip_norm " + std::to_string(rules->clip_norm) +
                        " with job.privacy.noise_multiplier " +
                        std::to_string(rules->noise_multiplier) +
                        " cannot be kept to for a model of " + std::to_string(count) +
                        " parameters, whose values stand in steps of 2^-24; " +
                        "take a larger clip norm, and a product of the two between 2^-16 and 64");
  if (!*there && state.committed_count > 0)
    return not_this_job(
        "the job has " + std::to_string(state.committed_count) +
        " rounds behind it of which no privacy ledger knows, and job.privacy.mechanism "
        "asks for one: what was released cannot be taken back; begin another job in "
        "another state folder, or restore " +
        files->path(ledger_name));
  if (*there && !std::filesystem::exists(config.state / seed_name))
    return not_this_job(files->path(seed_name) +
                        " is gone, and the privacy ledger is signed with it; restore it");
  const auto seed = seed_in(config.state / seed_name);
  if (!seed)
    return seed.why();
  auto signer = signing_key::from_seed(drawn_from(*seed, "godwit/ledger key"));
  if (!signer)
    return signer.why();
  sha256_digest nonce{};
  std::ranges::copy(drawn_from(*seed, "godwit/ledger nonce").reveal(), nonce.begin());
  auto opened = ledger_file::open(files, config.job.name, *signer, nonce);
  if (!opened)
    return opened.why();
  if (auto same = compare(opened->ledger, state, files->path(ledger_name)); !same)
    return same.why();
  return std::optional(privacy_accounts{
      {std::move(opened->ledger), std::make_shared<const signing_key>(std::move(*signer)),
       std::make_shared<const secret>(drawn_from(*seed, "godwit/noise seed"))},
      std::move(opened->file)});
}

void keep_accounts(server_setup& server, const job_config& job, privacy_accounts accounts) {
  server.privacy = private_mean_of(job);
  server.coordinator.privacy = privacy_budget_of(job, accounts.keys.ledger.spent());
  server.ledger = std::move(accounts.keys);
  server.releases = std::move(accounts.file);
}

} // namespace godwit
