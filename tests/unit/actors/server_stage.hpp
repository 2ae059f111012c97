// A whole server on the deterministic scheduler, with everything around it played by the test.
#pragma once

#include <chrono>
#include <cstring>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <godwit/actors/server.hpp>
#include <godwit/messages/limits.hpp>
#include <godwit/privacy/digest.hpp>

#include "fake_journal.hpp"
#include "fake_links.hpp"
#include "support/caf_fixture.hpp"

namespace godwit {

class fake_tokens final : public token_authority {
public:
  std::string issue(const client_id& client, const sha256_digest& fingerprint) override {
    const auto token = "token-" + std::to_string(++count_) + "-" + client.name;
    issued_[token] = {client, fingerprint, time + lifetime()};
    return token;
  }
  std::chrono::seconds lifetime() const override { return std::chrono::seconds(600); }
  result<std::chrono::seconds> verify(std::string_view token, const client_id& client,
                                      const sha256_digest& fingerprint) override {
    ++verify_count;
    const auto known = issued_.find(std::string(token));
    if (known == issued_.end())
      return refusal::token_forged;
    if (known->second.client != client || known->second.fingerprint != fingerprint)
      return refusal::token_subject;
    if (time >= known->second.ends)
      return refusal::token_expired;
    return known->second.ends;
  }
  std::chrono::seconds now() const override { return time; }

  std::chrono::seconds time{1'700'000'000};
  int verify_count = 0;

private:
  struct entry {
    client_id client;
    sha256_digest fingerprint;
    std::chrono::seconds ends;
  };
  std::map<std::string, entry> issued_;
  int count_ = 0;
};

class fake_store final : public checkpoint_store {
public:
  attempt<done> save(const checkpoint& state, std::span<const float> parameters) override {
    if (is_full)
      return failure{.code = failure_code::no_space, .detail = "no space left"};
    saved.push_back(state);
    saved.back().parameters.assign(parameters.begin(), parameters.end());
    return done{};
  }
  std::vector<checkpoint> saved;
  bool is_full = false;
};

class fake_observer final : public run_observer {
public:
  struct seen_round {
    round::finish end;
    std::optional<evaluation> central;
    traffic during;
    model_id model;
  };
  void round_over(const round_facts& x) override {
    rounds.push_back({x.end, x.central, x.during, x.model});
  }
  void finished(const std::string& reason, std::span<const float> parameters) override {
    REQUIRE_FALSE(ended_because);
    ended_because = reason;
    final_model.assign(parameters.begin(), parameters.end());
  }
  void failed(const failure& x) override { failures.push_back(x); }

  std::vector<seen_round> rounds;
  std::optional<std::string> ended_because;
  std::vector<float> final_model;
  std::vector<failure> failures;
};

/// Says that the accuracy is the first parameter.
class fake_evaluator final : public central_evaluator {
public:
  attempt<evaluation> evaluate(std::span<const float> parameters) override {
    ++count;
    if (throws)
      throw std::runtime_error("the held-out set is gone");
    return evaluation{.example_count = 100,
                      .correct_count = static_cast<std::uint64_t>(100 * parameters[0]),
                      .loss_sum = 50};
  }
  int count = 0;
  bool throws = false;
};

struct stage_setup {
  std::size_t parameter_count = 4;
  std::uint32_t cohort = 3;
  std::uint32_t cohort_min = 2;
  std::uint32_t wait_for = 3;
  std::uint32_t upload_count_max = 8;
  std::uint64_t round_count = 2;
  std::uint32_t evaluate_every = 0;
  std::uint32_t federated_evaluate_every = 0;
  bool has_evaluator = false;
  round_id last = {};
  std::uint64_t committed_count = 0;
  std::optional<checkpoint> state = {}; ///< in the place of a fresh one
};

/// One server. Edges say things over links of the test's choice; what comes back waits to be heard.
class server_stage : public deterministic {
public:
  using setup = stage_setup;

  explicit server_stage(stage_setup how = {}) : how_(how) {
    state = how.state ? *how.state : fresh_state();
    start({});
  }

