#include "recording/record_of.hpp"

namespace godwit {
namespace {

double seconds(duration x) {
  return std::chrono::duration<double>(x).count();
}

client_record record_of(const client_id& client, const round::participant& who) {
  client_record record{.client = client.name,
                       .outcome = {},
                       .example_count = who.example_count,
                       .loss = who.loss,
                       .seconds = seconds(who.done_at - who.invited_at),
                       .accuracy = {}};
  if (who.at == round::progress::reported)
    record.outcome = "reported";
  else if (who.at == round::progress::declined)
    record.outcome = who.reason.empty() ? "declined" : "declined: " + who.reason;
  else
    record.outcome = who.reason;
  if (who.evaluated && who.evaluated->example_count > 0)
    record.accuracy = who.evaluated->accuracy();
  return record;
}

/// The sums over the cohort: training loss weighted by examples, and the federated evaluation.
void add_means(round_record& record, const round::finish& end) {
  double loss = 0, weight = 0;
  evaluation all;
  for (const auto& [client, who] : end.cohort) {
    if (who.at != round::progress::reported)
      continue;
    ++record.reporters;
    loss += who.loss * static_cast<double>(who.example_count);
    weight += static_cast<double>(who.example_count);
    if (who.evaluated) {
      all.example_count += who.evaluated->example_count;
      all.correct_count += who.evaluated->correct_count;
      all.loss_sum += who.evaluated->loss_sum;
    }
  }
  if (end.loss)
    record.train_loss = *end.loss;
  else if (weight > 0)
    record.train_loss = loss / weight;
  if (all.example_count > 0) {
    record.federated_accuracy = all.accuracy();
    record.federated_loss = all.loss();
  }
}

} // namespace

round_record record_of(const round_facts& facts) {
  const auto& end = facts.end;
  round_record record;
  record.round = end.round.value;
  record.outcome = end.committed ? "committed" : "abandoned: " + end.reason;
  record.recruiting_seconds = seconds(end.recruited_at - end.opened_at);
  record.collecting_seconds = seconds(end.collected_at - end.recruited_at);
  record.releasing_seconds = seconds(end.closed_at - end.collected_at);
  record.cohort = static_cast<std::uint32_t>(end.cohort.size());
  for (const auto& [client, who] : end.cohort)
    record.clients.push_back(record_of(client, who));
  add_means(record, end);
  if (facts.central) {
    record.test_loss = facts.central->loss();
    record.test_accuracy = facts.central->accuracy();
  }
  record.bytes_up = facts.during.bytes_up;
  record.bytes_down = facts.during.bytes_down;
  record.model_sha256 = hex(facts.model.sha256);
  record.finished_seconds = seconds(facts.since_start);
  record.epsilon = facts.epsilon;
  record.clip_norm = facts.clip_norm;
  record.noise_variance = facts.noise_variance;
  return record;
}

} // namespace godwit
