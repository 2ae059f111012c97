// Where does a model come from: memory, the shelf, or the server?
#include <utility>

#include "state.hpp"

namespace godwit::uplinks {

namespace {

void ask_for_more(self_ptr self) {
  auto& coming = self->state.coming;
  if (coming && self->state.is_enrolled)
    if (auto request = coming->next_request())
      say(self, *request);
}

void give_model(self_ptr self, model_fetched found) {
  auto& state = self->state;
  state.cached = std::move(found);
  state.coming.reset();
  state.wanted.reset();
  self->send(state.roles->trainer, state.cached);
}

/// From the server; once there is a connection.
void fetch_from_server(self_ptr self, const model_id& what) {
  auto& state = self->state;
  if (!state.coming || !(state.coming->what() == what))
    state.coming.emplace(what, state.models);
  else
    state.coming->restart_credit();
  ask_for_more(self);
}

} // namespace

void fail_fetch(self_ptr self) {
  auto& state = self->state;
  if (!state.coming)
    return;
  const auto what = state.coming->what();
  state.coming.reset();
  state.wanted.reset();
  self->send(state.roles->trainer, model_not_fetched{what});
}

void fetch(self_ptr self, const fetch_model& in) {
  auto& state = self->state;
  if (state.cached.model == in.model && !state.cached.content.empty())
    return give_model(self, state.cached);
  // What was promised at enrolment is the bound: a server cannot make an edge take more memory than
  // its model needs.
  if (in.model.byte_count != state.setup.greeting.parameter_count * sizeof(float)) {
    self->send(state.roles->trainer, model_not_fetched{in.model});
    return;
  }
  state.wanted = in.model;
  const bool is_coming = state.coming && state.coming->what() == in.model;
  if (is_coming || !state.roles->shelf)
    return fetch_from_server(self, in.model);
  const auto is_wanted = [self, what = in.model] { return self->state.wanted == what; };
  self->request(state.roles->shelf, caf::infinite, in)
      .then(
          [self, is_wanted](model_fetched& found) {
            if (is_wanted())
              give_model(self, std::move(found));
          },
          [self, is_wanted, what = in.model](const caf::error&) {
            if (is_wanted())
              fetch_from_server(self, what);
          });
}

void forget(self_ptr self, const forget_model& in) {
  auto& state = self->state;
  if (state.wanted == in.model)
    state.wanted.reset();
  if (state.coming && state.coming->what() == in.model)
    state.coming.reset();
}

void take_chunk(self_ptr self, const model_chunk& in, const shared_bytes& body) {
  auto& state = self->state;
  if (!state.coming || state.coming->what().sha256 != in.model)
    return;
  if (auto taken = state.coming->take(in.offset, body.view()); !taken) {
    if (taken.why() == refusal::wrong_phase)
      return; // asked for again after a lost connection, and come twice
    state.setup.log->warn("model.refused", {{"why", taken.why()}});
    return fail_fetch(self);
  }
  if (!state.coming->is_complete())
    return ask_for_more(self);
  const auto what = state.coming->what();
  give_model(self, {what, state.coming->finish()});
  if (state.roles->shelf)
    self->send(state.roles->shelf, state.cached);
}

} // namespace godwit::uplinks
