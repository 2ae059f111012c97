// An edge's durable mailbox: groups of records, and what follows when they are durable.
#include <godwit/actors/machines/outbox.hpp>

#include <algorithm>
#include <utility>

#include <godwit/messages/check.hpp>
#include <godwit/messages/limits.hpp>

namespace godwit::outbox {
namespace {

using effects = std::vector<effect>;

constexpr std::uint64_t record_bytes = 64; ///< what a record takes beside its head and its body
constexpr std::uint64_t journal_bytes_small = std::uint64_t{1} << 20; ///< not worth a new start

std::uint64_t size_of(const journal_record& x) {
  return record_bytes + x.head.size() + x.body.size();
}

std::string cut(std::string text) {
  text.resize(std::min(text.size(), limits::text_length_max));
  return text;
}

/// Steele et al. 2014, "SplitMix": one of 2^64 numbers, each once.
std::uint64_t draw(std::uint64_t& seed) {
  auto x = seed += 0x9E3779B97F4A7C15;
  x = (x ^ (x >> 30U)) * 0xBF58476D1CE4E5B9;
  x = (x ^ (x >> 27U)) * 0x94D049BB133111EB;
  return x ^ (x >> 31U);
}

std::string name_of_kind(std::uint16_t kind) {
  for (const auto& each : {edge_message(invitation_answer{}), edge_message(update_offer{}),
                           edge_message(evaluation_report{}), edge_message(secure_word{})})
    if (each.index() + edge_kind_first == kind)
      return std::string(name(each));
  return "letter";
}

void depart(const std::vector<mailbox::departure>& letters, effects& out) {
  for (const auto& letter : letters) {
    auto envelope = decode_edge_envelope(letter.kind, letter.content);
    GODWIT_CHECK(envelope, "a letter of our own cannot be read");
    mailbox::put_stamp(envelope->message, letter.place);
    out.push_back(send{std::move(envelope->message)});
  }
}

} // namespace

machine::machine(const mailbox::plan& rules, client_id client, past what_was, std::uint64_t seed)
    : rules_(rules), client_(std::move(client)), mailbox_(what_was.mailbox),
      letters_(rules_, what_was.letters), from_server_(what_was.server_mailbox, what_was.heard),
      server_(what_was.server_mailbox), task_(std::move(what_was.task)),
      update_(std::move(what_was.update)), trained_at_(what_was.last),
      secure_(std::move(what_was.secure)), told_(std::move(what_was.told)),
      acknowledged_(what_was.letters.acknowledged), journal_bytes_(what_was.journal_bytes),
      seed_(seed) {}

effects machine::begin(instant now) {
  effects out;
  auto records = begin_group(now);
  if (mailbox_ == 0)
    rename(records);
  // A crash between the update's record and its letter's.
  if (update_ && update_->offer.letter.number > letters_.newest())
    update_->offer.letter.number = post(edge_message{update_->offer}, records, out);
  finish(std::move(records), out);
  auto more = look_after(now);
  std::move(more.begin(), more.end(), std::back_inserter(out));
  return out;
}

// -- the trainer's words

effects machine::accept(const invitation& task, instant now) {
  effects out;
  if (task.round == over_)
    return out;
  auto records = begin_group(now);
  if (secure_)
    end_secure(secure_->round, records);
  task_ = held_task{task, now};
  update_.reset();
  records.add(noted::task_taken{task});
  records.then.task = task.round;
  post(invitation_answer{.round = task.round, .accepts = 1, .reason = {}}, records, out);
  finish(std::move(records), out);
  return out;
}

effects machine::decline(round_id round, std::string reason, instant now) {
  effects out;
  auto records = begin_group(now);
  end_secure(round, records);
  task_.reset(); // which the letter says, too
  update_.reset();
  post(invitation_answer{.round = round, .accepts = 0, .reason = cut(std::move(reason))}, records,
       out);
  finish(std::move(records), out);
  return out;
}

effects machine::offer(training::trained_update update, instant now,
                       std::optional<secure_word> proof, const disclosure& told) {
  effects out;
  if (!task_ || task_->task.round != update.offer.round)
    return out;
  auto records = begin_group(now);
  const auto keep = [&records](auto& account, const auto& what) {
    if (!what)
      return;
    GODWIT_CHECK(account.charge(*what), "what an update tells cannot be accounted for");
    records.add(*what);
  };
  keep(told_.examples, told.examples);
  keep(told_.updates, told.updates);
  if (proof)
    post(std::move(*proof), records, out);
  update_ = std::move(update);
  trained_at_ = now;
  update_->offer.letter = {.number = letters_.newest() + 1, .previous = 0};
  records.add(noted::update_trained{update_->offer}, update_->content);
  if (secure_ && secure_->round == task_->task.round) {
    secure_->body = update_->offer.update.sha256;
    records.add(noted::secure_body_made{secure_->round, *secure_->body});
  }
  post(edge_message{update_->offer}, records, out);
  finish(std::move(records), out);
  return out;
}

effects machine::report(const evaluation_report& report, instant now) {
  effects out;
  auto records = begin_group(now);
  post(report, records, out);
  finish(std::move(records), out);
  return out;
}

// -- the link

void machine::sign(hello& greeting) const {
  greeting.mailbox = mailbox_;
  greeting.server_mailbox = from_server_.id();
  greeting.heard = from_server_.acknowledgement(from_server_.id());
}

effects machine::welcomed(const welcome& in, instant now) {
  effects out;
  is_new_server_ = server_ != 0 && in.mailbox != server_;
  server_waits_ = server_waits_ || in.mailbox != server_;
  server_ = in.mailbox;
  if (auto leaving = letters_.connected(in.heard, now)) {
    depart(*leaving, out);
    return out;
  }
  return begin_anew(now);
}

/// One of the two has lost its disk: the letters get another mailbox, which the next hello names.
effects machine::begin_anew(instant now) {
  effects out;
  auto records = begin_group(now);
  rename(records);
  finish(std::move(records), out);
  out.push_back(hang_up{});
  return out;
}

effects machine::hear(const letters_taken& in, instant now) {
  effects out;
  if (auto leaving = letters_.heard(in.number, now)) {
    acknowledged_ = std::max(acknowledged_, in.number);
    taken_waits_ = noted::letters_taken{acknowledged_};
    depart(*leaving, out);
    return out;
  }
  return begin_anew(now);
}

effects machine::hear(const receipt& in, instant now) {
  return take(in, in.letter, in.round, now);
}
effects machine::hear(const refused& in, instant now) {
  return take(in, in.letter, round_id{in.round}, now);
}
effects machine::hear(const round_closed& in, instant now) {
  return take(in, in.letter, in.round, now);
}

effects machine::take(std::variant<receipt, refused, round_closed> word, stamp place,
                      round_id round, instant now) {
  effects out;
  if (place.number > 0) {
    const auto taken = from_server_.take(server_, place);
    if (!taken || *taken == mailbox::verdict::gap)
      return out;
    if (*taken == mailbox::verdict::known) {
      if (const auto durable = from_server_.acknowledgement(server_); durable >= place.number)
        out.push_back(send{letters_heard{durable}});
      return out;
    }
  }
  auto records = begin_group(now);
  if (!std::holds_alternative<receipt>(word)) // its shares are asked for behind the receipt
    end_secure(round, records);
  if (end_task(round, records))
    over_ = {};
  else
    over_ = round; // an answer may be on its way
  if (place.number > 0) {
    records.add(noted::letters_heard{server_, place.number});
    records.then.from = server_;
    records.then.heard = place.number;
    server_waits_ = false;
  }
  finish(std::move(records), out);
  out.push_back(pass_on{std::move(word)});
  return out;
}

effects machine::kept(const settled& what, instant now) {
  effects out;
  if (what.letter > 0)
    depart(letters_.stored(what.letter, now), out);
  if (what.heard > 0) {
    from_server_.kept(what.from, what.heard);
    if (what.from == server_)
      out.push_back(send{letters_heard{from_server_.acknowledgement(server_)}});
  }
  if (what.task.value > 0)
    out.push_back(work_may_begin{what.task});
  return out;
}

effects machine::look_after(instant now) {
  effects out;
  const auto chores = letters_.look_after(now);
  if (!chores.dropped.empty()) {
    auto records = begin_group(now);
    drop_all(chores.dropped, records, out);
    finish(std::move(records), out);
  }
  depart(chores.again, out);
  return out;
}

// -- groups of records

void machine::group::add(edge_record what, shared_bytes body) {
  records.push_back({encode(edge_line{now, std::move(what)}), std::move(body)});
}

machine::group machine::begin_group(instant now) {
  group made{.now = now, .records = {}, .then = {}};
  if (const auto taken = std::exchange(taken_waits_, {}))
    made.add(*taken);
  if (std::exchange(server_waits_, false) && server_ != from_server_.id())
    made.add(noted::letters_heard{server_, 0});
  return made;
}

std::uint64_t machine::post(const edge_message& message, group& into, effects& out) {
  auto there = encode(edge_envelope{.token = {}, .message = message});
  noted::letter_put put{.number = 0, .kind = there.kind, .head = as_text(there.head)};
  const auto posted = letters_.put(there.kind, std::move(there.head), into.now);
  drop_all(posted.dropped, into, out);
  put.number = posted.number;
  into.add(std::move(put));
  into.then.letter = posted.number;
  return posted.number;
}

void machine::drop_all(const std::vector<mailbox::drop>& dropped, group& into, effects& out) {
  for (const auto& each : dropped) {
    into.add(noted::letter_dropped{each.number, std::string(name(each.why))});
    out.push_back(report_drop{name_of_kind(each.kind), each.number, each.why});
    if (!update_ || update_->offer.letter.number != each.number)
      continue;
    // An update that nobody will be offered is of no use.
    const auto round = update_->offer.round;
    end_task(round, into);
    out.push_back(pass_on{round_closed{
        .round = round, .committed = 0, .reason = "the update waited for too long", .letter = {}}});
  }
}

bool machine::end_task(round_id round, group& into) {
  if (!task_ || task_->task.round != round)
    return false;
  task_.reset();
  update_.reset();
  into.add(noted::task_over{round});
  return true;
}

void machine::rename(group& into) {
  do
    mailbox_ = draw(seed_);
  while (mailbox_ == 0);
  into.add(noted::mailbox_made{client_, mailbox_, letters_.newest()});
}

void machine::finish(group&& done, effects& out) {
  if (done.records.empty())
    return;
  for (const auto& record : done.records)
    journal_bytes_ += size_of(record);
  write made{std::move(done.records), done.then, false};
  const bool is_mostly_dead =
      journal_bytes_ > journal_bytes_small && journal_bytes_ > 2 * living_bytes();
  if (std::exchange(has_dead_secrets_, false) || is_mostly_dead) {
    made.restarts = true;
    made.records = living(done.now);
    journal_bytes_ = 0;
    for (const auto& record : made.records)
      journal_bytes_ += size_of(record);
  }
  out.push_back(std::move(made));
}

std::vector<journal_record> machine::living(instant now) const {
  std::vector<journal_record> made;
  const auto add = [&made](instant at, edge_record what, shared_bytes body = {}) {
    made.push_back({encode(edge_line{at, std::move(what)}), std::move(body)});
  };
  add(now, noted::mailbox_made{client_, mailbox_, letters_.newest()});
  add(now, noted::letters_taken{acknowledged_});
  for (const auto& told : told_.examples.told())
    add(now, told);
  for (const auto& told : told_.updates.told())
    add(now, told);
  const bool knows_letters = server_ == from_server_.id();
  add(now, noted::letters_heard{server_, knows_letters ? from_server_.heard() : 0});
  for (const auto& letter : letters_.pending())
    add(letter.put_at, noted::letter_put{letter.number, letter.kind, as_text(letter.content)});
  if (secure_)
    add_secure(now, made);
  else if (task_)
    add(task_->taken_at, noted::task_taken{task_->task});
  if (update_)
    add(trained_at_, noted::update_trained{update_->offer}, update_->content);
  return made;
}

std::uint64_t machine::living_bytes() const {
  constexpr std::uint64_t fixed = 8 * record_bytes;
  return fixed + letters_.pending_bytes() + letters_.pending_count() * 2 * record_bytes +
         (update_ ? update_->content.size() : 0) + secure_bytes_ +
         (told_.examples.told().size() + told_.updates.told().size()) * 2 * record_bytes;
}

} // namespace godwit::outbox
