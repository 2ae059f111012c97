#include "flight.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "clockwork.hpp"
#include "edge_node.hpp"
#include "fault_schedule.hpp"
#include "hostile_edge.hpp"
#include "server_node.hpp"

namespace godwit::faults {
namespace {

constexpr std::size_t complaints_max = 10;

/// The log of all nodes: an error is a complaint, and everything goes into the trace.
class watched_log final : public event_log {
public:
  watched_log(std::string node, std::function<void(std::string)> complain,
              std::function<void(std::string_view)> note)
      : node_(std::move(node)), complain_(std::move(complain)), note_(std::move(note)) {}
  bool enabled(log_level level) const noexcept override { return level >= log_level::info; }
  void write(log_level level, std::string_view event,
             std::span<const log_field> fields) noexcept override {
    auto line = fmt::format("{}: {}", node_, event);
    for (const auto& each : fields) {
      line.append(" ").append(each.key).append("=");
      std::visit([&line](const auto& x) { line.append(fmt::format("{}", x)); }, each.value);
    }
    note_(line);
    if (level == log_level::error)
      complain_("an error in the log: " + line);
  }

private:
  const std::string node_;
  std::function<void(std::string)> complain_;
  std::function<void(std::string_view)> note_;
};

job_rules draw_rules(chance& draws, std::uint64_t edges, const flight_plan& plan) {
  job_rules made;
  const auto cohort = static_cast<std::uint32_t>(2 + draws.below(edges - 1));
  made.round.cohort = cohort;
  made.round.cohort_min = static_cast<std::uint32_t>(1 + draws.below(cohort));
  if (plan.needs_everybody)
    made.round.cohort = made.round.cohort_min = static_cast<std::uint32_t>(edges);
  made.round.lasts_for = draws.span({60, 90});
  made.round.upload_count_max = static_cast<std::uint32_t>(1 + draws.below(4));
  made.round.upload_lasts_for = std::chrono::seconds(15);
  made.round.update_bytes = made.parameter_count * sizeof(float);
  made.job.round_count = draws.whole(plan.how.rounds);
  made.job.wait_for = made.round.cohort;
  made.job.cohort_min = made.round.cohort_min;
  made.job.patience = std::chrono::seconds(5);
  made.over_selection = draws.is(0.5) ? 1.0 : 1.4;
  made.federated_evaluate_every = draws.is(0.3) ? 1 : 0;
  return made;
}

class flock {
public:
  explicit flock(const flight_plan& plan)
      : plan_(plan), draws_(plan.seed, "flock"), honest_(draws_.whole(plan.how.edges)),
        hostile_(draws_.whole(plan.how.hostile)), time_(plan.seed),
        net_(time_, plan.seed,
             [this](std::uint64_t link, const link_frame& frame) { trace(link, frame); }),
        rules_(draw_rules(draws_, honest_, plan)),
        books_(books_plan(), [this](std::string what) { complain(std::move(what)); }),
        world_{.time = time_,
               .net = net_,
               .books = books_,
               .plan = plan.how,
               .rules = rules_,
               .planted = plan.planted,
               .crash = plan.crash,
               .draws = chance(plan.seed, "world"),
               .complain = [this](std::string what) { complain(std::move(what)); },
               .note = [this](std::string_view what) { note(what); },
               .log_of =
                   [this](const std::string& node) {
                     return std::make_shared<watched_log>(node, world_.complain, world_.note);
                   }} {
    if (plan.planted == canary::no_deadline)
      time_.withhold_deadlines();
  }

  ~flock() {
    for (auto& each : edges_)
      each->kill(false, std::chrono::hours(1));
    if (server_)
      server_->kill(false, std::chrono::hours(1));
  }

