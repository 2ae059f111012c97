// An edge's uplink, trainer, worker and power monitor on the deterministic scheduler; the test
// plays the server.
#pragma once

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <godwit/actors/edge.hpp>
#include <godwit/messages/limits.hpp>
#include <godwit/privacy/digest.hpp>

#include "fake_journal.hpp"
#include "fake_links.hpp"
#include "support/caf_fixture.hpp"

namespace godwit {

/// Adds 1 to each parameter, unless told to do otherwise.
class fake_trainer final : public trainer {
public:
  const model_layout& layout() const override { return layout_; }
  std::uint64_t example_count() const override { return 10; }
  attempt<training_outcome> train(std::span<float> parameters, const training_plan& plan,
                                  const std::stop_token& stop) override {
    ++train_count;
    last_plan = plan;
    if (instead)
      return instead(stop);
    if (stop.stop_requested())
      return failure{.code = failure_code::cancelled, .detail = "asked to stop"};
    for (auto& x : parameters)
      x += 1.0F;
    return training_outcome{.example_count = 10, .step_count = 3, .loss = 0.25};
  }
  attempt<evaluation> evaluate(std::span<const float> parameters) override {
    if (evaluate_instead)
      return evaluate_instead();
    return evaluation{.example_count = parameters.size(), .correct_count = 1, .loss_sum = 2.0};
  }

  std::function<attempt<training_outcome>(const std::stop_token&)> instead;
  std::function<attempt<evaluation>()> evaluate_instead;
  int train_count = 0;
  training_plan last_plan;

private:
  model_layout layout_ = {{"w", {4}}};
};

class fake_power final : public power_source {
public:
  attempt<power_reading> read() override { return reading; }
  power_reading reading;
};

/// Keeps models in memory.
class fake_models final : public model_store {
public:
  attempt<done> put(const model_id& what, const shared_bytes& content) override {
    kept.push_back({what, content});
    return done{};
  }
  attempt<shared_bytes> get(const model_id& what) override {
    for (const auto& each : kept)
      if (each.model == what)
        return each.content;
    return failure{.code = failure_code::not_found, .detail = "no such model"};
  }
  std::vector<model_fetched> kept;
};

/// Counts what it was told.
class fake_dials final : public dial_port {
public:
  void dial() override { ++dial_count; }
  void rest() override { ++rest_count; }
  int dial_count = 0;
  int rest_count = 0;
};

struct stage_plan {
  std::size_t parameter_count = 4;
  std::shared_ptr<fake_journal> journal = std::make_shared<fake_journal>();
  std::shared_ptr<fake_models> models{}; ///< null: none are kept
  sync_plan sync{};
  mail_plan mail{};
};

class edge_stage : public deterministic {
public:
  explicit edge_stage(std::size_t parameter_count = 4)
      : edge_stage(stage_plan{.parameter_count = parameter_count}) {}
  explicit edge_stage(stage_plan plan) : journal(plan.journal), plan_(std::move(plan)) {
    edge_setup setup;
    setup.greeting = {.client = {"a"},
                      .model = "toy",
                      .parameter_count = plan_.parameter_count,
                      .example_count = 10,
                      .features = {}};
    setup.log = log;
    setup.links = links;
    setup.dials = dials;
    setup.engine = engine;
    setup.power = power;
    setup.journal = journal;
    setup.found = journal->found();
    setup.models = plan_.models;
    setup.sync = plan_.sync;
    setup.mail = plan_.mail;
    setup.seed = 1;
    setup.is_detached = false;
    auto spawned = spawn_edge(system(), std::move(setup));
    const std::string why = spawned ? "" : spawned.why().detail;
    REQUIRE_MESSAGE(spawned, why);
    roles = *spawned;
    deliver();
  }

  ~edge_stage() {
    end(roles->power);
    end(roles->uplink);
    end(roles->masker);
    end(roles->sharer);
    end(roles->trainer);
    end(roles->worker);
    end(roles->keeper);
    end(roles->shelf);
  }

  // -- what the transport and the server do

  void link_opens(std::uint64_t link) {
    current = link;
    tell(roles->uplink, link_opened{link, role::server, "server", {}, "10.0.0.1:4433"});
  }
  void link_closes(std::uint64_t link) { tell(roles->uplink, link_closed{link, "reset"}); }
  void server_says(server_message message, bytes body = {}) {
    auto there = encode(message);
    tell(roles->uplink,
         link_frame{current, there.kind, std::move(there.head), shared_bytes(std::move(body))});
  }
  /// Puts the message into the uplink's mailbox, without letting anything happen.
  void server_says_later(server_message message, bytes body = {}) {
    auto there = encode(message);
    caf::anon_send(roles->uplink, link_frame{current, there.kind, std::move(there.head),
                                             shared_bytes(std::move(body))});
  }

