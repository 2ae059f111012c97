#include "recording/run_recorder.hpp"

#include <utility>

#include "recording/record_of.hpp"
#include "report/report.hpp"
#include "storage/model_file.hpp"

namespace godwit {

run_recorder::run_recorder(run_folder folder, run_facts facts, model_layout layout, event_log& log,
                           std::vector<round_record> resumed)
    : folder_(std::move(folder)), facts_(std::move(facts)), layout_(std::move(layout)), log_(log),
      rounds_(std::move(resumed)), written_count_(rounds_.size()) {}

attempt<done> run_recorder::write_lines() {
  for (; written_count_ < rounds_.size(); ++written_count_)
    if (auto written = folder_.append(rounds_[written_count_]); !written)
      return written.why();
  return done{};
}

void run_recorder::add(const round_facts& facts) {
  std::scoped_lock lock(mutex_);
  rounds_.push_back(record_of(facts));
  if (auto written = write_lines(); !written)
    log_.warn("round.not_written", {{"file", "rounds.jsonl"}, {"detail", written.why().detail}});
}

std::vector<std::string> run_recorder::finish(std::span<const float> parameters) {
  std::scoped_lock lock(mutex_);
  std::vector<std::string> problems;
  const auto note = [&](const attempt<done>& written) {
    if (written)
      return;
    problems.push_back(written.why().detail);
    log_.error("run.not_written", {{"detail", written.why().detail}});
  };
  note(write_lines());
  model_file model{
      .layout = layout_, .parameters = {parameters.begin(), parameters.end()}, .metadata = {}};
  model.metadata["producer"] = "godwit " + facts_.version;
  if (!rounds_.empty()) {
    model.metadata["round"] = std::to_string(rounds_.back().round);
    model.metadata["parameters_sha256"] = rounds_.back().model_sha256;
  }
  note(write_model(folder_.model_safetensors(), model));
  note(write_model(folder_.model_npz(), model));
  note(folder_.write_report(html_report(facts_, rounds_)));
  return problems;
}

std::vector<round_record> run_recorder::rounds() const {
  std::scoped_lock lock(mutex_);
  return rounds_;
}

void run_recorder::set_client_count(std::uint32_t count) {
  std::scoped_lock lock(mutex_);
  facts_.client_count = count;
}

void run_recorder::set_presence(std::vector<presence_count> counts) {
  std::scoped_lock lock(mutex_);
  facts_.presence = std::move(counts);
}

void run_recorder::set_labels(std::vector<std::string> names,
                              std::vector<std::vector<std::uint64_t>> counts) {
  std::scoped_lock lock(mutex_);
  facts_.client_names = std::move(names);
  facts_.label_counts = std::move(counts);
}

} // namespace godwit
