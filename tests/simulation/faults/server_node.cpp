#include "server_node.hpp"

#include <algorithm>

#include <caf/send.hpp>

#include <godwit/actors/server.hpp>

#include "clockwork.hpp"
#include "storage/checkpoint_file.hpp"

namespace godwit::faults {
namespace {

/// Links that look at each receipt that is sent.
class server_links final : public link_port {
public:
  server_links(world& in, std::map<std::uint64_t, std::string>& names,
               std::shared_ptr<const bool> is_alive)
      : world_(in), names_(names), under_(in.net, side::server, is_alive),
        is_alive_(std::move(is_alive)) {}
  void send(std::uint64_t link, encoded message, shared_bytes body) override {
    constexpr auto receipt_kind = static_cast<std::uint16_t>(server_kind_first + 6);
    if (message.kind == receipt_kind && *is_alive_)
      if (const auto said = decode_server_message(message.kind, message.head))
        world_.books.receipt_sent({names_[link]}, std::get<receipt>(*said).round);
    under_.send(link, std::move(message), std::move(body));
  }
  void close(std::uint64_t link, std::string reason) override {
    under_.close(link, std::move(reason));
  }

private:
  world& world_;
  std::map<std::uint64_t, std::string>& names_;
  node_links under_;
  const std::shared_ptr<const bool> is_alive_;
};

/// Writes so many records, unless the world wants the server killed at one of them.
template <class Write>
attempt<done> write_past(world& in, server_node& of, std::size_t record_count, Write write) {
  const auto first = in.books.record_count() + 1;
  const bool is_due =
      in.crash && in.crash->record >= first && in.crash->record < first + record_count;
  if (!is_due)
    return write();
  const auto how = *std::exchange(in.crash, {});
  const auto written = how.is_behind ? write() : attempt<done>(done{});
  of.die(how.loses_power, std::chrono::seconds(2));
  if (!written)
    return written;
  return failure{.code = failure_code::io, .retry = true, .detail = "killed"};
}

/// A journal that tells the books what is durable.
class booked_journal final : public journal_port {
public:
  booked_journal(world& in, server_node& of, std::shared_ptr<process_journal> under,
                 std::shared_ptr<const bool> is_alive)
      : world_(in), of_(of), under_(std::move(under)), is_alive_(std::move(is_alive)) {}
  attempt<done> keep(std::span<const journal_record> records) override {
    if (world_.planted == canary::ack_before_write)
      return keep_later(records);
    return write_past(world_, of_, records.size(), [&] {
      auto kept = under_->keep(records);
      if (kept)
        note(records);
      return kept;
    });
  }
  attempt<done> restart(std::span<const journal_record> records) override {
    late_.clear();
    return write_past(world_, of_, records.size(), [&] {
      auto begun = under_->restart(records);
      if (begun)
        world_.books.journal_is_anew(records);
      return begun;
    });
  }
  attempt<shared_bytes> body(std::uint64_t place) override { return under_->body(place); }

private:
  void note(std::span<const journal_record> records) {
    const auto before = world_.books.open_round();
    for (const auto& each : records)
      world_.books.line_is_durable(each);
    if (world_.books.open_round() != before)
      of_.watch_deadline();
  }
  /// The planted bug: what is said to be kept is written with the next group.
  attempt<done> keep_later(std::span<const journal_record> records) {
    if (!*is_alive_)
      return failure{.code = failure_code::io, .retry = true, .detail = "no power"};
    const auto now = std::exchange(late_, {records.begin(), records.end()});
    note(records);
    return now.empty() ? attempt<done>(done{}) : under_->keep(now);
  }

