// What does the server that clients speak to say to its trustees, and when does it begin anew?
#include <godwit/actors/machines/sum_leader.hpp>

#include <algorithm>
#include <cstring>
#include <utility>

#include <godwit/messages/limits.hpp>
#include <godwit/privacy/canonical.hpp>

namespace godwit::shared_sum {
namespace {

/// Of what servers say to each other, sealed or not.
std::uint64_t said_bytes_max(const terms& t) {
  const std::uint64_t holding_bytes = 4 + limits::name_length_max + sizeof(sha256_digest);
  const auto content = std::max(vector_bytes(t) + sizeof(sha256_digest),
                                4 + std::uint64_t{t.clients_max} * holding_bytes);
  return 2 + sizeof(sha256_digest) + content + 1 + 16;
}

/// Fresh for each attempt: so many bytes that follow from the seed.
secret drawn(const secret& seed, std::string_view what, std::uint64_t attempt, std::size_t count) {
  const auto info = canonical::writer().raw(as_bytes(what)).u64(attempt).take();
  return hkdf_sha256(seed.reveal(), {}, info, count);
}

} // namespace

std::uint64_t word_bytes_max(const terms& t, sum_step step, unsigned to) {
  switch (step) {
  case sum_step::terms:
    return limits::secure_terms_bytes_max;
  case sum_step::ready:
    return session_nonce_bytes;
  case sum_step::part:
    return 4 + limits::name_length_max + part_bytes(t, to);
  case sum_step::said:
    return said_bytes_max(t);
  default:
    return 4;
  }
}

leader::leader(shared_round round, std::map<client_id, shared_bytes> bodies, secret seed)
    : round_(std::move(round)), encoded_(encode(round_)), bodies_(std::move(bodies)),
      seed_(std::move(seed)) {}

void leader::say(effects& out, unsigned to, sum_step step, unsigned about,
                 shared_bytes content) const {
  out.emplace_back(tell{to,
                        {.round = round_.terms.round,
                         .attempt = now_ ? now_->id : 0,
                         .step = step,
                         .server = about,
                         .content = std::move(content)}});
}

/// Everybody hears that it is over, however it ended.
void leader::end(effects& out, leader_effect with) {
  for (const auto server : there_)
    say(out, server, sum_step::over, 0, shared_bytes(bytes{std::byte{1}}));
  now_.reset();
  is_over_ = true;
  bodies_.clear();
  out.push_back(std::move(with));
}

leader::effects leader::arrive(unsigned server) {
  effects out;
  if (is_over_)
    return out;
  there_.insert(server);
  now_.reset();
  if (there_.size() == trustee_count())
    begin(out);
  return out;
}

void leader::leave(unsigned server) {
  there_.erase(server);
  now_.reset();
}

void leader::begin(effects& out) {
  now_.emplace();
  const auto id = drawn(seed_, "FLSS1/attempt", ++attempt_count_, sizeof now_->id);
  std::memcpy(&now_->id, id.reveal().data(), sizeof now_->id);
  const shared_bytes content(encoded_);
  for (const auto server : there_)
    say(out, server, sum_step::terms, server, content);
}

/// All are ready: each gets the others' nonces, and what the clients have sealed for it.
void leader::hand_out(effects& out) {
  const auto& t = round_.terms;
  for (const auto to : there_)
    for (const auto& [from, nonce] : now_->nonces)
      if (from != to)
        say(out, to, sum_step::ready, from, shared_bytes(bytes(nonce.begin(), nonce.end())));
  coin toss;
  const auto fresh = drawn(seed_, "FLSS1/toss", attempt_count_, toss.drawn.size());
  std::ranges::copy(fresh.reveal(), toss.drawn.begin());
  now_->part.emplace(t, t.server_count, toss, std::nullopt, audience::last);
  const auto count = canonical::writer().u32(static_cast<std::uint32_t>(bodies_.size())).take();
  for (const auto& [client, body] : bodies_) {
    auto parts = take_apart(t, body);
    if (!parts)
      continue;
    for (const auto to : there_)
      say(out, to, sum_step::part, 0,
          shared_bytes(canonical::writer()
                           .with_length(as_bytes(client.name))
                           .raw(parts->sealed[to - 1].view())
                           .take()));
    const auto head = parts->head.view();
    feed(out, uploaded{client, bytes(head.begin(), head.end()), parts->lanes});
  }
  for (const auto to : there_)
    say(out, to, sum_step::collected, 0, shared_bytes(count));
  feed(out, collection_over{});
}

void leader::feed(effects& out, const input& in) {
  auto made = now_->part->apply(in);
  if (!made)
    return; // it was said before, or the part is over
  for (auto& each : *made) {
    if (auto* word = std::get_if<shared_sum::say>(&each))
      say(out, word->to, sum_step::said, round_.terms.server_count, word->content);
    else if (auto* sum = std::get_if<opened>(&each))
      return end(out, std::move(*sum));
    else if (auto* why = std::get_if<abandoned>(&each))
      return end(out, *why);
  }
}

leader::effects leader::hear(unsigned from, const sum_word& in) {
  effects out;
  if (is_over_ || !now_ || in.round != round_.terms.round || in.attempt != now_->id)
    return out;
  const auto content = in.content.view();
  if (in.step == sum_step::ready && content.size() == session_nonce_bytes && !now_->part) {
    std::ranges::copy(content, now_->nonces[from].begin());
    if (now_->nonces.size() == trustee_count())
      hand_out(out);
  } else if (in.step == sum_step::gave_up) {
    canonical::reader words(content);
    const auto why = static_cast<reason>(words.u8());
    const unsigned about = words.u8();
    end(out, abandoned{why, about != 0 ? about : from});
  } else if (in.step == sum_step::said && now_->part) {
    if (in.server == round_.terms.server_count)
      feed(out, peer_said{from, in.content});
    else if (in.server != from && there_.contains(in.server))
      say(out, in.server, sum_step::said, from, in.content);
  }
  return out;
}

leader::effects leader::give_up() {
  effects out;
  if (is_over_)
    return out;
  unsigned missing = 0;
  for (unsigned server = 1; server <= trustee_count() && missing == 0; ++server)
    if (!there_.contains(server))
      missing = server;
  if (now_ && now_->part)
    feed(out, deadline_passed{});
  if (!is_over_)
    end(out, abandoned{reason::silent, missing});
  return out;
}

} // namespace godwit::shared_sum
