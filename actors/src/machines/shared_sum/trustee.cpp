#include <godwit/actors/machines/trustee.hpp>

#include <algorithm>
#include <utility>

#include <godwit/messages/limits.hpp>
#include <godwit/privacy/canonical.hpp>

namespace godwit::trustee {

namespace sums = shared_sum;

machine::machine(plan rules, secret key, std::vector<opened_list> opened_before)
    : plan_(std::move(rules)), key_(std::move(key)), public_key_(public_part(key_.reveal())) {
  for (auto& each : opened_before)
    kept_.insert_or_assign(each.job, each);
}

std::uint64_t machine::word_bytes_max(sum_step step) const {
  if (step == sum_step::terms)
    return limits::secure_terms_bytes_max;
  return now_ ? sums::word_bytes_max(now_->stated.terms, step, now_->number) : 0;
}

const opened_list* machine::kept_of(const std::string& job) const {
  const auto there = kept_.find(job);
  return there == kept_.end() ? nullptr : &there->second;
}

void machine::answer(sum_step step, unsigned to, bytes content, effects& out) const {
  out.emplace_back(say{{.round = now_->round,
                        .attempt = now_->attempt,
                        .step = step,
                        .server = to,
                        .content = shared_bytes(std::move(content))}});
}

void machine::give_up(sums::reason why, unsigned server, effects& out) {
  answer(sum_step::gave_up, 0, {static_cast<std::byte>(why), static_cast<std::byte>(server)}, out);
  out.emplace_back(ended{now_->round, why});
  now_.reset();
}

/// This trustee's number, if the statement is one that it has a part in: its own key, the server
/// that the link leads to, enough clients, and the other trustees shown to be who they are.
std::optional<unsigned> machine::number_in(const sums::shared_round& stated,
                                           const std::string& server) const {
  if (stated.servers.back().name != server || stated.terms.clients_min < plan_.clients_min)
    return {};
  std::optional<unsigned> number;
  for (unsigned s = 1; s < stated.servers.size(); ++s) {
    const auto& one = stated.servers[s - 1];
    if (one.name == plan_.self && one.key == public_key_)
      number = s;
    else if (!plan_.is_proven(one))
      return {};
  }
  return number;
}

void machine::begin(const std::string& server, const sum_word& in, const secret& fresh,
                    effects& out) {
  now_.emplace();
  now_->round = in.round;
  now_->attempt = in.attempt;
  auto stated = sums::decode_shared_round(in.content.view());
  const auto number = stated ? number_in(*stated, server) : std::nullopt;
  if (!number || stated->terms.round != in.round)
    return give_up(sums::reason::refused_terms, 0, out);
  const auto& terms = stated->terms;
  const auto hash = sums::hash_of(terms);
  const auto* kept = kept_of(terms.job);
  if (kept && (terms.round < kept->round || (terms.round == kept->round && hash != kept->terms)))
    return give_up(sums::reason::opened_before, 0, out);
  const auto list = kept && kept->terms == hash ? std::optional(kept->list) : std::nullopt;
  sums::coin toss;
  const auto random = fresh.reveal();
  std::copy_n(random.begin(), toss.drawn.size(), toss.drawn.begin());
  std::copy_n(random.begin() + toss.drawn.size(), now_->nonce.size(), now_->nonce.begin());
  now_->part.emplace(terms, *number, toss, list, sums::audience::last);
  now_->number = *number;
  now_->stated = std::move(*stated);
  answer(sum_step::ready, 0, bytes(now_->nonce.begin(), now_->nonce.end()), out);
}

/// Another trustee's nonce: with it, the two can speak.
void machine::meet(const sum_word& in) {
  const auto content = in.content.view();
  const bool is_other = in.server >= 1 && in.server < now_->stated.servers.size() &&
                        in.server != now_->number && !now_->talks.contains(in.server);
  if (!is_other || content.size() != sums::session_nonce_bytes)
    return;
  sums::session_nonce theirs{};
  std::ranges::copy(content, theirs.begin());
  const bool is_first = now_->number < in.server;
  now_->talks.emplace(in.server, sums::sealed_talk(now_->stated.terms, now_->number, in.server,
                                                   key_, now_->stated.servers[in.server - 1].key,
                                                   is_first ? now_->nonce : theirs,
                                                   is_first ? theirs : now_->nonce));
}

void machine::take_part(const sum_word& in, effects& out) {
  canonical::reader words(in.content.view());
  const client_id client{as_text(words.with_length(limits::name_length_max))};
  if (!words.is_good() || !is_valid_name(client.name))
    return give_up(sums::reason::malformed, 0, out);
  ++now_->part_count;
  const auto sealed = in.content.view().subspan(4 + client.name.size());
  auto opened = sums::open_part(now_->stated.terms, now_->number, key_, client, sealed);
  if (!opened)
    return out.push_back(passed_over{client, opened.why()});
  const auto head = opened->head.reveal();
  auto taken = now_->part->apply(
      sums::uploaded{client, bytes(head.begin(), head.end()), std::move(opened->lanes)});
  if (!taken)
    out.emplace_back(passed_over{client, taken.why()});
}

void machine::close_collection(const sum_word& in, effects& out) {
  canonical::reader words(in.content.view());
  if (words.u32() != now_->part_count || !words.is_whole())
    return give_up(sums::reason::malformed, 0, out);
  feed(sums::collection_over{}, out);
}

void machine::listen(const sum_word& in, effects& out) {
  const auto last = now_->stated.terms.server_count;
  if (in.server == last)
    return feed(sums::peer_said{last, in.content}, out);
  const auto talk = now_->talks.find(in.server);
  auto content = talk == now_->talks.end() ? std::nullopt : talk->second.open(in.content.view());
  if (!content) // the server has changed it, or it was never said
    return give_up(sums::reason::malformed, in.server, out);
  feed(sums::peer_said{in.server, shared_bytes(std::move(*content))}, out);
}

void machine::feed(const sums::input& in, effects& out) {
  auto made = now_->part->apply(in);
  if (!made)
    return; // it was said before
  const auto last = now_->stated.terms.server_count;
  for (const auto& each : *made) {
    if (const auto* word = std::get_if<sums::say>(&each)) {
      const auto content = word->content.view();
      if (word->to == last) {
        answer(sum_step::said, last, bytes(content.begin(), content.end()), out);
      } else if (const auto talk = now_->talks.find(word->to); talk != now_->talks.end()) {
        answer(sum_step::said, word->to, talk->second.seal(content), out);
      } else {
        return give_up(sums::reason::silent, word->to, out); // it was never introduced
      }
    } else if (const auto* list = std::get_if<sums::keep_list>(&each)) {
      const auto& terms = now_->stated.terms;
      opened_list kept{terms.job, terms.round, sums::hash_of(terms), list->list};
      kept_.insert_or_assign(terms.job, kept);
      out.emplace_back(keep{std::move(kept)});
    } else if (const auto* why = std::get_if<sums::abandoned>(&each)) {
      return give_up(why->why, why->server, out);
    }
  }
  if (now_->part->current() == sums::phase::over)
    out.emplace_back(ended{now_->round, {}});
}

machine::effects machine::hear(const std::string& server, const sum_word& in, const secret& fresh) {
  effects out;
  if (in.step == sum_step::terms) {
    begin(server, in, fresh, out);
    return out;
  }
  if (!now_ || !now_->part || in.round != now_->round || in.attempt != now_->attempt)
    return out;
  const bool collects = now_->part->current() == sums::phase::collecting;
  if (in.step == sum_step::over)
    now_.reset();
  else if (in.step == sum_step::ready)
    meet(in);
  else if (in.step == sum_step::part && collects)
    take_part(in, out);
  else if (in.step == sum_step::collected && collects)
    close_collection(in, out);
  else if (in.step == sum_step::said)
    listen(in, out);
  return out;
}

} // namespace godwit::trustee
