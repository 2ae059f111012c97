#include <godwit/actors/machines/durable_round.hpp>

#include <string>
#include <type_traits>

#include <godwit/messages/check.hpp>

#include "round_lines.hpp"

namespace godwit::durable {
namespace {

/// Verdicts and endings: a few for each round that an edge took part in. One that stays away for
/// longer learns from its next hello that the rounds are over.
constexpr mailbox::plan letters_to_an_edge{.bytes_max = 64 * 1024, .count_max = 32};

template <class... Each>
struct overloaded : Each... {
  using Each::operator()...;
};
template <class... Each>
overloaded(Each...) -> overloaded<Each...>;

mailbox::outgoing_past past_of(const client_mail& in) {
  mailbox::outgoing_past past{.letters = {}, .newest = in.newest, .acknowledged = 0};
  for (const auto& x : in.kept) {
    const auto head = as_bytes(x.head);
    past.letters.push_back({.number = x.number,
                            .kind = x.kind,
                            .content = bytes(head.begin(), head.end()),
                            .put_at = {}});
  }
  return past;
}

} // namespace

machine::machine(round::plan rules, past before)
    : round_(rules, before.last), mailbox_(before.mailbox) {
  GODWIT_CHECK(mailbox_ != 0, "a server's mailbox has no number");
  for (const auto& x : before.mail)
    mail_.emplace(x.client, correspondence{mailbox::incoming(x.edge_mailbox, x.taken),
                                           mailbox::outgoing(letters_to_an_edge, past_of(x))});
}

machine::correspondence& machine::with(const client_id& client) {
  if (auto there = mail_.find(client); there != mail_.end())
    return there->second;
  return mail_.emplace(client, correspondence{{}, mailbox::outgoing(letters_to_an_edge)})
      .first->second;
}

void machine::post(const client_id& client, const server_message& message, instant now,
                   owed& later) {
  auto made = encode(message);
  const auto posted = with(client).to.put(made.kind, std::move(made.head), now);
  later.letters.emplace_back(client, posted.number);
}

/// Which effect waits, and which does not: what makes an edge forget something has to be durable.
void machine::sort(std::vector<round::effect> effects, bool is_verdict, instant now, outcome& out) {
  for (auto& each : effects)
    std::visit(overloaded{
                   [&](round::acknowledge& x) {
                     post(x.client, receipt{.round = x.round}, now, out.later);
                   },
                   [&](round::refuse& x) {
                     post(x.client,
                          refused{.round = x.round.value,
                                  .why = x.why,
                                  .closes = 0,
                                  .detail = std::string(sentence(x.why))},
                          now, out.later);
                   },
                   [&](round::tell& x) { post(x.client, std::move(x.closed), now, out.later); },
                   [&](round::invite& x) { out.later.effects.emplace_back(std::move(x)); },
                   [&](round::ask_to_evaluate& x) { // behind the receipts
                     out.later.effects.emplace_back(std::move(x));
                   },
                   [&](round::call& x) { out.later.effects.emplace_back(std::move(x)); },
                   [&](round::grant& x) {
                     (is_verdict ? out.later.effects : out.at_once).emplace_back(std::move(x));
                   },
                   [&](round::watch& x) {
                     (is_verdict ? out.later.effects : out.at_once).emplace_back(std::move(x));
                   },
                   [&](round::finish& x) {
                     out.ends_round = true;
                     out.at_once.emplace_back(std::move(x));
                   },
                   [&](auto& x) { out.at_once.emplace_back(std::move(x)); },
               },
               each);
}

/// Whether the letter is to have its effect now.
result<bool> machine::is_new(const origin& from, outcome& out) {
  if (from.letter.number == 0)
    return true;
  auto& mail = with(from.client);
  const auto judged = mail.from.take(from.mailbox, from.letter);
  if (!judged)
    return judged.why();
  if (*judged == mailbox::verdict::fresh || *judged == mailbox::verdict::anew)
    return true;
  const auto known = mail.from.acknowledgement(from.mailbox);
  if (*judged == mailbox::verdict::known && known >= from.letter.number)
    out.at_once.emplace_back(say{from.client, letters_taken{known}});
  return false;
}

outcome machine::refuse_letter(const origin& from, round_id round, refusal why, instant now) {
  outcome out;
  out.why_not = why;
  out.line = server_line{.at = now,
                         .client = from.client,
                         .mailbox = from.mailbox,
                         .what = written::letter_refused{from.letter, why, round.value}};
  out.later.acknowledges = from;
  if (why != refusal::duplicate) // the first one stands, and with it what the edge is doing
    post(from.client,
         refused{
             .round = round.value, .why = why, .closes = 0, .detail = std::string(sentence(why))},
         now, out.later);
  return out;
}

result<outcome> machine::apply(const round::input& in, const origin& from, instant now,
                               std::uint64_t weight) {
  outcome out;
  const auto fresh = is_new(from, out);
  if (!fresh)
    return fresh.why();
  if (!*fresh)
    return out;
  auto effects = round_.apply(in, now);
  if (!effects) {
    if (from.letter.number == 0)
      return effects.why();
    return refuse_letter(from, round_of(in), effects.why(), now);
  }
  const auto* verdict = std::get_if<round::summed>(&in);
  if (verdict && !verdict->why_not)
    out.counted = verdict->client;
  if (from.letter.number != 0)
    out.later.acknowledges = from;
  if (std::holds_alternative<round::edge_back>(in))
    for (auto& each : *effects)
      if (auto* again = std::get_if<round::invite>(&each))
        out.at_once.emplace_back(std::move(*again));
      else if (auto* request = std::get_if<round::ask_to_evaluate>(&each))
        out.at_once.emplace_back(std::move(*request));
      else
        sort({std::move(each)}, false, now, out);
  else
    sort(std::move(*effects), verdict != nullptr, now, out);
  if (!out.ends_round)
    out.line = line_of(in, from, model_, weight, now);
  return out;
}

std::vector<effect> machine::departing(const client_id& client,
                                       std::vector<mailbox::departure> letters) const {
  std::vector<effect> out;
  for (auto& each : letters) {
    auto message = decode_server_message(each.kind, each.content);
    GODWIT_CHECK(message.has_value(), "a letter of our own cannot be read");
    mailbox::put_stamp(*message, each.place);
    out.emplace_back(say{client, std::move(*message)});
  }
  return out;
}

std::vector<effect> machine::kept(std::span<const owed> all, instant now) {
  std::vector<effect> out;
  const auto append = [&out](std::vector<effect> more) {
    for (auto& each : more)
      out.push_back(std::move(each));
  };
  std::map<client_id, mailbox_id> taken;
  for (const auto& what : all) {
    for (const auto& [client, number] : what.letters)
      append(departing(client, with(client).to.stored(number, now)));
    append(what.effects);
    if (const auto& from = what.acknowledges) {
      with(from->client).from.kept(from->mailbox, from->letter.number);
      taken[from->client] = from->mailbox;
    }
  }
  for (const auto& [client, mailbox] : taken)
    out.emplace_back(say{client, letters_taken{acknowledgement(client, mailbox)}});
  return out;
}

result<outcome> machine::connected(const client_id& client, mailbox_id its,
                                   mailbox_id server_mailbox, std::uint64_t heard, instant now) {
  auto& mail = with(client);
  const auto has_taken = server_mailbox == mailbox_ ? heard : 0;
  const bool is_fresh = mail.from.id() != 0 && mail.from.id() != its;
  auto letters = mail.to.connected(has_taken, now);
  const bool is_behind = !letters;
  if (is_behind) {
    // It has taken what this server's disk has lost since it was sent: go on behind it.
    mail.to = mailbox::outgoing(letters_to_an_edge,
                                {.letters = {}, .newest = has_taken, .acknowledged = has_taken});
    letters = mail.to.connected(has_taken, now);
  }
  auto out = apply(round::edge_back{client, is_fresh}, {}, now);
  auto made = out ? std::move(*out) : outcome{};
  made.is_behind = is_behind;
  auto again = departing(client, std::move(*letters));
  made.at_once.insert(made.at_once.begin(), std::make_move_iterator(again.begin()),
                      std::make_move_iterator(again.end()));
  return made;
}

void machine::disconnected(const client_id& client) noexcept {
  if (auto there = mail_.find(client); there != mail_.end())
    there->second.to.disconnected();
}

result<std::vector<effect>> machine::heard(const client_id& client, std::uint64_t number,
                                           instant now) {
  auto next = with(client).to.heard(number, now);
  if (!next)
    return next.why();
  return departing(client, std::move(*next));
}

std::uint64_t machine::acknowledgement(const client_id& client, mailbox_id its) const {
  const auto there = mail_.find(client);
  return there == mail_.end() ? 0 : there->second.from.acknowledgement(its);
}

attempt<done> machine::replay(const server_line& line, std::uint64_t body_place) {
  const auto bad = [&line](std::string why) {
    return failure{.code = failure_code::corrupt,
                   .detail = "a line of the journal (" + std::string(name(line.what)) + ", " +
                             line.client.name + ") cannot follow the ones before it: " + why};
  };
  const auto from = origin_of(line);
  outcome out;
  if (const auto fresh = is_new(from, out); !fresh || !*fresh)
    return bad("its letter was taken before");
  if (const auto* no = std::get_if<written::letter_refused>(&line.what)) {
    out = refuse_letter(from, round_id{no->round}, no->why, line.at);
  } else if (const auto in = input_of(line)) {
    auto effects = round_.apply(*in, line.at);
    if (!effects)
      return bad(std::string(name(effects.why())));
    const auto* begun = std::get_if<written::round_opened>(&line.what);
    if (const auto* secure = std::get_if<written::secure_round_opened>(&line.what))
      begun = &secure->opened;
    if (begun) {
      model_ = begun->model;
      counted_.clear();
    }
    const auto* verdict = std::get_if<written::update_summed>(&line.what);
    if (verdict && verdict->why_not == 0)
      counted_.push_back({line.client, verdict->weight, body_place});
    sort(std::move(*effects), false, line.at, out);
    if (out.ends_round)
      return bad("it ends a round without a checkpoint");
  }
  for (const auto& [client, number] : out.later.letters)
    with(client).to.stored(number, line.at);
  if (from.letter.number != 0)
    with(from.client).from.kept(from.mailbox, from.letter.number);
  return done{};
}

std::vector<client_mail> machine::mail() const {
  std::vector<client_mail> all;
  for (const auto& [client, each] : mail_) {
    client_mail made{.client = client,
                     .edge_mailbox = each.from.id(),
                     .taken = each.from.heard(),
                     .newest = each.to.newest(),
                     .kept = {}};
    for (const auto& x : each.to.pending())
      made.kept.push_back({x.number, x.kind, as_text(x.content)});
    all.push_back(std::move(made));
  }
  return all;
}

} // namespace godwit::durable
