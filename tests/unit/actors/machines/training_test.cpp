// Does an edge do for each word of the server, its worker and its battery exactly what it should?
#include <map>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <godwit/actors/machines/training.hpp>

using namespace godwit;
using namespace godwit::training;

namespace {

constexpr round_id round_5{5};

model_id model_of(int number) {
  model_id made{.sha256 = {}, .byte_count = 400};
  made.sha256[0] = static_cast<std::byte>(number);
  return made;
}

invitation invite_to(std::uint64_t round, int model = 1) {
  return {.round = {round}, .model = model_of(model), .plan = {}, .milliseconds_left = 1000};
}
const evaluation_request evaluate_5{round_5, model_of(1)};

trained_update update_for(round_id round) {
  return {
      .offer = {.round = round, .example_count = 10, .update = {.sha256 = {}, .byte_count = 400}},
      .content = shared_bytes(bytes(400))};
}

std::string in_words(const effect& x) {
  struct {
    std::string operator()(const accept&) const { return "accept"; }
    std::string operator()(const decline&) const { return "decline"; }
    std::string operator()(const offer&) const { return "offer"; }
    std::string operator()(const report&) const { return "report"; }
    std::string operator()(const need_model&) const { return "need_model"; }
    std::string operator()(const training::forget_model&) const { return "forget_model"; }
    std::string operator()(const train&) const { return "train"; }
    std::string operator()(const evaluate&) const { return "evaluate"; }
    std::string operator()(const stop_work&) const { return "stop_work"; }
    std::string operator()(const upload&) const { return "upload"; }
    std::string operator()(const stop_upload&) const { return "stop_upload"; }
    std::string operator()(const watch_lease&) const { return "watch_lease"; }
  } visitor;
  return std::visit(visitor, x);
}

/// "phase: effect effect", or the refusal's name.
std::string feed(machine& m, const input& in) {
  constexpr const char* phases[] = {"idle",      "fetching",   "working",   "offering",
                                    "uploading", "fetching_e", "evaluating"};
  const auto before = m.current().index();
  const auto out = m.apply(in);
  if (!out) {
    CHECK(m.current().index() == before);
    return std::string(name(out.why()));
  }
  std::string words = std::string(phases[m.current().index()]) + ':';
  for (const auto& x : *out)
    words += ' ' + in_words(x);
  return words;
}

machine in_phase(const std::string& phase, plan rules = {}) {
  machine m(rules);
  feed(m, connected{});
  if (phase == "idle")
    return m;
  if (phase == "fetching_e" || phase == "evaluating") {
    feed(m, evaluate_5);
    if (phase == "evaluating")
      feed(m, model_ready{model_of(1)});
    return m;
  }
  feed(m, invite_to(5));
  feed(m, kept{round_5});
  if (phase == "fetching")
    return m;
  feed(m, model_ready{model_of(1)});
  if (phase == "working")
    return m;
  feed(m, trained{round_5, update_for(round_5)});
  if (phase == "uploading")
    feed(m, update_grant{round_5});
  return m;
}

const std::map<std::string, input> inputs = {
    {"connected", connected{}},
    {"connected to another", connected{.is_new_server = true}},
    {"disconnected", disconnected{}},
    {"kept", kept{round_5}},
    {"lease over", lease_over{round_5}},
    {"restored", restored{.task = invite_to(5), .update = {}, .lease_left = {}}},
    {"next invitation", invite_to(6)},
    {"same invitation", invite_to(5)},
    {"evaluation request", evaluate_5},
    {"model ready", model_ready{model_of(1)}},
    {"other model ready", model_ready{model_of(2)}},
    {"model failed", model_failed{model_of(1)}},
    {"trained", trained{round_5, update_for(round_5)}},
    {"training failed", training_failed{round_5}},
    {"grant", update_grant{round_5}},
    {"receipt", receipt{round_5}},
    {"refused", refused{.round = 5, .why = refusal::wrong_shape, .detail = {}}},
    {"closed", round_closed{round_5, 1, {}}},
    {"evaluated", evaluation_done{{round_5, 10, 9, 1.0}}},
    {"evaluation failed", evaluation_failed{round_5}},
    {"may not work", eligibility{"hot"}},
};

struct row {
  std::string in;
  std::vector<std::string> out; ///< in the order of `phases`
};

const std::vector<std::string> phases = {"idle",      "fetching",   "working",   "offering",
                                         "uploading", "fetching_e", "evaluating"};

const std::vector<row> table = {
    {"connected",
     {"idle:", "fetching: need_model", "working:", "offering:", "offering: stop_upload",
      "fetching_e: need_model", "evaluating:"}},
    {"connected to another",
     {"idle:", "fetching: need_model", "working:", "offering: offer", "offering: stop_upload offer",
      "fetching_e: need_model", "evaluating:"}},
    {"disconnected",
     {"idle:", "fetching: watch_lease", "working: watch_lease",
      "offering:", "uploading:", "fetching_e:", "evaluating:"}},
    {"kept",
     {"wrong_round", "fetching:", "wrong_round", "wrong_round", "wrong_round", "wrong_round",
      "wrong_round"}},
    {"lease over", // but there is a connection
     {"wrong_round", "fetching:", "working:", "wrong_round", "wrong_round", "wrong_round",
      "wrong_round"}},
    {"restored",
     {"fetching: need_model watch_lease", "wrong_phase", "wrong_phase", "wrong_phase",
      "wrong_phase", "wrong_phase", "wrong_phase"}},
    {"next invitation",
     {"fetching: accept need_model", "fetching: forget_model accept need_model",
      "fetching: stop_work accept need_model", "fetching: accept need_model",
      "fetching: stop_upload accept need_model", "fetching: forget_model accept need_model",
      "fetching: stop_work accept need_model"}},
    {"same invitation",
     {"fetching: accept need_model", "duplicate", "duplicate", "duplicate", "duplicate",
      "fetching: forget_model accept need_model", "fetching: stop_work accept need_model"}},
    {"evaluation request",
     {"fetching_e: need_model", "wrong_phase", "wrong_phase", "fetching_e: need_model",
      "fetching_e: stop_upload need_model", "wrong_phase", "wrong_phase"}},
    {"model ready",
     {"wrong_phase", "working: train", "wrong_phase", "wrong_phase", "wrong_phase",
      "evaluating: evaluate", "wrong_phase"}},
    {"other model ready",
     {"wrong_phase", "wrong_phase", "wrong_phase", "wrong_phase", "wrong_phase", "wrong_phase",
      "wrong_phase"}},
    {"model failed",
     {"wrong_phase", "idle: decline", "wrong_phase", "wrong_phase", "wrong_phase", "idle: report",
      "wrong_phase"}},
    {"trained",
     {"wrong_round", "wrong_round", "offering: offer", "wrong_round", "wrong_round", "wrong_round",
      "wrong_round"}},
    {"training failed",
     {"wrong_round", "wrong_round", "idle: decline", "wrong_round", "wrong_round", "wrong_round",
      "wrong_round"}},
    {"grant",
     {"wrong_round", "wrong_phase", "wrong_phase", "uploading: upload",
      "uploading: stop_upload upload", "wrong_phase", "wrong_phase"}},
    {"receipt",
     {"wrong_round", "idle: forget_model", "idle: stop_work", "idle:", "idle: stop_upload",
      "wrong_phase", "wrong_phase"}},
    {"refused",
     {"wrong_round", "idle: forget_model", "idle: stop_work", "idle:", "idle: stop_upload",
      "idle: forget_model", "idle: stop_work"}},
    {"closed",
     {"wrong_round", "idle: forget_model", "idle: stop_work", "idle:", "idle: stop_upload",
      "idle: forget_model", "idle: stop_work"}},
    {"evaluated",
     {"wrong_round", "wrong_round", "wrong_round", "wrong_round", "wrong_round", "wrong_round",
      "idle: report"}},
    {"evaluation failed",
     {"wrong_round", "wrong_round", "wrong_round", "wrong_round", "wrong_round", "wrong_round",
      "idle: report"}},
    {"may not work",
     {"idle:", "idle: forget_model decline", "idle: stop_work decline",
      "offering:", "uploading:", "idle: forget_model report", "evaluating:"}},
};

} // namespace

