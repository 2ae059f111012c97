// An edge's uplink, trainer, worker and power monitor on the deterministic scheduler; the test
// plays the server.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <godwit/actors/edge_trainer.hpp>
#include <godwit/actors/power_monitor.hpp>
#include <godwit/actors/uplink.hpp>
#include <godwit/messages/limits.hpp>
#include <godwit/privacy/digest.hpp>

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

class edge_stage : public deterministic {
public:
  explicit edge_stage(std::size_t parameter_count = 4) : parameter_count_(parameter_count) {
    auto made = std::make_shared<edge_roles>();
    auto [trainer, worker] =
        spawn_edge_trainer(system(), engine, {.log = log, .is_detached = false});
    made->trainer = trainer;
    made->worker = worker;
    made->uplink = spawn_uplink(system(), {.greeting = {.client = {"a"},
                                                        .model = "toy",
                                                        .parameter_count = parameter_count,
                                                        .example_count = 10,
                                                        .features = {}},
                                           .links = links,
                                           .log = log});
    made->power = spawn_power_monitor(
        system(), {.rules = {}, .every = std::chrono::seconds(5), .source = power, .log = log});
    roles = made;
    tell(roles->uplink, roles);
    tell(roles->worker, roles);
    tell(roles->trainer, roles);
    tell(roles->power, roles);
  }

  ~edge_stage() {
    end(roles->power);
    end(roles->uplink);
    end(roles->trainer);
    end(roles->worker);
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
  void enrols(std::uint64_t link, const std::string& token = "tok") {
    link_opens(link);
    CHECK(says<hello>("").client == client_id{"a"});
    server_says(welcome{.server = "server", .job = "job", .token = token, .token_seconds = 600});
    says<edge_status>(token);
  }

  /// The next frame of the edge, which must be of this kind and carry this token.
  template <class Message>
  Message says(const std::string& token = "tok", shared_bytes* body = nullptr) {
    auto frame = links->next(current);
    REQUIRE_MESSAGE(frame, "the edge said nothing");
    auto envelope = decode_edge_envelope(frame->message.kind, frame->message.head);
    REQUIRE(envelope);
    INFO("it said ", std::string(name(envelope->message)));
    CHECK(envelope->token == token);
    REQUIRE(std::holds_alternative<Message>(envelope->message));
    if (body)
      *body = frame->body;
    return std::get<Message>(envelope->message);
  }
  bool says_nothing() { return links->sent[current].empty(); }

  bytes model_of(float value) const {
    const std::vector<float> values(parameter_count_, value);
    const auto view = std::as_bytes(std::span(values));
    return {view.begin(), view.end()};
  }
  static model_id id_of(const bytes& content) { return {sha256(content), content.size()}; }
  invitation invitation_to(std::uint64_t round, const bytes& model) const {
    return {
        .round = {round}, .model = id_of(model), .plan = {.seed = 7}, .milliseconds_left = 60'000};
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
  std::shared_ptr<const edge_roles> roles;
  std::uint64_t current = 0; ///< the newest link

private:
  std::size_t parameter_count_;
};

} // namespace godwit