  ~server_stage() { stop(); }

  /// kill -9, and a start from what is on its disk. All links are gone.
  void crashes() {
    stop();
    links->sent.clear();
    links->closed.clear();
    if (!store->saved.empty())
      state = store->saved.back();
    start(journal->found());
  }

  // -- what an edge does

  static sha256_digest certificate_of(const std::string& name) {
    return sha256(as_bytes("cert " + name));
  }

  void connects(std::uint64_t link, const std::string& name, role who = role::edge) {
    tell(roles->gateway, link_opened{link, who, name, certificate_of(name), "10.0.0.1:5000"});
  }
  void disconnects(std::uint64_t link) { tell(roles->gateway, link_closed{link, "reset by peer"}); }

  void says(std::uint64_t link, const std::string& token, edge_message message, bytes body = {}) {
    auto there = encode(edge_envelope{token, std::move(message)});
    tell(roles->gateway,
         link_frame{link, there.kind, std::move(there.head), shared_bytes(std::move(body))});
  }

  hello greeting(const std::string& name) const {
    return {.client = {name},
            .model = "toy",
            .parameter_count = how_.parameter_count,
            .example_count = 10,
            .features = {},
            .mailbox = 9};
  }

  /// Connects and enrols; the token that it got.
  std::string enrols(std::uint64_t link, const std::string& name) {
    connects(link, name);
    says(link, "", greeting(name));
    const auto answer = hears<welcome>(link);
    CHECK(answer.job == "first flight");
    return answer.token;
  }

  /// The next frame over this link, which must be of this kind. Its body, if wanted.
  template <class Message>
  Message hears(std::uint64_t link, shared_bytes* body = nullptr) {
    auto frame = links->next(link);
    REQUIRE_MESSAGE(frame, "nothing was sent over link " << link);
    auto message = decode_server_message(frame->message.kind, frame->message.head);
    REQUIRE(message);
    INFO("heard ", std::string(name(*message)));
    REQUIRE(std::holds_alternative<Message>(*message));
    if (body)
      *body = frame->body;
    return std::get<Message>(*message);
  }
  /// The next frame is a refusal; its name, and "closes" behind it where the server closes the
  /// link.
  std::string hears_refusal(std::uint64_t link) {
    if (hears_nothing(link)) // by letter, which may wait a little for the disk
      pass(std::chrono::milliseconds(100));
    const auto no = hears<refused>(link);
    CHECK((links->closed.contains(link)) == (no.closes == 1));
    return std::string(name(no.why)) + (no.closes ? " closes" : "");
  }
  bool hears_nothing(std::uint64_t link) { return links->sent[link].empty(); }

  // -- what it does in a round

  /// A receipt may wait a little for the disk: for others that can be written with it.
  receipt hears_receipt(std::uint64_t link) {
    if (hears_nothing(link))
      pass(std::chrono::milliseconds(100));
    return hears<receipt>(link);
  }

  bytes update_of(float value) const {
    const std::vector<float> values(how_.parameter_count, value);
    const auto view = std::as_bytes(std::span(values));
    return {view.begin(), view.end()};
  }
  static update_offer offer_of(round_id round, const bytes& update,
                               std::uint64_t example_count = 10) {
    return {.round = round,
            .example_count = example_count,
            .step_count = 2,
            .loss = 0.5,
            .update = {sha256(update), update.size()}};
  }
  void uploads(std::uint64_t link, const std::string& token, round_id round, const bytes& update,
               std::size_t from = 0, std::size_t chunk_count = 1000) {
    for (std::size_t at = from; at < update.size() && chunk_count > 0;
         at += limits::chunk_bytes, --chunk_count) {
      const auto part =
          bytes_view(update).subspan(at, std::min(limits::chunk_bytes, update.size() - at));
      says(link, token, update_chunk{round, at}, bytes(part.begin(), part.end()));
    }
  }
  /// Offers and uploads, up to the receipt.
  void delivers(std::uint64_t link, const std::string& token, round_id round, float value,
                std::uint64_t example_count = 10) {
    const auto update = update_of(value);
    says(link, token, offer_of(round, update, example_count));
    CHECK(hears<update_grant>(link).round == round);
    uploads(link, token, round, update);
    CHECK(hears_receipt(link).round == round);
  }
  /// Accepts, and does all of that.
  void reports(std::uint64_t link, const std::string& token, round_id round, float value,
               std::uint64_t example_count = 10) {
    says(link, token, invitation_answer{round, 1, {}});
    delivers(link, token, round, value, example_count);
  }