TEST_CASE("every pair of phase and input does what the table says") {
  REQUIRE(table.size() == inputs.size());
  for (const auto& [in, expected] : table)
    for (std::size_t i = 0; i < phases.size(); ++i) {
      CAPTURE(in);
      CAPTURE(phases[i]);
      auto m = in_phase(phases[i]);
      CHECK(feed(m, inputs.at(in)) == expected.at(i));
    }
}

TEST_CASE("words about another round change nothing") {
  for (const auto& phase : phases) {
    CAPTURE(phase);
    auto m = in_phase(phase);
    CHECK(feed(m, trained{{4}, update_for({4})}) == "wrong_round");
    CHECK(feed(m, training_failed{{4}}) == "wrong_round");
    CHECK(feed(m, update_grant{{4}}) == "wrong_round");
    CHECK(feed(m, receipt{{4}}) == "wrong_round");
    CHECK(feed(m, refused{.round = 4, .detail = {}}) == "wrong_round");
    CHECK(feed(m, refused{.round = 0, .detail = {}}) == "wrong_round");
    CHECK(feed(m, round_closed{{4}, 0, {}}) == "wrong_round");
    CHECK(feed(m, evaluation_done{{{4}, 1, 1, 0}}) == "wrong_round");
    CHECK(feed(m, evaluation_failed{{4}}) == "wrong_round");
  }
}

