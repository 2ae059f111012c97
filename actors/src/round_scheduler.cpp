#include <godwit/actors/round_scheduler.hpp>

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <godwit/actors/machines/selection.hpp>
#include <godwit/actors/server_ports.hpp>

namespace godwit {
namespace {

struct scheduler_state {
  round::machine machine;
  scheduler_setup setup;
  std::shared_ptr<const server_roles> roles;
  model_id model;
  std::map<client_id, shared_bytes> arrived; ///< complete updates on their way to the aggregator
  std::string phase;
};
using self_ptr = round_scheduler_actor::stateful_pointer<scheduler_state>;

instant now(self_ptr self) {
  return self->clock().now().time_since_epoch();
}

void feed_later(self_ptr self, const round::input& in);

// -- one overload for each effect

void perform(self_ptr self, const round::invite& x) {
  auto& state = self->state;
  invitation message{.round = x.round, .model = state.model, .plan = state.setup.client};
  message.plan.seed = selection::training_seed(state.setup.seed, x.round, x.client);
  message.milliseconds_left = static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(x.left).count());
  self->send(state.roles->gateway, to_edge{x.client, message});
}
void perform(self_ptr self, const round::wake_at& x) {
  self->delayed_send(self, std::max(x.when - now(self), instant{}), round_alarm{x.round});
}
void perform(self_ptr self, const round::grant& x) {
  self->send(self->state.roles->gateway, receive_update{x.client, x.round, x.update});
}
void perform(self_ptr self, const round::watch& x) {
  self->delayed_send(self, std::max(x.when - now(self), instant{}),
                     upload_alarm{x.round, x.client});
}
void perform(self_ptr self, const round::revoke& x) {
  self->send(self->state.roles->gateway, drop_update{x.client, x.round});
}
void perform(self_ptr self, const round::add& x) {
  auto& state = self->state;
  auto content = state.arrived.extract(x.client);
  const auto weight = state.setup.weighs_by_examples ? x.example_count : 1;
  self->request(state.roles->aggregator, caf::infinite,
                add_update{x.client, x.round, weight,
                           content.empty() ? shared_bytes{} : content.mapped()})
      .then(
          [self](const sum_verdict& verdict) {
            feed_later(self, round::summed{verdict.client, verdict.round, verdict.why_not});
          },
          expect_no_refusal);
}
void perform(self_ptr self, const round::acknowledge& x) {
  self->send(self->state.roles->gateway, to_edge{x.client, receipt{x.round}});
}
void perform(self_ptr self, const round::refuse& x) {
  self->state.setup.log->warn("update.refused",
                              {{"round", x.round}, {"client", x.client}, {"why", x.why}});
  self->send(self->state.roles->gateway,
             to_edge{x.client, refused{.round = x.round.value, .why = x.why, .detail = {}}});
}
void perform(self_ptr self, const round::release& x) {
  auto& roles = *self->state.roles;
  self->request(roles.aggregator, caf::infinite, take_mean{x.round})
      .then(
          [self](const round_mean& mean) {
            self->request(self->state.roles->coordinator, caf::infinite,
                          make_next_model{mean.round, mean.mean})
                .then(
                    [self](const model_made& made) {
                      self->state.model = made.model;
                      feed_later(self, round::released{made.round});
                    },
                    expect_no_refusal);
          },
          expect_no_refusal);
}
void perform(self_ptr self, const round::ask_to_evaluate& x) {
  self->send(self->state.roles->gateway,
             to_edge{x.client, evaluation_request{x.round, self->state.model}});
}
void perform(self_ptr self, const round::tell& x) {
  self->send(self->state.roles->gateway, to_edge{x.client, x.closed});
}
void perform(self_ptr self, const round::finish& x) {
  self->state.arrived.clear();
  self->send(self->state.roles->coordinator,
             std::shared_ptr<const round_report>(std::make_shared<round_report>(round_report{x})));
}

/// Tells the coordinator how the round stands.
void show(self_ptr self) {
  auto& state = self->state;
  round_progress progress;
  progress.phase = std::string(round::name(state.machine.current()));
  if (progress.phase != state.phase) {
    state.phase = progress.phase;
    if (auto* here = state.machine.open_round())
      state.setup.log->info("round.phase", {{"round", here->id}, {"phase", state.phase}});
  }
  if (auto* here = state.machine.open_round()) {
    progress.round = here->id;
    progress.deadline = here->deadline;
    progress.reported = here->counted;
    progress.invited = static_cast<std::uint32_t>(here->cohort.size());
    progress.accepted = here->accepted();
  }
  self->send(state.roles->coordinator, std::move(progress));
}

/// Feeds the machine and performs what it asks for.
result<done> feed(self_ptr self, const round::input& in) {
  auto effects = self->state.machine.apply(in, now(self));
  if (!effects)
    return effects.why();
  for (const auto& effect : *effects)
    std::visit([self](const auto& x) { perform(self, x); }, effect);
  show(self);
  return done{};
}

void feed_later(self_ptr self, const round::input& in) {
  if (auto fed = feed(self, in); !fed)
    self->state.setup.log->debug("round.input_refused", {{"why", fed.why()}});
}

caf::result<done> answer(const result<done>& fed) {
  if (!fed)
    return as_error(fed.why());
  return done{};
}

round_scheduler_actor::behavior_type round_scheduler(self_ptr self, scheduler_setup setup) {
  self->state.machine = round::machine(setup.plan, setup.last);
  self->state.setup = std::move(setup);
  return {
      [self](const start_round& in) {
        if (self->state.machine.open_round()) // its sum is not to be touched
          return caf::result<done>(as_error(refusal::wrong_phase));
        self->state.model = in.model;
        self->send(self->state.roles->aggregator, begin_sum{in.round});
        return answer(feed(self, round::open{in.round, in.invited, in.reserve, in.evaluates}));
      },
      [self](const answer_of_edge& in) {
        return answer(feed(self, round::answered{in.client, in.answer}));
      },
      [self](const offer_of_edge& in) {
        return answer(feed(self, round::offered{in.client, in.offer}));
      },
      [self](const update_of_edge& in) {
        self->state.arrived[in.client] = in.content;
        auto fed = feed(self, round::arrived{in.client, in.round});
        if (!fed)
          self->state.arrived.erase(in.client);
        return answer(fed);
      },
      [self](const spoiled_update& in) {
        return answer(feed(self, round::spoiled{in.client, in.round, in.why}));
      },
      [self](const evaluation_of_edge& in) {
        return answer(feed(self, round::evaluated{in.client, in.report}));
      },
      [self](const edge_left& in) { feed_later(self, round::edge_lost{in.client}); },
      [self](const std::shared_ptr<const server_roles>& roles) { self->state.roles = roles; },
      [self](const round_alarm& in) { feed_later(self, round::deadline_passed{in.round}); },
      [self](const upload_alarm& in) {
        feed_later(self, round::upload_due{in.round, in.client});
      },
  };
}

} // namespace

round_scheduler_actor spawn_round_scheduler(caf::actor_system& system, scheduler_setup setup) {
  return system.spawn(round_scheduler, std::move(setup));
}

} // namespace godwit