  landing fly() {
    const auto began = time_.now();
    raise();
    const auto faults_end = began + draws_.span(plan_.how.faults_for_seconds);
    std::vector<node*> honest;
    for (const auto& each : edges_)
      honest.push_back(each.get());
    fault_schedule faults({world_, *server_, honest, names_}, faults_end);
    time_.at(faults_end, [this] {
      world_.plan.failing_share = 0;
      for (auto& each : liars_)
        each->stop();
    });
    const auto rounds = static_cast<std::int64_t>(rules_.job.round_count);
    const auto time_enough = std::chrono::minutes(2) +
                             (rounds + 3) * (rules_.round.lasts_for + std::chrono::seconds(10));
    time_.run([this] { return is_over(); }, faults_end + time_enough);
    if (time_.is_stuck())
      complain("messages go round in circles");
    else if (!is_over())
      complain(fmt::format("the job has not ended {} s after the last fault",
                           std::chrono::duration_cast<std::chrono::seconds>(time_enough).count()));
    else if (complaints_.empty())
      time_.run([] { return false; }, time_.now() + std::chrono::minutes(1));
    return {.complaints = complaints_,
            .trace = trace_,
            .committed_count = books_.committed_count(),
            .abandoned_count = books_.abandoned_count(),
            .counted_count = books_.counted_count(),
            .record_count = books_.record_count(),
            .lasted = time_.now() - began,
            .model = books_.model()};
  }

private:
  ledger_plan books_plan() {
    ledger_plan made{.first_model = std::vector<float>(rules_.parameter_count, 0.0F),
                     .rules = rules_.round,
                     .honest = {},
                     .trusts_disks = !plan_.how.lies_about_sync};
    for (std::uint64_t i = 0; i < honest_; ++i)
      made.honest[{fmt::format("edge-{}", i + 1)}] = 10 + i;
    return made;
  }

  void raise() {
    server_ = std::make_unique<server_node>(time_, world_);
    server_->start();
    for (std::uint64_t i = 0; i < honest_; ++i) {
      const auto slowness = draws_.is(0.2) ? 1 + draws_.real() : 1;
      edges_.push_back(std::make_unique<edge_node>(time_, world_, fmt::format("edge-{}", i + 1),
                                                   10 + i, slowness));
      names_.push_back(edges_.back()->name());
      time_.after(draws_.span({0, 2}), [edge = edges_.back().get()] { edge->start(); });
    }
    for (std::uint64_t i = 0; i < hostile_; ++i) {
      names_.push_back(fmt::format("liar-{}", i + 1));
      liars_.push_back(std::make_unique<hostile_edge>(world_, names_.back()));
      liars_.back()->start();
    }
  }

  bool is_over() const {
    return !complaints_.empty() || (books_.is_finished() && server_->is_up()) ||
           server_->refusal_to_start();
  }

  void complain(std::string what) {
    note(what);
    if (complaints_.size() < complaints_max)
      complaints_.push_back(std::move(what));
  }

  void note(std::string_view what) {
    trace_ = mixed(mixed(trace_, static_cast<std::uint64_t>(time_.now().count())), what);
    if (plan_.story)
      plan_.story(time_.now(), what);
  }

  void trace(std::uint64_t link, const link_frame& frame) {
    trace_ = mixed(mixed(trace_, static_cast<std::uint64_t>(time_.now().count())), link);
    trace_ = mixed(mixed(trace_, frame.kind), as_text(frame.head));
    if (!plan_.story)
      return;
    std::string said = "?";
    if (const auto edge = decode_edge_envelope(frame.kind, frame.head))
      said = name(edge->message);
    else if (const auto server = decode_server_message(frame.kind, frame.head))
      said = name(*server);
    plan_.story(time_.now(), fmt::format("  link {}: {}", link, said));
  }

  const flight_plan& plan_;
  chance draws_;
  const std::uint64_t honest_, hostile_;
  clockwork time_;
  network net_;
  job_rules rules_;
  ledger books_;
  world world_;
  std::vector<std::string> complaints_;
  std::uint64_t trace_ = 0;
  std::unique_ptr<server_node> server_;
  std::vector<std::unique_ptr<edge_node>> edges_;
  std::vector<std::unique_ptr<hostile_edge>> liars_;
  std::vector<std::string> names_;
};

} // namespace

landing fly(const flight_plan& plan) {
  return flock(plan).fly();
}

std::string replay_line(const flight_plan& plan) {
  auto line = fmt::format("flock_sim --scenario {} --seed {}", plan.how.name, plan.seed);
  if (plan.planted != canary::none)
    line += fmt::format(" --canary {}", name(plan.planted));
  return line;
}

std::string_view name(canary which) noexcept {
  constexpr std::string_view names[] = {"none", "ack_before_write", "lost_dedup", "no_deadline"};
  return names[static_cast<std::size_t>(which)];
}

std::optional<canary> canary_of(std::string_view word) {
  for (const auto each :
       {canary::none, canary::ack_before_write, canary::lost_dedup, canary::no_deadline})
    if (name(each) == word)
      return each;
  return {};
}

} // namespace godwit::faults