TEST_CASE("an invitation carries over to the worker as it came, and the update to the link as it "
          "was trained") {
  machine m;
  auto task = invite_to(5);
  task.plan.seed = 77;
  auto out = *m.apply(task);
  CHECK(std::get<accept>(out.front()).task.plan.seed == 77);
  CHECK(std::get<need_model>(out.back()).model == task.model);
  CHECK(m.apply(kept{round_5})->empty());
  out = *m.apply(model_ready{task.model});
  CHECK(std::get<train>(out.at(0)).task.plan.seed == 77);
  const auto update = update_for(round_5);
  out = *m.apply(trained{round_5, update});
  CHECK(std::get<offer>(out.at(0)).update.offer.example_count == 10);
  out = *m.apply(update_grant{round_5});
  CHECK(std::get<upload>(out.at(0)).update.content.view().data() == update.content.view().data());
}

TEST_CASE("an update is held over reconnects, and sent whenever it is granted, until there is a "
          "receipt") {
  auto m = in_phase("offering");
  for (int i = 0; i < 3; ++i) {
    CHECK(feed(m, disconnected{}) == "offering:");
    CHECK(feed(m, connected{}) == "offering:");
    CHECK(feed(m, update_grant{round_5}) == "uploading: upload");
    CHECK(feed(m, connected{}) == "offering: stop_upload");
  }
  CHECK(feed(m, update_grant{round_5}) == "uploading: upload");
  CHECK(feed(m, receipt{round_5, {}}) == "idle: stop_upload");
  CHECK(feed(m, connected{}) == "idle:");
}

TEST_CASE("training begins when the task is kept and the model is here, whichever comes first") {
  machine m;
  CHECK(feed(m, invite_to(5)) == "fetching: accept need_model");
  CHECK(feed(m, model_ready{model_of(1)}) == "fetching:");
  CHECK(feed(m, kept{{4}}) == "wrong_round");
  CHECK(feed(m, kept{round_5}) == "working: train");
}

TEST_CASE("a lease that is over without a connection ends what is not trained, and is said") {
  for (auto* phase : {"fetching", "working"}) {
    CAPTURE(phase);
    auto m = in_phase(phase);
    const auto out = *m.apply(disconnected{});
    REQUIRE(out.size() == 1);
    CHECK(std::get<watch_lease>(out[0]).round == round_5);
    CHECK(std::get<watch_lease>(out[0]).left == std::chrono::seconds(1)); // until the deadline
    CHECK(feed(m, lease_over{{4}}) == "wrong_round");
    CHECK(feed(m, lease_over{round_5}).ends_with(" decline"));
    CHECK(feed(m, connected{}) == "idle:");
  }
  auto m = in_phase("offering");
  feed(m, disconnected{});
  CHECK(feed(m, lease_over{round_5}) == "wrong_round"); // what is trained is not given up
}

TEST_CASE("the lease is what the invitation says, and at least the round's time") {
  auto task = invite_to(5);
  task.milliseconds_lease = 7000;
  CHECK(lease_of(task) == std::chrono::seconds(7));
  task.milliseconds_left = 9000;
  CHECK(lease_of(task) == std::chrono::seconds(9));
  task.milliseconds_lease = ~std::uint64_t{0};
  CHECK(lease_of(task) == std::chrono::hours(366 * 24));
}

TEST_CASE(
    "where it wants a connection, an edge stops training without one and begins anew with it") {
  auto m = in_phase("working", {.stops_offline = true});
  CHECK(feed(m, disconnected{}) == "fetching: stop_work watch_lease");
  CHECK(feed(m, training_failed{round_5}) == "wrong_round");
  CHECK(feed(m, connected{}) == "working: train");
}

