#include "ledger.hpp"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include <godwit/aggregation/fed_avg.hpp>
#include <godwit/aggregation/fixed_point.hpp>
#include <godwit/privacy/digest.hpp>

#include "chance.hpp"

namespace godwit::faults {
namespace {

bool is_same(std::span<const float> left, std::span<const float> right) {
  return left.size() == right.size() &&
         std::memcmp(left.data(), right.data(), left.size_bytes()) == 0;
}

std::string words(round_id round) {
  return fmt::format("round {}", round.value);
}

/// The letter that a line was, if it was one.
std::optional<std::uint64_t> letter_of(const server_line& line) {
  return std::visit(
      [](const auto& x) -> std::optional<std::uint64_t> {
        if constexpr (requires { x.letter.number; })
          return x.letter.number;
        else
          return std::nullopt;
      },
      line.what);
}

/// The round of a line that says behind which checkpoint the next ones lie.
std::optional<round_id> beginning_in(const bytes& head) {
  const auto line = decode_server_line(head);
  const auto* begun = line ? std::get_if<written::journal_began>(&line->what) : nullptr;
  return begun ? std::optional(begun->round) : std::nullopt;
}

/// The round behind whose checkpoint the newest of these lines lie.
round_id base_of(const std::vector<bytes>& lines) {
  for (auto each = lines.rbegin(); each != lines.rend(); ++each)
    if (const auto round = beginning_in(*each))
      return *round;
  return {};
}

std::size_t behind_newest_beginning(const std::vector<bytes>& lines) {
  auto at = lines.size();
  while (at > 0 && !beginning_in(lines[at - 1]))
    --at;
  return at;
}

} // namespace

bytes update_of(const client_id& who, round_id round, std::span<const std::byte> model) {
  bytes made(model.size());
  auto state = mixed(round.value, who.name);
  for (std::size_t i = 0; i + sizeof(float) <= model.size(); i += sizeof(float)) {
    float value = 0;
    std::memcpy(&value, model.data() + i, sizeof(value));
    state = mixed(state, i);
    const auto pull = static_cast<float>(static_cast<std::int32_t>(state >> 40)) * 0x1.0p-23F;
    value = 0.25F * (pull - value);
    std::memcpy(made.data() + i, &value, sizeof(value));
  }
  return made;
}

ledger::ledger(ledger_plan plan, std::function<void(std::string)> complain)
    : plan_(std::move(plan)), complain_(std::move(complain)), model_(plan_.first_model) {}

// -- the server's disk

void ledger::line_is_durable(const journal_record& record) {
  ++record_count_;
  lines_.push_back(record.head);
  const auto line = decode_server_line(record.head);
  if (!line)
    return complain("the server writes a line that cannot be read");
  read_line(*line, record.body);
}

void ledger::journal_is_anew(std::span<const journal_record> records) {
  record_count_ += records.size();
  lines_.clear();
  for (const auto& each : records)
    lines_.push_back(each.head);
}

void ledger::read_line(const server_line& line, const shared_bytes& body) {
  note_letter(line);
  if (const auto* opened = std::get_if<written::round_opened>(&line.what)) {
    if (open_ || opened->round.value != last_.value + 1)
      complain(fmt::format("{} is opened behind {}", words(opened->round),
                           open_ ? words(open_->id) + ", which is open" : words(last_)));
    open_ = books{.id = opened->round, .opened_at = line.at, .counted = {}, .receipts = {}};
    if (opened->model.sha256 != sha256(std::as_bytes(std::span(model_))))
      complain(words(opened->round) + " trains another model than the last one");
  }
  if (const auto* verdict = std::get_if<written::update_summed>(&line.what))
    if (verdict->why_not == 0)
      count(line.client, verdict->round, verdict->weight, body);
}

/// Each letter has its effect once.
void ledger::note_letter(const server_line& line) {
  const auto number = letter_of(line);
  if (!number || *number == 0 || !plan_.trusts_disks)
    return;
  auto& [mailbox, newest] = letters_[line.client];
  if (mailbox == line.mailbox && *number <= newest)
    complain(fmt::format("letter {} of {} has its effect again ({})", *number, line.client.name,
                         name(line.what)));
  mailbox = line.mailbox;
  newest = *number;
}

void ledger::count(const client_id& client, round_id round, std::uint64_t weight,
                   const shared_bytes& body) {
  const auto what = fmt::format("the update of {} in {}", client.name, words(round));
  if (!open_ || open_->id != round)
    return complain(what + " counts, and the round is not open");
  if (!open_->counted.emplace(client, counted_update{weight, body}).second)
    complain(what + " counts twice");
  ++counted_count_;
  const auto honest = plan_.honest.find(client);
  if (honest == plan_.honest.end())
    return;
  const auto right = update_of(client, round, std::as_bytes(std::span(model_)));
  if (weight != honest->second || !std::ranges::equal(right, body.view()))
    complain(what + " counts, and it is not the one that the edge made");
}

void ledger::checkpoint_is_durable(const checkpoint& state, std::span<const float> parameters) {
  ++record_count_;
  close_books(state, parameters);
}

std::vector<float> ledger::next_model() const {
  fixed_point_sum sum(model_.size());
  for (const auto& [client, update] : open_->counted)
    if (!sum.add(update.content.view(), update.weight))
      return {};
  if (sum.count() == 0)
    return {};
  std::vector<float> next(model_.size());
  sum.mean(next);
  fed_avg().apply(model_, next);
  return next;
}

void ledger::close_books(const checkpoint& state, std::span<const float> parameters) {
  if (!open_ || state.round != open_->id)
    return complain(fmt::format("a checkpoint of {} is written while {} is open",
                                words(state.round), words(open_round())));
  for (const auto& client : open_->receipts)
    if (!open_->counted.contains(client))
      complain(fmt::format("{} has a receipt for {}, and it does not count", client.name,
                           words(open_->id)));
  const bool is_committed = state.committed_count == committed_count_ + 1;
  if (!is_committed && state.committed_count != committed_count_)
    complain("the count of committed rounds jumps");
  if (is_committed && open_->counted.size() < plan_.rules.cohort_min)
    complain(words(state.round) + " is committed with too few updates");
  const auto right = is_committed ? next_model() : model_;
  if (!is_same(right, parameters))
    complain("the model of " + words(state.round) + " is not the sum of what counted");
  model_.assign(parameters.begin(), parameters.end());
  committed_count_ = state.committed_count;
  last_ = state.round;
  compare_record(state, is_committed);
  closed_ = std::exchange(open_, {});
}

/// Whatever a disk that lies has left is where the books go on.
void ledger::adopt(const checkpoint& state) {
  model_ = state.parameters;
  committed_count_ = state.committed_count;
  last_ = state.round;
  open_.reset();
}

void ledger::server_found(const checkpoint& state, const std::vector<written_line>& found) {
  if (!plan_.trusts_disks)
    adopt(state);
  else if (state.round > last_)
    close_books(state, state.parameters); // the power went before its writer could say so
  else if (state.round < last_ || !is_same(state.parameters, model_))
    complain(fmt::format("a checkpoint of {} is found, and {} was durable", words(state.round),
                         words(last_)));
  const auto before = std::exchange(lines_, {});
  for (const auto& each : found)
    lines_.push_back(each.head);
  auto known = before.size();
  if (known > found.size() || !std::equal(before.begin(), before.end(), lines_.begin())) {
    known = 0;
    if (plan_.trusts_disks && (lines_.empty() || beginning_in(lines_.front()) != state.round))
      complain("what was durable in the journal is not there any more");
  }
  if (base_of(lines_) != state.round) { // it lies before the checkpoint, and is passed over
    if (open_)
      complain(words(open_->id) + " was open, and its lines are passed over");
    return;
  }
  if (!plan_.trusts_disks)
    known = behind_newest_beginning(lines_);
  for (auto i = known; i < found.size(); ++i) // durable, though nobody was told so
    if (const auto line = decode_server_line(found[i].head))
      read_line(*line, found[i].body);
}

// -- what it says

void ledger::receipt_sent(const client_id& client, round_id round) {
  if (!plan_.trusts_disks)
    return;
  auto* of = open_ && open_->id == round ? &*open_ : nullptr;
  if (closed_ && closed_->id == round)
    of = &*closed_;
  if (of == nullptr)
    return; // of an older round; it was looked at when it was sent first
  of->receipts.insert(client);
  if (!of->counted.contains(client))
    complain(fmt::format("{} gets a receipt for {}, and its update is not kept", client.name,
                         words(round)));
}

/// The record of a round comes before its checkpoint; it must agree with it when that is there.
void ledger::round_over(const round_facts& facts) {
  const auto& end = facts.end;
  ending made{.round = end.round,
              .is_committed = end.committed,
              .model = facts.model.sha256,
              .reported = {}};
  for (const auto& [client, who] : end.cohort)
    if (who.at == round::progress::reported)
      made.reported.insert(client);
  if (!end.committed && end.reason.empty())
    complain(words(end.round) + " is abandoned without a reason");
  said_ = std::move(made);
}

void ledger::compare_record(const checkpoint& state, bool is_committed) {
  if (!said_ || said_->round != state.round)
    return complain(words(state.round) + " is kept as over, and nothing was said of it");
  if (!is_committed) // the update with which it ends is in no line, and counts for nothing
    for (const auto& client : said_->reported)
      open_->counted.try_emplace(client);
  std::set<client_id> counted;
  for (const auto& [client, update] : open_->counted)
    counted.insert(client);
  if (said_->reported != counted || said_->is_committed != is_committed)
    complain(fmt::format("the record of {} says that {} updates counted, and {} did",
                         words(state.round), said_->reported.size(), counted.size()));
  if (said_->model != sha256(std::as_bytes(std::span(model_))))
    complain(words(state.round) + " is said to have led to another model");
}

void ledger::finished(const std::string& reason, std::span<const float> parameters) {
  outcome_ = reason;
  if (!is_same(parameters, model_))
    complain("the final model is not that of the last round");
}

std::optional<instant> ledger::deadline() const {
  if (!open_)
    return {};
  return open_->opened_at + plan_.rules.lasts_for;
}

} // namespace godwit::faults
