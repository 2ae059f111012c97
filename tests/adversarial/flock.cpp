// What is under attack? A real server and two honest edges on loopback.
#include "adversarial/flock.hpp"

#include "training/model.hpp"

namespace godwit::adversarial {

namespace {

/// Adds the same numbers to whatever it is given.
class steady_trainer final : public trainer {
public:
  steady_trainer(float step, std::uint64_t example_count, gate& work)
      : step_(step), example_count_(example_count), work_(work) {
    auto network = make_model("softmax", {28, 28}, 10);
    REQUIRE(network.has_value());
    layout_ = (*network)->layout();
  }
  const model_layout& layout() const override { return layout_; }
  std::uint64_t example_count() const override { return example_count_; }
  attempt<training_outcome> train(std::span<float> parameters, const training_plan&,
                                  const std::stop_token&) override {
    work_.pass(++call_count_);
    for (std::size_t i = 0; i < parameters.size(); ++i)
      parameters[i] += step_ * (static_cast<float>(i % 7) - 3.0F);
    return training_outcome{.example_count = example_count_, .step_count = 1, .loss = 0.5};
  }
  attempt<evaluation> evaluate(std::span<const float>) override { return evaluation{}; }

private:
  float step_;
  std::uint64_t example_count_;
  gate& work_;
  model_layout layout_;
  std::uint64_t call_count_ = 0;
};

std::unique_ptr<edge_node> honest_edge(const std::filesystem::path& state,
                                       const std::string& server, const std::string& name,
                                       std::shared_ptr<trainer> engine) {
  edge_config config;
  config.server = server;
  config.state = state;
  config.tls = keys().edge(name);
  config.model = "softmax";
  config.power.source = "none";
  auto started = edge_node::start(config, {.log = nullptr, .engine = std::move(engine)});
  REQUIRE(started.has_value());
  return std::move(*started);
}

/// The model of three rounds that nobody disturbed.
const std::string& undisturbed_model() {
  static const std::string sha256 = [] {
    flock quiet;
    const auto rounds = quiet.finish();
    CHECK(quiet.refused_count() == 0);
    return rounds.back().model_sha256;
  }();
  return sha256;
}

} // namespace

void gate::open(std::uint64_t call_count) {
  std::scoped_lock lock(mutex_);
  open_until_ = call_count;
  changed_.notify_all();
}

void gate::pass(std::uint64_t call) {
  std::unique_lock lock(mutex_);
  ++begun_;
  changed_.notify_all();
  changed_.wait(lock, [&] { return call <= open_until_; });
}

void gate::wait_for(std::uint64_t begun_count) {
  std::unique_lock lock(mutex_);
  const bool came = changed_.wait_for(lock, patience, [&] { return begun_ >= begun_count; });
  lock.unlock();
  REQUIRE_MESSAGE(came, "the honest edges did not begin to train");
}

flock::flock(flock_plan plan) {
  server_config config;
  config.listen = "127.0.0.1:0";
  config.tls = keys().of(role::server, "hub");
  config.state = folder_ / "state";
  config.out = folder_ / "run";
  config.job.model = "softmax";
  config.job.rounds = 3;
  config.job.round = {
      .cohort = 3, .cohort_min = 2, .over_selection = 1.0, .deadline = plan.deadline};
  config.test_data.source = "none";
  config.wait_for_edges = plan.wait_for;
  server_options options;
  options.log = log_;
  auto started = server_node::start(config, std::move(options));
  const std::string why = started ? "" : started.why().detail;
  REQUIRE_MESSAGE(started.has_value(), why);
  server_ = std::move(*started);
  edges_.push_back(honest_edge(folder_ / "ann", address(), "ann",
                               std::make_shared<steady_trainer>(0.01F, 300, work_)));
  edges_.push_back(honest_edge(folder_ / "bob", address(), "bob",
                               std::make_shared<steady_trainer>(0.02F, 500, work_)));
}

flock::~flock() {
  work_.open();
}

void flock::check_rejected(std::string_view reason) {
  const bool was_logged = log().wait("link.rejected", {"reason=" + std::string(reason)});
  CHECK_MESSAGE(was_logged, log().everything());
  CHECK(refused_count() > 0);
}

std::vector<round_record> flock::finish() {
  work_.open();
  const bool is_done = server_->wait(std::chrono::milliseconds(2 * patience));
  REQUIRE_MESSAGE(is_done, log().everything());
  CHECK(server_->outcome() == "all rounds are done");
  return server_->rounds();
}

void flock::check_untouched() {
  const auto rounds = finish();
  REQUIRE(rounds.size() == 3);
  for (const auto& round : rounds) {
    CHECK(round.outcome == "committed");
    CHECK(round.reporters == 2);
  }
  CHECK(rounds.back().model_sha256 == undisturbed_model());
}

void infiltrated_flock::sit_out() {
  mallory.say(invitation_answer{.round = task.round, .accepts = 0, .reason = "found out"});
  mallory.sit_out();
}

void infiltrated_flock::upload(const update_offer& offer, const bytes& update) {
  mallory.say(offer);
  mallory.hear<update_grant>();
  mallory.say(update_chunk{.round = offer.round, .offset = 0}, update);
}

} // namespace godwit::adversarial
