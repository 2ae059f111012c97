// What an edge's journal amounts to, line by line.
#include <algorithm>
#include <map>
#include <utility>

#include <godwit/actors/machines/outbox.hpp>

namespace godwit::outbox {
namespace {

shared_bytes shared_of(const std::string& text) {
  const auto view = as_bytes(text);
  return shared_bytes(bytes(view.begin(), view.end()));
}

/// What the lines so far amount to.
struct reading {
  past made;
  std::map<std::uint64_t, mailbox::letter> letters;
  std::optional<update_offer> update;
  std::uint64_t update_place = 0;

  void end_task() {
    made.task.reset();
    update.reset();
  }

  attempt<done> on(instant, const noted::mailbox_made& x) {
    made.client = x.client;
    made.mailbox = x.id;
    made.letters.newest = std::max(made.letters.newest, x.newest);
    return done{};
  }
  attempt<done> on(instant at, const noted::letter_put& x) {
    const auto head = as_bytes(x.head);
    const auto envelope = decode_edge_envelope(x.kind, head);
    if (!envelope)
      return failure{.code = failure_code::corrupt,
                     .detail = "letter " + std::to_string(x.number) +
                               " of the edge's journal is no message of this version"};
    const auto* answer = std::get_if<invitation_answer>(&envelope->message);
    if (answer && !answer->accepts)
      end_task();
    letters[x.number] = {x.number, x.kind, bytes(head.begin(), head.end()), at};
    made.letters.newest = std::max(made.letters.newest, x.number);
    return done{};
  }
  attempt<done> on(instant, const noted::letters_taken& x) {
    made.letters.acknowledged = std::max(made.letters.acknowledged, x.number);
    return done{};
  }
  attempt<done> on(instant, const noted::letters_heard& x) {
    made.server_mailbox = x.mailbox;
    made.heard = x.number;
    return done{};
  }
  attempt<done> on(instant, const noted::letter_dropped& x) {
    letters.erase(x.number);
    return done{};
  }
  attempt<done> on(instant at, const noted::task_taken& x) {
    end_task();
    made.task = held_task{x.task, at};
    return done{};
  }
  attempt<done> on(instant, const noted::update_trained& x) {
    update = x.offer;
    return done{};
  }
  attempt<done> on(instant, const noted::task_over& x) {
    if (made.task && made.task->task.round == x.round)
      end_task();
    return done{};
  }
  attempt<done> on(instant at, const noted::secure_task_taken& x) {
    end_task();
    made.task = held_task{x.task, at};
    const auto seed = as_bytes(x.seed);
    made.secure = secure_part{
        x.task.round, x.terms, std::make_shared<secret>(bytes(seed.begin(), seed.end())),
        x.evidence,   {},      {}};
    return done{};
  }
  attempt<done> on(instant, const noted::secure_call_taken& x) {
    if (made.secure && made.secure->round == x.round)
      made.secure->calls.push_back({x.round, x.step, shared_of(x.content)});
    return done{};
  }
  attempt<done> on(instant, const noted::secure_body_made& x) {
    if (made.secure && made.secure->round == x.round)
      made.secure->body = x.body;
    return done{};
  }
  attempt<done> on(instant, const noted::examples_told& x) {
    return counted(made.told.examples.charge(x));
  }
  attempt<done> on(instant, const noted::updates_told& x) {
    return counted(made.told.updates.charge(x));
  }
  static attempt<done> counted(attempt<done> charged) {
    if (charged)
      return charged;
    return failure{.code = failure_code::corrupt,
                   .detail = "the edge's journal says that its updates told what they cannot: " +
                             charged.why().detail};
  }
  attempt<done> on(instant, const noted::secure_over& x) {
    if (made.secure && made.secure->round == x.round)
      made.secure.reset();
    return done{};
  }
};

} // namespace

attempt<past> recall(std::span<const found_record> records,
                     const std::function<attempt<shared_bytes>(std::uint64_t place)>& body) {
  reading here;
  for (const auto& record : records) {
    const auto line = decode_edge_line(record.head);
    if (!line)
      return line.why();
    auto read = std::visit([&](const auto& x) { return here.on(line->at, x); }, line->what);
    if (!read)
      return read.why();
    if (std::holds_alternative<noted::update_trained>(line->what))
      here.update_place = record.body_place;
    here.made.last = std::max(here.made.last, line->at);
    here.made.journal_bytes += record.head.size() + record.body_bytes;
  }
  for (auto& [number, letter] : here.letters)
    here.made.letters.letters.push_back(std::move(letter));
  if (here.update && here.made.task) {
    if (auto content = body(here.update_place); !content)
      here.made.update_lost = content.why().detail;
    else if (content->size() != here.update->update.byte_count)
      here.made.update_lost =
          "the update in the edge's journal has another length than was written";
    else
      here.made.update = training::trained_update{*here.update, std::move(*content)};
  }
  return std::move(here.made);
}

} // namespace godwit::outbox