TEST_CASE("after a restart a task is gone on with, and a trained update is not trained again") {
  machine m;
  CHECK(feed(m, restored{invite_to(5), {}, std::chrono::seconds(3)}) ==
        "fetching: need_model watch_lease");
  CHECK(feed(m, model_ready{model_of(1)}) == "working: train");
  machine other;
  CHECK(feed(other, restored{invite_to(5), update_for(round_5), {}}) == "offering:");
  CHECK(feed(other, invite_to(5)) == "duplicate");
  CHECK(feed(other, connected{}) == "offering:");
  CHECK(feed(other, update_grant{round_5}) == "uploading: upload");
}

TEST_CASE("a receipt that the request to evaluate has overtaken does not end the evaluation") {
  auto m = in_phase("uploading");
  CHECK(feed(m, evaluate_5) == "fetching_e: stop_upload need_model");
  CHECK(feed(m, receipt{round_5}) == "wrong_phase");
  CHECK(feed(m, model_ready{model_of(1)}) == "evaluating: evaluate");
  CHECK(feed(m, receipt{round_5}) == "wrong_phase");
}

TEST_CASE("an evaluation that is asked for again after a reconnect is done once") {
  auto m = in_phase("evaluating");
  CHECK(feed(m, evaluation_done{{round_5, 10, 9, 1.0, {}}}) == "idle: report");
  CHECK(feed(m, evaluate_5) == "duplicate");
  CHECK(feed(m, evaluation_request{round_5, model_of(2)}) == "fetching_e: need_model");
  CHECK(feed(m, model_failed{model_of(2)}) == "idle: report");
  CHECK(feed(m, connected{.is_new_server = true}) == "idle:");
  CHECK(feed(m, evaluation_request{round_5, model_of(2)}) == "fetching_e: need_model");
}

TEST_CASE("a training that was given up cannot slip into the next round") {
  auto m = in_phase("working");
  CHECK(feed(m, invite_to(6)) == "fetching: stop_work accept need_model");
  CHECK(feed(m, trained{round_5, update_for(round_5)}) == "wrong_round");
  CHECK(feed(m, training_failed{round_5}) == "wrong_round");
  feed(m, kept{{6}});
  CHECK(feed(m, model_ready{model_of(1)}) == "working: train");
  CHECK(feed(m, trained{round_5, update_for(round_5)}) == "wrong_round");
  CHECK(feed(m, trained{{6}, update_for({6})}) == "offering: offer");
}

TEST_CASE("a server that began anew may use a round's number again: another model is other work") {
  for (auto* phase : {"fetching", "working", "offering", "uploading"}) {
    CAPTURE(phase);
    auto m = in_phase(phase);
    CHECK(feed(m, invite_to(5, 2)).ends_with("accept need_model"));
    feed(m, kept{round_5});
    CHECK(feed(m, model_ready{model_of(2)}) == "working: train");
    CHECK(feed(m, invite_to(1, 3)) == "fetching: stop_work accept need_model");
  }
}

TEST_CASE("who may not work declines, and works again when it may") {
  machine m;
  CHECK(feed(m, eligibility{"hot"}) == "idle:");
  const auto out = *m.apply(invite_to(5));
  REQUIRE(out.size() == 1);
  const auto& answer = std::get<decline>(out[0]);
  CHECK(answer.reason == "hot");
  CHECK(answer.round == round_5);
  const auto reported = *m.apply(evaluate_5);
  REQUIRE(reported.size() == 1);
  CHECK(std::get<report>(reported[0]).result.example_count == 0);
  CHECK(feed(m, eligibility{""}) == "idle:");
  CHECK(feed(m, invite_to(6)) == "fetching: accept need_model");
}

TEST_CASE("an invitation that comes while it may not work still ends what was done before") {
  auto m = in_phase("uploading");
  CHECK(feed(m, eligibility{"hot"}) == "uploading:");
  CHECK(feed(m, invite_to(6)) == "idle: stop_upload decline");
}

TEST_CASE("a failed evaluation is reported as one without examples, so that nobody waits for it") {
  auto m = in_phase("evaluating");
  const auto out = *m.apply(evaluation_failed{round_5});
  const auto& result = std::get<report>(out.at(0)).result;
  CHECK(result.round == round_5);
  CHECK(result.example_count == 0);
}
