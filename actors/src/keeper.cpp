#include <godwit/actors/keeper.hpp>

#include <deque>
#include <utility>
#include <variant>

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <godwit/actors/server_ports.hpp>
#include <godwit/messages/server_journal.hpp>

namespace godwit {
namespace {

using request = std::variant<keep_records, restart_journal, keep_checkpoint, keep_release>;

struct waiting {
  request what;
  caf::typed_response_promise<done> answer;
};

struct keeper_state {
  keeper_setup setup;
  std::deque<waiting> line;
  std::uint64_t written_bytes = 0; ///< since the journal was begun, by this process
  bool is_called = false;          ///< an alarm is on its way
  bool is_troubled = false;        ///< the last write failed
};
using self_ptr = keeper_actor::stateful_pointer<keeper_state>;

constexpr auto try_again_after = std::chrono::seconds(1);

/// Behind so many bytes a server's journal is begun anew with the next checkpoint. Until then the
/// line that says where it begins is written with the next group.
constexpr std::uint64_t journal_bytes_max = 16 * 1024 * 1024;

std::uint64_t bytes_of(std::span<const journal_record> records) {
  std::uint64_t sum = 0;
  for (const auto& each : records)
    sum += each.head.size() + each.body.size();
  return sum;
}

/// Writes the records of all requests at the head of the line that are only that: their number.
attempt<std::size_t> write_group(keeper_state& state) {
  std::vector<journal_record> group;
  if (state.setup.first)
    group.push_back(*state.setup.first);
  std::size_t count = 0;
  for (const auto& each : state.line) {
    const auto* records = std::get_if<keep_records>(&each.what);
    if (!records)
      break;
    group.insert(group.end(), records->records.begin(), records->records.end());
    ++count;
  }
  if (auto kept = state.setup.journal->keep(group); !kept)
    return kept.why();
  state.setup.first.reset();
  state.written_bytes += bytes_of(group);
  return count;
}

attempt<std::size_t> write_checkpoint(keeper_state& state, const keep_checkpoint& in) {
  if (auto saved = state.setup.checkpoints->save(*in.state, *in.parameters); !saved)
    return saved.why();
  state.setup.first = beginning_behind(*in.state);
  if (state.written_bytes < journal_bytes_max)
    return std::size_t{1};
  // Should this fail, or never happen: what lies before a checkpoint is passed over when it is
  // read.
  if (auto begun = state.setup.journal->restart(std::span(&*state.setup.first, 1)); !begun)
    return begun.why();
  state.setup.first.reset();
  state.written_bytes = 0;
  return std::size_t{1};
}

attempt<std::size_t> write_first(keeper_state& state) {
  const auto& first = state.line.front().what;
  if (std::holds_alternative<keep_records>(first))
    return write_group(state);
  if (const auto* in = std::get_if<keep_checkpoint>(&first))
    return write_checkpoint(state, *in);
  if (const auto* in = std::get_if<keep_release>(&first)) {
    if (auto kept = state.setup.releases->append(in->line); !kept)
      return kept.why();
    return std::size_t{1};
  }
  if (auto made = state.setup.journal->restart(std::get<restart_journal>(first).records); !made)
    return made.why();
  return std::size_t{1};
}

void note_trouble(keeper_state& state, const failure& why) {
  if (std::exchange(state.is_troubled, true))
    return;
  state.setup.log->warn("journal.suspended", {{"why", name(why.code)}, {"detail", why.detail}});
  if (state.setup.on_trouble)
    state.setup.on_trouble(why);
}

void note_success(keeper_state& state) {
  if (!std::exchange(state.is_troubled, false))
    return;
  state.setup.log->info("journal.resumed");
  if (state.setup.on_trouble)
    state.setup.on_trouble({});
}

void write_all(self_ptr self) {
  auto& state = self->state;
  state.is_called = false;
  while (!state.line.empty()) {
    const auto written = write_first(state);
    if (!written) {
      note_trouble(state, written.why());
      state.is_called = true;
      self->delayed_send(self, try_again_after, keeper_alarm{});
      return;
    }
    note_success(state);
    for (std::size_t i = 0; i < *written; ++i) {
      state.line.front().answer.deliver(done{});
      state.line.pop_front();
    }
  }
}

/// The alarm comes behind what is in the mailbox already: that makes the group.
caf::result<done> line_up(self_ptr self, request what) {
  auto& state = self->state;
  auto answer = self->make_response_promise<done>();
  state.line.push_back({std::move(what), answer});
  if (!std::exchange(state.is_called, true))
    self->send(self, keeper_alarm{});
  return answer;
}

keeper_actor::behavior_type keeper(self_ptr self, keeper_setup setup) {
  self->state.setup = std::move(setup);
  return {
      [self](keep_records& in) { return line_up(self, std::move(in)); },
      [self](restart_journal& in) { return line_up(self, std::move(in)); },
      [self](const keep_checkpoint& in) { return line_up(self, in); },
      [self](keep_release& in) { return line_up(self, std::move(in)); },
      [self](const keeper_alarm&) { write_all(self); },
  };
}

} // namespace

journal_record beginning_behind(const checkpoint& state) {
  return {encode(server_line{.at = instant(state.server_time_ns),
                             .client = {},
                             .mailbox = 0,
                             .what = written::journal_began{state.round}}),
          {}};
}

keeper_actor spawn_keeper(caf::actor_system& system, keeper_setup setup) {
  if (!setup.is_detached)
    return system.spawn(keeper, std::move(setup));
  return system.spawn<caf::detached>(keeper, std::move(setup));
}

} // namespace godwit