  world& world_;
  server_node& of_;
  std::shared_ptr<process_journal> under_;
  std::shared_ptr<const bool> is_alive_;
  std::vector<journal_record> late_;
};

class booked_checkpoints final : public checkpoint_store {
public:
  booked_checkpoints(world& in, server_node& of, std::shared_ptr<process_journal> door)
      : world_(in), of_(of), file_(of.files()), door_(std::move(door)) {}
  attempt<done> save(const checkpoint& state, std::span<const float> parameters) override {
    return write_past(world_, of_, 1, [&] {
      auto saved = door_->if_alive([&] { return file_.save(state, parameters); });
      if (saved)
        world_.books.checkpoint_is_durable(state, parameters);
      return saved;
    });
  }

private:
  world& world_;
  server_node& of_;
  checkpoint_file file_;
  std::shared_ptr<process_journal> door_;
};

class booked_observer final : public run_observer {
public:
  booked_observer(world& in, std::shared_ptr<const bool> is_alive)
      : world_(in), is_alive_(std::move(is_alive)) {}
  void round_over(const round_facts& facts) override {
    if (!*is_alive_)
      return;
    world_.note(facts.end.committed ? "round committed" : "round abandoned");
    world_.books.round_over(facts);
  }
  void finished(const std::string& reason, std::span<const float> parameters) override {
    if (*is_alive_)
      world_.books.finished(reason, parameters);
  }
  void failed(const failure&) override {}

private:
  world& world_;
  const std::shared_ptr<const bool> is_alive_;
};

/// When the server was last heard of, by its own time.
instant last_heard_of(const checkpoint& state, const std::vector<found_record>& found) {
  auto last = instant(state.server_time_ns);
  for (const auto& each : found)
    if (const auto line = decode_server_line(each.head))
      last = std::max(last, line->at);
  return last;
}

} // namespace

struct server_node::process {
  std::map<std::uint64_t, std::string> names; ///< of the links
  std::shared_ptr<const server_roles> roles;
  std::vector<caf::actor> actors;
};

server_node::server_node(clockwork& time, world& in) : node(network::server, in), time_(time) {}
server_node::~server_node() = default;

attempt<checkpoint> server_node::first_or_last(checkpoint_store& to,
                                               const std::optional<checkpoint>& kept,
                                               bool journal_is_empty) {
  if (kept && (kept->round.value > 0 || !journal_is_empty))
    return *kept;
  const auto count = world_.rules.parameter_count;
  checkpoint fresh;
  fresh.job = "flock";
  fresh.model = "toy";
  fresh.seed = 1;
  fresh.layout = {{"w", {static_cast<std::uint32_t>(count)}}};
  fresh.parameters.assign(count, 0.0F);
  fresh.mailbox = world_.draws.number() | 1;
  if (auto saved = to.save(fresh, fresh.parameters); !saved)
    return saved.why();
  return fresh;
}

/// What the server's actors are made of, but for what was found on its disk.
server_setup server_node::setup_of(std::shared_ptr<process_journal> door, process& next) {
  const auto& rules = world_.rules;
  server_setup setup;
  auto& job = setup.coordinator;
  job.server_name = "server";
  job.job = rules.job;
  job.membership = {"toy", rules.parameter_count};
  job.cohort = rules.round.cohort;
  job.evaluate_every = 0;
  job.federated_evaluate_every = rules.federated_evaluate_every;
  job.step = std::move(*make_strategy("fed_avg"));
  job.tokens = std::make_shared<plain_tokens>(world_);
  job.observer = std::make_shared<booked_observer>(world_, is_alive_);
  job.log = world_.log_of(name_);
  setup.round = rules.round;
  setup.selector = {
      .cohort = rules.round.cohort, .over_selection = rules.over_selection, .seed = 1};
  setup.checkpoints = std::make_shared<booked_checkpoints>(world_, *this, door);
  setup.journal = std::make_shared<booked_journal>(world_, *this, door, is_alive_);
  setup.links = std::make_shared<server_links>(world_, next.names, is_alive_);
  setup.is_detached = false;
  return setup;
}

/// Knows the actors of a process, and complains where one ends by itself.
void server_node::enlist(process& next, std::shared_ptr<const server_roles> roles) {
  next.roles = std::move(roles);
  const auto add = [&](const auto& role) {
    auto actor = caf::actor_cast<caf::actor>(role);
    actor->attach_functor([this, is_alive = is_alive_](const caf::error& why) {
      if (*is_alive)
        world_.complain("an actor of the server ends: " + caf::to_string(why));
    });
    next.actors.push_back(std::move(actor));
  };
  add(next.roles->gateway);
  add(next.roles->coordinator);
  add(next.roles->scheduler);
  add(next.roles->selector);
  add(next.roles->aggregator);
  add(next.roles->keeper);
}

attempt<done> server_node::raise() {
  auto opened = open_journal();
  if (!opened)
    return opened.why();
  auto door = std::make_shared<process_journal>(*this, std::move(opened->journal), is_alive_);
  checkpoint_file file(disk_);
  const auto kept = file.load();
  if (!kept)
    return kept.why();
  auto state = first_or_last(file, *kept, opened->records.empty());
  if (!state)
    return state.why();
  std::vector<written_line> lines;
  for (const auto& each : opened->records) {
    auto content = each.body_bytes > 0 ? door->body(each.body_place) : shared_bytes{};
    if (!content)
      return content.why();
    lines.push_back({each.head, *content});
  }
  world_.books.server_found(*state, lines);
  began_at_ = last_heard_of(*state, opened->records);
  started_at_ = world_.time.now();
  if (world_.planted == canary::lost_dedup)
    for (auto& each : state->mail)
      each.edge_mailbox = each.taken = 0;
  auto next = std::make_unique<process>();
  auto setup = setup_of(door, *next);
  setup.coordinator.state = std::move(*state);
  setup.found = std::move(opened->records);
  auto roles = spawn_server(time_.system(), std::move(setup));
  if (!roles)
    return roles.why();
  enlist(*next, *roles);
  process_ = std::move(next);
  world_.net.server_is_up(
      [gateway = process_->roles->gateway, names = &process_->names](link_event what) {
        if (const auto* opened_link = std::get_if<link_opened>(&what))
          (*names)[opened_link->link] = opened_link->certificate_name;
        std::visit([&](auto& x) { caf::anon_send(gateway, std::move(x)); }, what);
      });
  watch_deadline();
  return done{};
}

void server_node::end_actors(exit_kind how) {
  world_.net.server_is_gone(how);
  if (process_)
    time_.end(process_->actors);
  process_.reset();
}

void server_node::set_frozen(bool is_frozen) {
  if (is_frozen)
    time_.freeze(process_->actors);
  else
    time_.thaw(process_->actors);
}

void server_node::watch_deadline() {
  const auto due = world_.books.deadline();
  if (!due)
    return;
  const auto now = began_at_ + (world_.time.now() - started_at_);
  world_.time.after(std::max(*due - now, duration{}) + std::chrono::milliseconds(1001),
                    [this, round = world_.books.open_round()] { check_deadline(round); });
}

/// A round that is open a second behind its deadline hangs, unless its server could do nothing.
void server_node::check_deadline(round_id round) {
  const auto due = world_.books.deadline();
  if (world_.books.open_round() != round || !due || !is_up())
    return;
  const auto now = world_.time.now();
  const auto since = sound_since();
  const auto server_now = began_at_ + (now - started_at_);
  if (since && now - *since > std::chrono::seconds(1) &&
      server_now > *due + std::chrono::seconds(1))
    return world_.complain("round " + std::to_string(round.value) +
                           " is open a second behind its deadline");
  world_.time.after(std::chrono::milliseconds(1001), [this, round] { check_deadline(round); });
}

} // namespace godwit::faults
