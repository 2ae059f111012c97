// What does a server of a shared sum do with each input, and when does it go on?
#include <godwit/actors/machines/shared_sum.hpp>

#include <iterator>
#include <utility>

#include <godwit/messages/check.hpp>

namespace godwit::shared_sum {

std::string_view sentence(reason why) noexcept {
  switch (why) {
  case reason::too_few:
    return "fewer clients than the terms ask for are held by all servers";
  case reason::malformed:
    return "a server said what no server says under these terms";
  case reason::lists_differ:
    return "a server counts other clients";
  case reason::wrong_coin:
    return "a server showed another coin than it had committed itself to";
  case reason::wrong_count:
    return "a server compared or excluded clients that are not on the list";
  case reason::openings_differ:
    return "two servers state different sums of one share";
  case reason::silent:
    return "a server said nothing until the deadline";
  case reason::opened_before:
    return "another list's sum was opened under these terms, or behind them";
  case reason::refused_terms:
    return "a server takes no part in a sum under these terms";
  }
  return "unknown";
}

std::string_view name(reason why) noexcept {
  constexpr std::string_view names[] = {"too_few",    "malformed",     "lists_differ",
                                        "wrong_coin", "wrong_count",   "openings_differ",
                                        "silent",     "opened_before", "refused_terms"};
  const auto index = static_cast<std::size_t>(why) - 1;
  return index < std::size(names) ? names[index] : "unknown_reason";
}

machine::machine(terms agreed, unsigned server, coin drawn, std::optional<sha256_digest> kept,
                 audience opens_to)
    : terms_(std::move(agreed)), server_(server), coin_(drawn), kept_(kept), opens_to_(opens_to) {
  GODWIT_CHECK(check(terms_), "a shared sum under terms that nobody checked");
  GODWIT_CHECK(server_ >= 1 && server_ <= terms_.server_count, "there is no such server");
}

result<std::vector<effect>> machine::apply(const input& in) {
  return std::visit([this](const auto& x) { return on(x); }, in);
}

result<machine::effects> machine::on(const uploaded& in) {
  if (phase_ != phase::collecting)
    return refusal::wrong_phase;
  if (uploads_.contains(in.client))
    return refusal::duplicate;
  if (uploads_.size() == terms_.clients_max)
    return refusal::full;
  auto read = read_upload(terms_, server_, in.head, in.lanes);
  if (!read)
    return read.why();
  uploads_.emplace(in.client, std::move(*read));
  return effects{};
}

result<machine::effects> machine::on(const collection_over&) {
  if (phase_ != phase::collecting)
    return refusal::wrong_phase;
  effects out;
  holdings own;
  for (const auto& [client, held] : uploads_)
    own.held.push_back({client, held.id});
  say_to_all(out, own);
  list_ = std::move(own.held);
  phase_ = phase::listing;
  advance(out);
  return out;
}

result<machine::effects> machine::on(const peer_said& in) {
  if (phase_ == phase::over)
    return refusal::wrong_phase;
  if (in.from < 1 || in.from > terms_.server_count || in.from == server_)
    return refusal::identity_mismatch;
  effects out;
  auto said = decode(terms_, in.from, in.content.view());
  if (!said) {
    give_up(out, reason::malformed, in.from);
    return out;
  }
  auto& place = heard_[in.from - 1][said->index()];
  if (place)
    return refusal::duplicate;
  place = std::move(*said);
  advance(out);
  return out;
}

result<machine::effects> machine::on(const deadline_passed&) {
  if (phase_ == phase::over || phase_ == phase::collecting)
    return refusal::wrong_phase;
  effects out;
  give_up(out, reason::silent, silent_peer().value_or(0));
  return out;
}

/// Goes on as far as what was heard allows: others may be ahead.
void machine::advance(effects& out) {
  while (phase_ != phase::collecting && phase_ != phase::over && !silent_peer())
    step(out);
}

std::optional<unsigned> machine::silent_peer() const {
  const auto awaited = static_cast<std::size_t>(phase_) - static_cast<std::size_t>(phase::listing);
  for (const auto peer : peers())
    if (!heard_[peer - 1][awaited])
      return peer;
  return {};
}

void machine::step(effects& out) {
  switch (phase_) {
  case phase::listing:
    return list(out);
  case phase::agreeing:
    return agree(out);
  case phase::drawing:
    return compare(out);
  case phase::comparing:
    return judge(out);
  case phase::judging:
    return confirm(out);
  case phase::confirming:
    return open_if_confirmed(out);
  default:
    return finish(out);
  }
}

void machine::say_to_all(effects& out, const message& said) const {
  const shared_bytes content(encode(terms_, server_, said));
  for (const auto peer : peers())
    out.emplace_back(say{peer, content});
}

void machine::give_up(effects& out, reason why, unsigned server) {
  out.emplace_back(abandoned{why, server});
  phase_ = phase::over;
  uploads_.clear();
}

std::vector<unsigned> machine::peers() const {
  std::vector<unsigned> out;
  for (unsigned server = 1; server <= terms_.server_count; ++server)
    if (server != server_)
      out.push_back(server);
  return out;
}

} // namespace godwit::shared_sum
