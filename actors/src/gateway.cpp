// What may be said over a link, and by whom? (length: the whole trust boundary is to be read in one
// place)
#include <godwit/actors/gateway.hpp>

#include <deque>
#include <map>

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <godwit/actors/machines/secure_calls.hpp>
#include <godwit/actors/machines/sum_words.hpp>
#include <godwit/actors/machines/transfer.hpp>

namespace godwit {
namespace {

/// A model on its way to an edge.
struct sending {
  sha256_digest model{};
  transfer::emission rest;
};

/// An update on its way from an edge.
struct receiving {
  round_id round;
  transfer::reception rest;
};

/// One link, from the handshake to its end.
struct peer_state {
  link_opened who;
  client_id client;       ///< its name, once it is enrolled
  mailbox_id mailbox = 0; ///< of its letters
  bool is_enrolled = false;
  bool is_greeting = false; ///< its hello is being looked at
  std::string token;        ///< the last one that was verified
  std::chrono::seconds token_ends{};
  std::deque<sending> models;
  bool is_sending = false; ///< a burst is on its way out; `link_drained` ends it
  std::optional<receiving> update;
  round_id granted;            ///< the newest round that it was told to send its update for
  sum_words::speaker words;    ///< to a trustee
  secure_calls::speaker calls; ///< to an edge
};

struct gateway_state {
  gateway_setup setup;
  std::shared_ptr<const server_roles> roles;
  std::map<std::uint64_t, peer_state> peers;
  std::map<client_id, std::uint64_t> links;      ///< of the enrolled ones
  std::map<std::string, std::uint64_t> trustees; ///< their links, once they are welcomed
  std::map<client_id, int>
      greetings; ///< hellos that the coordinator is looking at, by certificate name
  std::deque<serve_model> served; ///< the newest first
  traffic total;
  block_pool updates{transfer::upload_bytes_max}; ///< for what is being received
};
using self_ptr = gateway_actor::stateful_pointer<gateway_state>;

constexpr std::size_t served_count_max = 2;
/// Chunks that are handed to the link at once; `link_drained` asks for more.
constexpr int burst_count = 4;
/// Model requests that one edge may have open.
constexpr std::size_t sending_count_max = 16;

void say(self_ptr self, std::uint64_t link, const server_message& message, shared_bytes body = {}) {
  self->state.setup.links->send(link, encode(message), std::move(body));
}

void refuse(self_ptr self, std::uint64_t link, refusal why, std::uint64_t round = 0,
            bool closes = false) {
  auto& state = self->state;
  ++state.total.refused_count;
  auto peer = state.peers.find(link);
  state.setup.log->warn(
      "message.refused",
      {{"peer", peer == state.peers.end() ? "" : peer->second.who.certificate_name},
       {"why", why},
       {"round", round}});
  say(self, link,
      refused{.round = round,
              .why = why,
              .closes = static_cast<std::uint8_t>(closes),
              .detail = std::string(sentence(why))});
  if (closes)
    state.setup.links->close(link, std::string(name(why)));
}

/// Sends the next pieces of what is said in pieces.
template <class Speaker>
void speak(self_ptr self, std::uint64_t link, peer_state& peer, Speaker& words) {
  for (int i = 0; i < burst_count; ++i) {
    auto next = words.next();
    if (!next)
      return;
    say(self, link, next->piece, std::move(next->body));
    peer.is_sending = true;
  }
}

/// Sends the next chunks of the models that were asked for, one burst at a time: what a peer does
/// not read must not pile up here.
void pump(self_ptr self, std::uint64_t link, peer_state& peer) {
  if (peer.is_sending)
    return;
  for (int i = 0; i < burst_count && !peer.models.empty();) {
    auto& first = peer.models.front();
    auto chunk = first.rest.next();
    if (!chunk) {
      peer.models.pop_front();
      continue;
    }
    self->state.total.bytes_down += chunk->body.size();
    say(self, link, model_chunk{first.model, chunk->offset}, std::move(chunk->body));
    peer.is_sending = true;
    ++i;
  }
  speak(self, link, peer, peer.words);
  speak(self, link, peer, peer.calls);
}

/// Passes a word on to a role and sends its refusal, if there is one, back to the edge.
template <class Role, class Message>
void pass_on(self_ptr self, std::uint64_t link, std::uint64_t round, const Role& role,
             Message message) {
  self->request(role, caf::infinite, std::move(message))
      .then([](done) {},
            [self, link, round](const caf::error& why) {
              refuse(self, link, refusal_in(why), round);
            });
}

void end_greeting(self_ptr self, const client_id& client) {
  auto& greetings = self->state.greetings;
  if (auto here = greetings.find(client); here != greetings.end() && --here->second == 0)
    greetings.erase(here);
}

/// Enrolled, and its letters are known: from here on it is there.
void welcome_in(self_ptr self, std::uint64_t link, peer_state& peer, welcome answer,
                const letters_state& letters) {
  answer.mailbox = letters.mailbox;
  answer.heard = letters.heard;
  peer.is_greeting = false;
  peer.is_enrolled = true;
  say(self, link, answer);
}

/// A link of this edge is gone. It has left, unless it is there by another one or about to be.
void part(self_ptr self, const client_id& client) {
  auto& state = self->state;
  if (!state.links.contains(client) && !state.greetings.contains(client))
    self->send(state.roles->coordinator, edge_left{client});
}

// -- what an edge may say; `body` is the frame's body

void hear(self_ptr self, std::uint64_t link, peer_state& peer, const hello& in,
          const shared_bytes&) {
  if (peer.is_enrolled || peer.is_greeting)
    return refuse(self, link, refusal::duplicate);
  peer.is_greeting = true;
  peer.mailbox = in.mailbox;
  const client_id holder{peer.who.certificate_name};
  ++self->state.greetings[holder];
  self->request(self->state.roles->coordinator, caf::infinite,
                edge_joined{in, peer.who.certificate_name, peer.who.fingerprint})
      .then(
          [self, link, client = holder,
           letters =
               edge_here{holder, in.mailbox, in.server_mailbox, in.heard}](const welcome& answer) {
            auto& state = self->state;
            end_greeting(self, client);
            auto there = state.peers.find(link);
            if (there == state.peers.end()) // gone before it was enrolled
              return part(self, client);
            if (auto old = state.links.find(client);
                old != state.links.end() && old->second != link) {
              const auto old_link = old->second;
              state.links.erase(old);
              state.peers.erase(old_link);
              state.setup.links->close(old_link, "the same edge has connected again");
              self->send(state.roles->scheduler, edge_left{client});
            }
            there->second.client = client;
            state.links[client] = link;
            self->request(state.roles->scheduler, caf::infinite, letters)
                .then(
                    [self, link, answer](const letters_state& known) {
                      auto here = self->state.peers.find(link);
                      if (here != self->state.peers.end())
                        welcome_in(self, link, here->second, answer, known);
                    },
                    expect_no_refusal);
          },
          [self, link, client = holder](const caf::error& why) {
            end_greeting(self, client);
            part(self, client);
            refuse(self, link, refusal_in(why), 0, true);
          });
}
void hear(self_ptr self, std::uint64_t link, peer_state& peer, const token_renewal&,
          const shared_bytes&) {
  self->request(self->state.roles->coordinator, caf::infinite,
                renew_token{peer.client, peer.who.fingerprint})
      .then([self, link](const token_grant& grant) { say(self, link, grant); }, expect_no_refusal);
}
void hear(self_ptr self, std::uint64_t, peer_state& peer, const edge_status& in,
          const shared_bytes&) {
  self->send(self->state.roles->coordinator, status_of_edge{peer.client, in});
}
void hear(self_ptr self, std::uint64_t link, peer_state& peer, const invitation_answer& in,
          const shared_bytes&) {
  pass_on(self, link, in.round.value, self->state.roles->scheduler,
          answer_of_edge{peer.client, in, peer.mailbox});
}
void hear(self_ptr self, std::uint64_t link, peer_state& peer, const update_offer& in,
          const shared_bytes&) {
  pass_on(self, link, in.round.value, self->state.roles->scheduler,
          offer_of_edge{peer.client, in, peer.mailbox});
}
void hear(self_ptr self, std::uint64_t link, peer_state& peer, const evaluation_report& in,
          const shared_bytes&) {
  pass_on(self, link, in.round.value, self->state.roles->scheduler,
          evaluation_of_edge{peer.client, in, peer.mailbox});
}
void hear(self_ptr self, std::uint64_t link, peer_state& peer, const secure_word& in,
          const shared_bytes&) {
  pass_on(self, link, in.round.value, self->state.roles->scheduler,
          word_of_edge{peer.client, in, peer.mailbox});
}
void hear(self_ptr self, std::uint64_t link, peer_state& peer, const model_request& in,
          const shared_bytes&) {
  for (const auto& model : self->state.served)
    if (model.id == in.model) {
      if (peer.models.size() >= sending_count_max)
        return refuse(self, link, refusal::full);
      const auto end = in.offset + std::uint64_t{in.chunk_count} * limits::chunk_bytes;
      peer.models.push_back({in.model.sha256, transfer::emission(model.content, in.offset, end)});
      return pump(self, link, peer);
    }
  refuse(self, link, refusal::unknown_model);
}
void hear(self_ptr self, std::uint64_t link, peer_state& peer, const update_chunk& in,
          const shared_bytes& body) {
  if (in.round > peer.granted)
    return refuse(self, link, refusal::not_invited, in.round.value);
  if (!peer.update || peer.update->round != in.round)
    return; // sent before our word reached it that nobody is waiting for it
  self->state.total.bytes_up += body.size();
  auto& scheduler = self->state.roles->scheduler;
  const auto received = peer.update->rest.received();
  if (auto taken = peer.update->rest.take(in.offset, body.view()); !taken) {
    // Of an upload that had to give way there may be chunks behind the new grant; but a hole in the
    // new one is a fault.
    const bool may_be_older = !body.empty() && (received == 0 || in.offset < received);
    if (taken.why() == refusal::wrong_phase && may_be_older)
      return;
    peer.update.reset();
    return pass_on(self, link, in.round.value, scheduler,
                   spoiled_update{peer.client, in.round, taken.why()});
  }
  if (!peer.update->rest.is_complete())
    return;
  auto content = peer.update->rest.finish();
  peer.update.reset();
  pass_on(self, link, in.round.value, scheduler,
          update_of_edge{peer.client, in.round, std::move(content)});
}

void hear(self_ptr self, std::uint64_t link, peer_state& peer, const letters_heard& in,
          const shared_bytes&) {
  pass_on(self, link, 0, self->state.roles->scheduler, letters_of_server{peer.client, in.number});
}

/// Whether the token in an envelope is this link's, and still good.
result<done> check_token(self_ptr self, peer_state& peer, const std::string& token) {
  auto& tokens = *self->state.setup.tokens;
  if (!token.empty() && token == peer.token && tokens.now() < peer.token_ends)
    return done{};
  auto verified = tokens.verify(token, peer.client, peer.who.fingerprint);
  if (!verified)
    return verified.why();
  peer.token = token;
  peer.token_ends = *verified;
  return done{};
}

template <class Variant>
bool is_kind_of(std::uint16_t kind, std::uint16_t kind_first) {
  return kind >= kind_first && kind < kind_first + std::variant_size_v<Variant>;
}

/// Why a frame is refused that is no word of its sender's: another role's, or nobody's.
refusal why_not_taken(std::uint16_t kind, refusal otherwise, bool is_other_roles) {
  return is_other_roles || is_kind_of<server_message>(kind, server_kind_first) ? refusal::wrong_role
                                                                               : otherwise;
}

void hear_edge(self_ptr self, std::uint64_t link, peer_state& peer, link_frame& frame) {
  auto envelope = decode_edge_envelope(frame.kind, frame.head);
  if (!envelope)
    return refuse(self, link,
                  why_not_taken(frame.kind, envelope.why(),
                                is_kind_of<person_message>(frame.kind, person_kind_first)),
                  0, true);
  const bool is_hello = std::holds_alternative<hello>(envelope->message);
  if (!is_hello) {
    if (!peer.is_enrolled)
      return refuse(self, link, refusal::not_enrolled, 0, true);
    if (auto good = check_token(self, peer, envelope->token); !good)
      return refuse(self, link, good.why());
  }
  std::visit([&](const auto& x) { hear(self, link, peer, x, frame.body); }, envelope->message);
}

void hear_person(self_ptr self, std::uint64_t link, link_frame& frame) {
  if (auto message = decode_person_message(frame.kind, frame.head); !message)
    return refuse(self, link,
                  why_not_taken(frame.kind, message.why(),
                                is_kind_of<edge_message>(frame.kind, edge_kind_first)),
                  0, true);
  self->request(self->state.roles->coordinator, caf::infinite, status_query{})
      .then([self, link](const status_reply& reply) { say(self, link, reply); }, expect_no_refusal);
}

// -- what a trustee may say

void welcome_trustee(self_ptr self, std::uint64_t link, peer_state& peer, const trustee_hello& in) {
  auto& state = self->state;
  if (peer.is_enrolled)
    return refuse(self, link, refusal::duplicate);
  if (in.protocol != protocol_number)
    return refuse(self, link, refusal::protocol_mismatch, 0, true);
  const auto& name = peer.who.certificate_name;
  if (in.trustee.name != name)
    return refuse(self, link, refusal::identity_mismatch, 0, true);
  if (const auto old = state.trustees.find(name); old != state.trustees.end()) {
    state.setup.links->close(old->second, "the same trustee has connected again");
    state.peers.erase(old->second);
  }
  state.trustees[name] = link;
  peer.client = in.trustee;
  peer.is_enrolled = true;
  auto& tokens = *state.setup.tokens;
  say(self, link,
      welcome{.server = {},
              .job = {},
              .token = tokens.issue(in.trustee, peer.who.fingerprint),
              .token_seconds = static_cast<std::uint32_t>(tokens.lifetime().count())});
  state.setup.log->info("trustee.welcomed", {{"trustee", name}});
  const trustee_here here{name, in.sealing_key, in.evidence};
  self->send(state.roles->sum_leader, here);
  self->send(state.roles->coordinator, here);
}

void hear_trustee(self_ptr self, std::uint64_t link, peer_state& peer, link_frame& frame) {
  auto envelope = decode_trustee_envelope(frame.kind, frame.head);
  if (!envelope)
    return refuse(self, link,
                  why_not_taken(frame.kind, envelope.why(),
                                is_kind_of<edge_message>(frame.kind, edge_kind_first) ||
                                    is_kind_of<person_message>(frame.kind, person_kind_first)),
                  0, true);
  if (const auto* greeting = std::get_if<trustee_hello>(&envelope->message))
    return welcome_trustee(self, link, peer, *greeting);
  if (!peer.is_enrolled)
    return refuse(self, link, refusal::not_enrolled, 0, true);
  if (auto good = check_token(self, peer, envelope->token); !good)
    return refuse(self, link, good.why());
  auto& state = self->state;
  if (const auto* piece = std::get_if<sum_piece>(&envelope->message))
    self->send(state.roles->sum_leader,
               piece_of_trustee{peer.client.name, *piece, std::move(frame.body)});
  else
    say(self, link,
        token_grant{state.setup.tokens->issue(peer.client, peer.who.fingerprint),
                    static_cast<std::uint32_t>(state.setup.tokens->lifetime().count())});
}

/// A word for a trustee, if it is there; else the sum leader hears that it is not.
void tell_trustee(self_ptr self, to_trustee& in) {
  auto& state = self->state;
  const auto there = state.trustees.find(in.name);
  if (there == state.trustees.end())
    return;
  auto& peer = state.peers[there->second];
  peer.words.say(std::move(in.word));
  pump(self, there->second, peer);
}

void part_trustee(self_ptr self, const std::string& name, std::uint64_t link) {
  auto& state = self->state;
  const auto there = state.trustees.find(name);
  if (there == state.trustees.end() || there->second != link)
    return;
  state.trustees.erase(there);
  state.setup.log->warn("trustee.left", {{"trustee", name}});
  self->send(state.roles->sum_leader, trustee_left{name});
  self->send(state.roles->coordinator, trustee_left{name});
}

bool may_open_link(const gateway_state& state, const link_opened& in) {
  return in.who == role::edge || in.who == role::person ||
         (in.who == role::trustee && state.setup.trustees.contains(in.certificate_name));
}

void open_link(self_ptr self, const link_opened& in) {
  auto& state = self->state;
  if (!may_open_link(state, in)) {
    state.peers[in.link].who = in;
    return refuse(self, in.link, refusal::wrong_role, 0, true);
  }
  state.peers[in.link].who = in;
  state.setup.log->debug("link.opened", {{"peer", in.certificate_name}, {"address", in.address}});
}

void close_link(self_ptr self, const link_closed& in) {
  auto& state = self->state;
  auto peer = state.peers.find(in.link);
  if (peer == state.peers.end())
    return;
  if (in.breaks_rules)
    ++state.total.refused_count;
  state.setup.log->event(in.breaks_rules ? log_level::warn : log_level::info, "link.closed",
                         {{"peer", peer->second.who.certificate_name}, {"reason", in.reason}});
  const auto client = peer->second.client;
  if (peer->second.who.who == role::trustee)
    part_trustee(self, client.name, in.link);
  else if (const auto own = state.links.find(client);
           own != state.links.end() && own->second == in.link) {
    state.links.erase(own);
    if (state.greetings.contains(client)) // it is coming back already: only the round has lost it
      self->send(state.roles->scheduler, edge_left{client});
    part(self, client);
  }
  state.peers.erase(peer);
}

void serve(self_ptr self, const serve_model& in) {
  auto& served = self->state.served;
  served.push_front(in);
  if (served.size() > served_count_max)
    served.pop_back();
}

/// The link of an edge that was welcomed; 0: it is not there. What it misses is said again when it
/// is.
std::uint64_t link_of(gateway_state& state, const client_id& client) {
  const auto link = state.links.find(client);
  return link != state.links.end() && state.peers[link->second].is_enrolled ? link->second : 0;
}

void receive(self_ptr self, const receive_update& in) {
  auto& state = self->state;
  const auto link = link_of(state, in.client);
  if (link == 0)
    return; // its loss is on its way to the scheduler
  auto& peer = state.peers[link];
  peer.update = receiving{in.round, transfer::reception(in.update, state.updates)};
  peer.granted = in.round;
  say(self, link, update_grant{in.round});
}

/// A role's word for an edge, if it is there.
void tell(self_ptr self, to_edge& in) {
  auto& state = self->state;
  if (std::holds_alternative<refused>(in.message))
    ++state.total.refused_count;
  if (const auto link = link_of(state, in.client); link != 0)
    say(self, link, in.message);
}

void tell(self_ptr self, call_edge& in) {
  const auto link = link_of(self->state, in.client);
  if (link == 0)
    return; // it is called again when it is back
  auto& peer = self->state.peers[link];
  peer.calls.say(std::move(in.call));
  pump(self, link, peer);
}

void drop(self_ptr self, const drop_update& in) {
  auto& state = self->state;
  const auto link = link_of(state, in.client);
  if (link == 0)
    return;
  auto& update = state.peers[link].update;
  if (update && update->round == in.round)
    update.reset();
}

gateway_actor::behavior_type gateway(self_ptr self, gateway_setup setup) {
  self->state.setup = std::move(setup);
  return {
      [self](const link_opened& in) { open_link(self, in); },
      [self](link_frame& in) {
        auto peer = self->state.peers.find(in.link);
        if (peer == self->state.peers.end())
          return;
        if (peer->second.who.who == role::person)
          hear_person(self, in.link, in);
        else if (peer->second.who.who == role::edge)
          hear_edge(self, in.link, peer->second, in);
        else if (peer->second.who.who == role::trustee)
          hear_trustee(self, in.link, peer->second, in);
      },
      [self](const link_drained& in) {
        if (auto peer = self->state.peers.find(in.link); peer != self->state.peers.end()) {
          peer->second.is_sending = false;
          pump(self, in.link, peer->second);
        }
      },
      [self](const link_closed& in) { close_link(self, in); },
      [self](const link_rejected& in) {
        ++self->state.total.refused_count;
        self->state.setup.log->warn("link.rejected",
                                    {{"address", in.address}, {"reason", in.reason}});
      },
      [self](to_edge& in) { tell(self, in); },
      [self](call_edge& in) { tell(self, in); },
      [self](const serve_model& in) { serve(self, in); },
      [self](const receive_update& in) { receive(self, in); },
      [self](const drop_update& in) { drop(self, in); },
      [self](to_trustee& in) { tell_trustee(self, in); },
      [self](const traffic_query&) { return self->state.total; },
      [self](const std::shared_ptr<const server_roles>& roles) { self->state.roles = roles; },
  };
}

} // namespace

gateway_actor spawn_gateway(caf::actor_system& system, gateway_setup setup) {
  return system.spawn(gateway, std::move(setup));
}

} // namespace godwit