  std::shared_ptr<fake_links> links = std::make_shared<fake_links>();
  std::shared_ptr<fake_tokens> tokens = std::make_shared<fake_tokens>();
  std::shared_ptr<fake_store> store = std::make_shared<fake_store>();
  std::shared_ptr<fake_observer> observer = std::make_shared<fake_observer>();
  std::shared_ptr<fake_evaluator> held_out = std::make_shared<fake_evaluator>();
  std::shared_ptr<recorded_events> log = std::make_shared<recorded_events>();
  std::shared_ptr<const server_roles> roles;

  std::shared_ptr<fake_journal> journal = std::make_shared<fake_journal>();
  checkpoint state;

private:
  void start(std::vector<found_record> found) {
    const auto how = how_;
    auto made = spawn_server(system(), {.coordinator = job(),
                                        .round = {.cohort = how.cohort,
                                                  .cohort_min = how.cohort_min,
                                                  .lasts_for = std::chrono::seconds(60),
                                                  .upload_count_max = how.upload_count_max,
                                                  .upload_lasts_for = std::chrono::seconds(15),
                                                  .update_bytes = 4 * how.parameter_count},
                                        .selector = {.how = selection::rule::random,
                                                     .cohort = how.cohort,
                                                     .over_selection = 1.0,
                                                     .seed = 1},
                                        .client = {.epochs = 2},
                                        .checkpoints = store,
                                        .journal = journal,
                                        .found = std::move(found),
                                        .evaluator = how.has_evaluator ? held_out : nullptr,
                                        .links = links,
                                        .is_detached = false});
    REQUIRE_MESSAGE(made, made.why().detail);
    roles = *made;
    deliver();
  }

  void stop() {
    end(roles->gateway);
    end(roles->scheduler);
    end(roles->coordinator);
    end(roles->aggregator);
    end(roles->selector);
    end(roles->evaluator);
    end(roles->keeper);
  }

  checkpoint fresh_state() const {
    return {.job = "first flight",
            .model = "toy",
            .seed = 1,
            .round = how_.last,
            .committed_count = how_.committed_count,
            .mailbox = 77,
            .mail = {},
            .members = {},
            .layout = {{"w", {static_cast<std::uint32_t>(how_.parameter_count)}}},
            .parameters = std::vector<float>(how_.parameter_count)};
  }

  coordinator_setup job() const {
    return {.server_name = "server",
            .job = {.round_count = how_.round_count,
                    .wait_for = how_.wait_for,
                    .cohort_min = how_.cohort_min,
                    .patience = std::chrono::seconds(5),
                    .pause = std::chrono::seconds(1)},
            .membership = {.model = "toy", .parameter_count = how_.parameter_count},
            .state = state,
            .cohort = how_.cohort,
            .evaluate_every = how_.evaluate_every,
            .federated_evaluate_every = how_.federated_evaluate_every,
            .step = std::move(*make_strategy("fed_avg")),
            .tokens = tokens,
            .observer = observer,
            .log = log};
  }

  stage_setup how_;
};

/// Three edges, enrolled over the links 1, 2, 3 as "a", "b", "c", and invited to round 1.
class flight : public server_stage {
public:
  explicit flight(stage_setup how = {}) : server_stage(how) {
    for (std::uint64_t link = 1; link <= 3; ++link)
      token[link] = enrols(link, std::string(1, static_cast<char>('a' + link - 1)));
    for (std::uint64_t link = 1; link <= 3; ++link)
      task[link] = hears<invitation>(link);
  }

  std::map<std::uint64_t, std::string> token;
  std::map<std::uint64_t, invitation> task;
};

} // namespace godwit
