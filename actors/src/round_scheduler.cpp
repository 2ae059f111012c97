#include <godwit/actors/round_scheduler.hpp>

#include <utility>

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <godwit/actors/server_ports.hpp>

#include "round_scheduler_state.hpp"
#include "round_words.hpp"

namespace godwit {
namespace {

using self_ptr = round_scheduler_actor::stateful_pointer<scheduler_state>;

/// A line for which nothing waits but what an edge may hear later is written with the next one that
/// is urgent, or after this time: an edge keeps what it has not heard of, and says it again.
constexpr auto lazy_for = std::chrono::milliseconds(100);

/// So often it is written down that time has passed: by no more does a crash move a deadline.
constexpr auto time_mark_every = std::chrono::seconds(1);

/// Or when so much of updates is held for it.
constexpr std::size_t lazy_bytes_max = std::size_t{1} << 20;

instant clock_now(self_ptr self) {
  return self->clock().now().time_since_epoch();
}

/// The server's own time: it goes on where the last process left off.
instant now(self_ptr self) {
  return self->state.setup.began_at + (clock_now(self) - self->state.clock_at_start);
}

duration until(self_ptr self, instant when) {
  return std::max(when - now(self), duration{});
}

void feed_later(self_ptr self, const round::input& in);
void feed_verdict(self_ptr self, const sum_verdict&, std::uint64_t weight,
                  const shared_bytes& content);

// -- one overload for each effect

void perform(self_ptr self, const durable::say& x) {
  self->send(self->state.roles->gateway, to_edge{x.client, x.message});
}
void perform(self_ptr self, const round::invite& x) {
  const auto& state = self->state;
  self->send(state.roles->gateway,
             to_edge{x.client, invitation_of(state.setup, state.machine().model(), x)});
}
void perform(self_ptr self, const round::call& x) {
  self->send(self->state.roles->gateway, call_edge{x.client, x.what});
}
void perform(self_ptr self, const round::wake_at& x) {
  self->delayed_send(self, until(self, x.when), round_alarm{x.round});
}
/// An update holds its place until it is durable: so memory does not depend on the disk's speed.
void perform(self_ptr self, const round::grant& x) {
  auto& state = self->state;
  const auto& round = state.machine().round();
  const auto* here = round.open_round();
  const auto taken = here ? here->uploading + here->adding + state.unwritten_count : 0;
  if (state.unwritten_count > 0 && taken > round.rules().upload_count_max)
    state.deferred.push_back(x);
  else
    self->send(state.roles->gateway, receive_update{x.client, x.round, x.update});
}
void perform(self_ptr self, const round::watch& x) {
  self->delayed_send(self, until(self, x.when), upload_alarm{x.round, x.client});
}
void perform(self_ptr self, const round::revoke& x) {
  std::erase_if(self->state.deferred, [&x](const auto& each) { return each.client == x.client; });
  self->send(self->state.roles->gateway, drop_update{x.client, x.round});
}
void perform(self_ptr self, const round::add& x) {
  auto& state = self->state;
  auto taken = state.arrived.extract(x.client);
  const auto content = taken.empty() ? shared_bytes{} : taken.mapped();
  const auto weight = state.setup.weighs_by_examples ? x.example_count : 1;
  self->request(state.roles->aggregator, caf::infinite,
                add_update{x.client, x.round, weight, content})
      .then([self, weight,
             content](const sum_verdict& verdict) { feed_verdict(self, verdict, weight, content); },
            expect_no_refusal);
}
void perform(self_ptr self, const round::release& x) {
  auto& roles = *self->state.roles;
  if (x.opening)
    for (const auto& liar : x.opening->liars)
      self->state.setup.log->warn("share.wrong", {{"round", x.round}, {"client", liar}});
  const auto* open = self->state.machine().round().open_round();
  const auto left = open ? until(self, open->deadline) : duration{};
  self->request(roles.aggregator, caf::infinite, take_mean{x.round, x.opening, left})
      .then(
          [self](const round_mean& mean) {
            if (!mean.mean)
              return feed_later(self, round::spoiled_sum{mean.round, mean.why_not});
            self->request(self->state.roles->coordinator, caf::infinite,
                          make_next_model{mean.round, mean.mean, mean.clip, mean.place})
                .then(
                    [self, loss = mean.loss](const model_made& made) {
                      self->state.machine().opens_with(made.model);
                      feed_later(self, round::released{made.round, loss});
                    },
                    expect_no_refusal);
          },
          expect_no_refusal);
}
void perform(self_ptr self, const round::ask_to_evaluate& x) {
  self->send(self->state.roles->gateway,
             to_edge{x.client, evaluation_request{x.round, self->state.machine().model()}});
}
void perform(self_ptr self, const round::finish& x) {
  auto& state = self->state;
  state.arrived.clear();
  auto report = std::make_shared<round_report>();
  report->end = x;
  report->mail = state.machine().mail();
  report->at = now(self);
  self->send(state.roles->coordinator, std::shared_ptr<const round_report>(std::move(report)));
}

void perform_all(self_ptr self, const std::vector<durable::effect>& effects) {
  for (const auto& effect : effects)
    std::visit([self](const auto& x) { perform(self, x); }, effect);
}

/// Soon lines are written that nothing waits for, and the coordinator is told how the round stands.
void look_again_soon(self_ptr self) {
  if (!std::exchange(self->state.is_alarmed, true))
    self->delayed_send(self, lazy_for, write_alarm{});
}

/// Tells the coordinator how the round stands: at once where its phase is another one.
void show(self_ptr self, bool only_if_new) {
  auto& state = self->state;
  const auto& machine = state.machine().round();
  round_progress progress;
  progress.phase = std::string(round::name(machine.current()));
  if (progress.phase == state.phase && only_if_new)
    return look_again_soon(self);
  if (progress.phase != state.phase) {
    state.phase = progress.phase;
    if (auto* here = machine.open_round())
      state.setup.log->info("round.phase", {{"round", here->id}, {"phase", state.phase}});
  }
  if (auto* here = machine.open_round()) {
    progress.round = here->id;
    progress.deadline = clock_now(self) + (here->deadline - now(self));
    progress.reported = here->counted;
    progress.invited = static_cast<std::uint32_t>(here->cohort.size());
    progress.accepted = here->accepted();
  }
  self->send(state.roles->coordinator, std::move(progress));
}

/// Gives the places that have become free to those whose turn it still is.
void give_deferred_places(self_ptr self) {
  const auto* here = self->state.machine().round().open_round();
  for (auto& each : std::exchange(self->state.deferred, {}))
    if (here && here->id == each.round &&
        here->cohort.at(each.client).at == round::progress::uploading)
      perform(self, each);
}

/// Has all lines written; what waits for them is done when they are durable.
void write_all(self_ptr self) {
  auto& state = self->state;
  if (state.lines.empty() || state.ending.value != 0)
    return;
  state.written_at = now(self);
  state.unwritten_bytes = 0;
  keep_records records;
  std::vector<durable::owed> later;
  std::uint32_t body_count = 0;
  for (auto& each : std::exchange(state.lines, {})) {
    body_count += each.record.body.empty() ? 0 : 1;
    records.records.push_back(std::move(each.record));
    later.push_back(std::move(each.later));
  }
  self->request(state.roles->keeper, caf::infinite, std::move(records))
      .then(
          [self, body_count, later = std::move(later)](done) {
            self->state.unwritten_count -= body_count;
            perform_all(self, self->state.machine().kept(later, now(self)));
            give_deferred_places(self);
          },
          expect_no_refusal);
}

void write(self_ptr self, unwritten what) {
  auto& state = self->state;
  const bool is_awaited = !what.later.effects.empty();
  state.unwritten_count += what.record.body.empty() ? 0 : 1;
  state.unwritten_bytes += what.record.body.size();
  state.lines.push_back(std::move(what));
  if (is_awaited || state.unwritten_bytes >= lazy_bytes_max)
    write_all(self);
  else
    look_again_soon(self);
}

/// Marks that time has passed, as long as a round is open.
void mark_time(self_ptr self) {
  auto& state = self->state;
  state.is_marking = state.machine().round().open_round() != nullptr;
  if (!state.is_marking)
    return;
  if (now(self) - state.written_at >= time_mark_every) {
    state.lines.push_back({.record = {encode(server_line{.at = now(self),
                                                         .client = {},
                                                         .mailbox = 0,
                                                         .what = written::time_passed{}}),
                                      {}},
                           .later = {}});
    write_all(self);
  }
  self->delayed_send(self, time_mark_every, time_alarm{});
}

/// Performs what follows from an input. `content`: of the update that it counts, if it does.
void carry_out(self_ptr self, durable::outcome out, const shared_bytes& content) {
  auto& state = self->state;
  if (out.why_not)
    state.setup.log->warn("letter.refused", {{"client", out.line->client}, {"why", *out.why_not}});
  const auto* open = state.machine().round().open_round();
  if (out.ends_round) {
    write_all(self); // they belong before the checkpoint
    state.at_end.push_back(std::move(out.later));
    for (const auto& each : out.at_once)
      if (const auto* end = std::get_if<round::finish>(&each))
        state.ending = end->round;
  } else if (out.line) {
    write(self, {.record = {encode(*out.line), out.counted ? content : shared_bytes{}},
                 .later = std::move(out.later)});
  }
  perform_all(self, out.at_once);
  if (open || out.ends_round)
    show(self, true);
  if (!state.is_marking)
    mark_time(self);
}

/// Feeds the machine and performs what it asks for.
result<done> feed(self_ptr self, const round::input& in, const durable::origin& from = {}) {
  auto out = self->state.machine().apply(in, from, now(self));
  if (!out)
    return out.why();
  carry_out(self, std::move(*out), {});
  return done{};
}

void feed_later(self_ptr self, const round::input& in) {
  if (auto fed = feed(self, in); !fed)
    self->state.setup.log->debug("round.input_refused", {{"why", fed.why()}});
}

void feed_verdict(self_ptr self, const sum_verdict& verdict, std::uint64_t weight,
                  const shared_bytes& content) {
  auto& state = self->state;
  if (verdict.why_not)
    state.setup.log->warn(
        "update.refused",
        {{"round", verdict.round}, {"client", verdict.client}, {"why", *verdict.why_not}});
  auto out = state.machine().apply(round::summed{verdict.client, verdict.round, verdict.why_not},
                                   {}, now(self), weight);
  if (out)
    carry_out(self, std::move(*out), content);
  else
    state.setup.log->debug("round.input_refused", {{"why", out.why()}});
}

caf::result<done> answer(const result<done>& fed) {
  if (!fed)
    return as_error(fed.why());
  return done{};
}

caf::result<letters_state> greet(self_ptr self, const edge_here& in) {
  auto& machine = self->state.machine();
  auto promise = self->make_response_promise<letters_state>();
  auto out = machine.connected(in.client, in.mailbox, in.server_mailbox, in.heard, now(self));
  promise.deliver( // first: what is said to the edge comes behind its welcome
      letters_state{machine.mailbox(), machine.acknowledgement(in.client, in.mailbox)});
  if (out && out->is_behind)
    self->send(self->state.roles->coordinator, letters_lost{in.client});
  if (out)
    carry_out(self, std::move(*out), {});
  return promise;
}

/// The round that is over is durable: all are told, and the lines behind it are written.
void go_on(self_ptr self, const round_kept& in) {
  auto& state = self->state;
  if (in.round != state.ending)
    return;
  state.ending = {};
  perform_all(self, state.machine().kept(std::exchange(state.at_end, {}), now(self)));
  write_all(self);
}

caf::result<done> start(self_ptr self, const start_round& in) {
  auto& state = self->state;
  if (state.machine().round().open_round()) // its sum is not to be touched
    return as_error(refusal::wrong_phase);
  state.machine().opens_with(in.model);
  auto terms = terms_of_round(state.setup, in);
  self->send(state.roles->aggregator, begin_sum{in.round, terms});
  return answer(
      feed(self, round::open{in.round, in.invited, in.reserve, in.evaluates, std::move(terms)}));
}

result<done> take_update(self_ptr self, const update_of_edge& in) {
  auto& state = self->state;
  if (!is_well_packed(state.machine().round().rules(), in.content.view()))
    return feed(self, round::spoiled{in.client, in.round, refusal::malformed});
  state.arrived[in.client] = in.content;
  auto fed = feed(self, round::arrived{in.client, in.round});
  if (!fed)
    state.arrived.erase(in.client);
  return fed;
}

void begin(self_ptr self, const std::shared_ptr<const server_roles>& roles) {
  auto& state = self->state;
  state.roles = roles;
  state.clock_at_start = clock_now(self);
  if (auto* open = state.machine().round().open_round()) {
    state.setup.log->info("round.resumed", {{"round", open->id}, {"reported", open->counted}});
    feed_later(self, round::restarted{});
  }
}

round_scheduler_actor::behavior_type round_scheduler(self_ptr self, scheduler_setup setup) {
  self->state.setup = std::move(setup);
  return {
      [self](const start_round& in) { return start(self, in); },
      [self](const answer_of_edge& in) {
        return answer(feed(self, round::answered{in.client, in.answer},
                           {in.client, in.mailbox, in.answer.letter}));
      },
      [self](const offer_of_edge& in) {
        return answer(feed(self, round::offered{in.client, in.offer},
                           {in.client, in.mailbox, in.offer.letter}));
      },
      [self](const update_of_edge& in) { return answer(take_update(self, in)); },
      [self](const spoiled_update& in) {
        self->state.setup.log->warn("update.refused",
                                    {{"round", in.round}, {"client", in.client}, {"why", in.why}});
        return answer(feed(self, round::spoiled{in.client, in.round, in.why}));
      },
      [self](const evaluation_of_edge& in) {
        return answer(feed(self, round::evaluated{in.client, in.report},
                           {in.client, in.mailbox, in.report.letter}));
      },
      [self](word_of_edge& in) {
        drop_unproven(self->state.setup, in.client, in.word);
        return answer(
            feed(self, round::spoke{in.client, in.word}, {in.client, in.mailbox, in.word.letter}));
      },
      [self](const edge_left& in) {
        self->state.machine().disconnected(in.client);
        feed_later(self, round::edge_lost{in.client});
      },
      [self](const edge_here& in) { return greet(self, in); },
      [self](const letters_of_server& in) -> caf::result<done> {
        auto next = self->state.machine().heard(in.client, in.number, now(self));
        if (!next)
          return as_error(next.why());
        perform_all(self, *next);
        return done{};
      },
      [self](const round_kept& in) { go_on(self, in); },
      [self](const std::shared_ptr<const server_roles>& roles) { begin(self, roles); },
      [self](const round_alarm& in) { feed_later(self, round::deadline_passed{in.round}); },
      [self](const upload_alarm& in) {
        feed_later(self, round::upload_due{in.round, in.client});
      },
      [self](const write_alarm&) {
        self->state.is_alarmed = false;
        write_all(self);
        if (self->state.machine().round().open_round())
          show(self, false);
      },
      [self](const time_alarm&) { mark_time(self); },
  };
}

} // namespace

round_scheduler_actor spawn_round_scheduler(caf::actor_system& system, scheduler_setup setup) {
  return system.spawn(round_scheduler, std::move(setup));
}

} // namespace godwit