  /// A link, a hello, a welcome, a status.
  hello enrols(std::uint64_t link, const std::string& token = "tok") {
    link_opens(link);
    const auto greeting = says<hello>("");
    CHECK(greeting.client == client_id{"a"});
    server_says(welcome{.server = "server",
                        .job = "job",
                        .token = token,
                        .token_seconds = 600,
                        .mailbox = mailbox,
                        .heard = heard});
    says<edge_status>(token);
    return greeting;
  }

  /// The next frame of the edge of this kind; it must carry this token. A letter is acknowledged
  /// where the server is one that does so.
  template <class Message>
  Message says(const std::string& token = "tok", shared_bytes* body = nullptr) {
    auto& waiting = links->sent[current];
    for (auto frame = waiting.begin(); frame != waiting.end(); ++frame) {
      auto envelope = decode_edge_envelope(frame->message.kind, frame->message.head);
      REQUIRE(envelope);
      auto* message = std::get_if<Message>(&envelope->message);
      if (!message)
        continue;
      CHECK(envelope->token == token);
      if (body)
        *body = frame->body;
      waiting.erase(frame);
      if constexpr (requires { message->letter; })
        take(message->letter);
      return *message;
    }
    std::string instead;
    for (const auto& frame : waiting)
      if (auto envelope = decode_edge_envelope(frame.message.kind, frame.message.head))
        instead += std::string(name(envelope->message)) + ' ';
    FAIL("the edge did not say it; it said: ", instead);
    return {};
  }
  bool says_nothing() { return links->sent[current].empty(); }

  bytes model_of(float value) const {
    const std::vector<float> values(plan_.parameter_count, value);
    const auto view = std::as_bytes(std::span(values));
    return {view.begin(), view.end()};
  }
  static model_id id_of(const bytes& content) { return {sha256(content), content.size()}; }
  invitation invitation_to(std::uint64_t round, const bytes& model) const {
    return {.round = {round},
            .model = id_of(model),
            .plan = {.seed = 7},
            .milliseconds_left = 60'000,
            .milliseconds_lease = 120'000};
  }

  /// Sends what a model request asks for.
  void server_serves(const bytes& model, const model_request& request,
                     std::size_t chunk_count = 1000) {
    const auto end = std::min<std::uint64_t>(
        request.offset + std::uint64_t{request.chunk_count} * limits::chunk_bytes, model.size());
    for (auto at = request.offset; at < end && chunk_count > 0;
         at += limits::chunk_bytes, --chunk_count) {
      const auto part = bytes_view(model).subspan(
          at, std::min<std::size_t>(limits::chunk_bytes, model.size() - at));
      server_says(model_chunk{sha256(model), at}, bytes(part.begin(), part.end()));
    }
  }
  /// From the invitation to the offer.
  update_offer trains(std::uint64_t round, const bytes& model) {
    server_says(invitation_to(round, model));
    CHECK(says<invitation_answer>().accepts == 1);
    server_serves(model, says<model_request>());
    return says<update_offer>();
  }

  std::shared_ptr<fake_links> links = std::make_shared<fake_links>();
  std::shared_ptr<fake_trainer> engine = std::make_shared<fake_trainer>();
  std::shared_ptr<fake_power> power = std::make_shared<fake_power>();
  std::shared_ptr<recorded_events> log = std::make_shared<recorded_events>();
  std::shared_ptr<fake_dials> dials = std::make_shared<fake_dials>();
  std::shared_ptr<fake_journal> journal;
  std::shared_ptr<const edge_roles> roles;
  std::uint64_t current = 0;    ///< the newest link
  mailbox_id mailbox = 900;     ///< the server's
  std::uint64_t heard = 0;      ///< the edge's newest letter that the server has
  bool does_acknowledge = true; ///< the server, each letter that it hears

private:
  void take(stamp place) {
    CHECK(place.number > 0);
    if (!does_acknowledge)
      return;
    CHECK(place.previous <= heard);
    heard = std::max(heard, place.number);
    server_says(letters_taken{heard});
  }

  stage_plan plan_;
};

} // namespace godwit
