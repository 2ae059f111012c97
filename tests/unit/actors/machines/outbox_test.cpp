// Does an edge's durable mailbox lose nothing and double nothing, whatever survives of its journal?
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <godwit/actors/machines/outbox.hpp>

using namespace godwit;
using namespace std::chrono_literals;

namespace {

constexpr mailbox_id server_box = 900;

invitation invite_to(std::uint64_t round) {
  return {.round = {round},
          .model = {.sha256 = {}, .byte_count = 400},
          .plan = {},
          .milliseconds_left = 1000,
          .milliseconds_lease = 2000};
}

training::trained_update update_for(std::uint64_t round) {
  return {.offer = {.round = {round},
                    .example_count = 10,
                    .update = {.sha256 = {}, .byte_count = 400},
                    .letter = {}},
          .content = shared_bytes(bytes(400, std::byte{7}))};
}

/// An outbox, its journal, and what it did.
class bench {
public:
  explicit bench(std::vector<journal_record> was = {}, mailbox::plan plan = {})
      : records(std::move(was)) {
    std::vector<found_record> found;
    for (const auto& each : records)
      found.push_back({each.head, found.size() + 1, each.body.size()});
    auto past = outbox::recall(found, [this](std::uint64_t place) -> attempt<shared_bytes> {
      return records.at(place - 1).body;
    });
    REQUIRE(past);
    task = past->task;
    update = past->update;
    now = past->last;
    box = std::make_unique<outbox::machine>(plan, client_id{"a"}, std::move(*past), 3);
    act(box->begin(now));
  }

  /// What it wants written is durable at once, unless the disk is slow.
  void act(const std::vector<outbox::effect>& effects) {
    for (const auto& effect : effects) {
      if (const auto* x = std::get_if<outbox::write>(&effect)) {
        waiting.push_back(*x);
      } else if (const auto* y = std::get_if<outbox::send>(&effect)) {
        said.push_back(y->message);
      } else if (const auto* z = std::get_if<outbox::pass_on>(&effect)) {
        passed.push_back(std::visit([](const auto& word) { return word_of(word); }, z->word));
      } else if (const auto* drop = std::get_if<outbox::report_drop>(&effect)) {
        dropped.push_back(drop->message);
      } else if (const auto* begins = std::get_if<outbox::work_may_begin>(&effect)) {
        may_begin = begins->round;
      } else {
        ++hang_ups;
      }
    }
    while (!is_slow && !waiting.empty())
      write_one();
  }
  void write_one() {
    const auto first = waiting.front();
    waiting.erase(waiting.begin());
    if (first.restarts) {
      ++restarts;
      records.clear();
    }
    records.insert(records.end(), first.records.begin(), first.records.end());
    act(box->kept(first.then, now));
  }
  void connects(std::uint64_t heard) {
    act(box->welcomed({.server = {}, .job = {}, .token = {}, .mailbox = server_box, .heard = heard},
                      now));
  }

  std::vector<journal_record> records;
  std::vector<outbox::write> waiting;
  bool is_slow = false;
  std::vector<edge_message> said;
  std::vector<std::string> passed, dropped;
  round_id may_begin;
  int hang_ups = 0, restarts = 0;
  std::optional<outbox::held_task> task; ///< when it began
  std::optional<training::trained_update> update;
  instant now{};
  std::unique_ptr<outbox::machine> box;

private:
  static std::string word_of(const receipt& x) {
    return "receipt " + std::to_string(x.round.value);
  }
  static std::string word_of(const refused& x) { return "refused " + std::to_string(x.round); }
  static std::string word_of(const round_closed& x) {
    return "closed " + std::to_string(x.round.value);
  }
};

stamp stamp_of(const edge_message& message) {
  return std::visit(
      [](const auto& x) {
        if constexpr (requires { x.letter; })
          return x.letter;
        else
          return stamp{};
      },
      message);
}

/// A server's end: which letters it took, each once.
struct reader {
  mailbox::incoming from_edge;
  std::vector<std::string> taken;
  void read(bench& edge, mailbox_id id) {
    for (const auto& message : std::exchange(edge.said, {}))
      if (stamp_of(message).number > 0) {
        const auto verdict = from_edge.take(id, stamp_of(message));
        REQUIRE(verdict);
        CHECK(*verdict != mailbox::verdict::gap);
        if (*verdict == mailbox::verdict::fresh || *verdict == mailbox::verdict::anew)
          taken.emplace_back(name(message));
      }
  }
};

mailbox_id id_of(const bench& edge) {
  hello greeting;
  edge.box->sign(greeting);
  return greeting.mailbox;
}

/// A round and the beginning of the next.
void live(bench& edge) {
  edge.connects(0);
  edge.act(edge.box->accept(invite_to(1), edge.now += 1s));
  edge.act(edge.box->hear(letters_taken{1}, edge.now += 1s));
  edge.act(edge.box->offer(update_for(1), edge.now += 1s));
  edge.act(edge.box->hear(receipt{{1}, {1, 0}}, edge.now += 1s));
  edge.act(edge.box->report({.round = {1}, .example_count = 3, .letter = {}}, edge.now += 1s));
  edge.act(edge.box->accept(invite_to(2), edge.now += 1s));
  edge.act(edge.box->decline({2}, "too hot", edge.now += 1s));
  edge.act(edge.box->accept(invite_to(3), edge.now += 1s));
}

} // namespace

TEST_CASE("a letter leaves when it is durable, and again after each reconnect until it is taken") {
  bench edge;
  edge.connects(0);
  edge.is_slow = true;
  edge.act(edge.box->accept(invite_to(1), edge.now));
  CHECK(edge.said.empty());
  CHECK(edge.may_begin == round_id{});
  edge.write_one();
  REQUIRE(edge.said.size() == 1);
  CHECK(stamp_of(edge.said[0]) == stamp{1, 0});
  CHECK(edge.may_begin == round_id{1});
  edge.box->lost();
  edge.said.clear();
  edge.connects(0);
  REQUIRE(edge.said.size() == 1);
  edge.act(edge.box->hear(letters_taken{1}, edge.now));
  edge.said.clear();
  edge.connects(1);
  CHECK(edge.said.empty());
  CHECK(edge.hang_ups == 0);
}

TEST_CASE("a server's letter has its effect once, and is acknowledged when that is durable") {
  bench edge;
  edge.connects(0);
  edge.act(edge.box->accept(invite_to(1), edge.now));
  edge.act(edge.box->offer(update_for(1), edge.now));
  edge.said.clear();
  edge.is_slow = true;
  edge.act(edge.box->hear(receipt{{1}, {2, 1}}, edge.now)); // one before it is missing
  CHECK(edge.passed.empty());
  edge.act(edge.box->hear(receipt{{1}, {1, 0}}, edge.now));
  CHECK(edge.passed == std::vector<std::string>{"receipt 1"});
  CHECK(edge.said.empty());
  edge.act(edge.box->hear(receipt{{1}, {1, 0}}, edge.now)); // again, before it is durable
  CHECK(edge.said.empty());
  edge.write_one();
  REQUIRE(edge.said.size() == 1);
  CHECK(std::get<letters_heard>(edge.said[0]).number == 1);
  edge.act(edge.box->hear(receipt{{1}, {1, 0}}, edge.now)); // the acknowledgement was lost
  CHECK(edge.said.size() == 2);
  CHECK(edge.passed.size() == 1);
  hello greeting;
  edge.box->sign(greeting);
  CHECK(greeting.server_mailbox == server_box);
  CHECK(greeting.heard == 1);
}

TEST_CASE("whatever part of the journal survives, each letter arrives once and in order, and what "
          "was trained is there") {
  bench whole;
  live(whole);
  REQUIRE(whole.restarts == 0);
  reader undisturbed;
  undisturbed.read(whole, id_of(whole));
  REQUIRE(undisturbed.taken.size() == 6);
  for (std::size_t count = 0; count <= whole.records.size(); ++count) {
    CAPTURE(count);
    const std::vector<journal_record> left(
        whole.records.begin(), whole.records.begin() + static_cast<std::ptrdiff_t>(count));
    bool is_trained = false, is_over = false;
    std::uint64_t newest = 0, acknowledged = 0;
    for (const auto& record : left) {
      const auto line = decode_edge_line(record.head);
      REQUIRE(line);
      is_trained = is_trained || std::holds_alternative<noted::update_trained>(line->what);
      is_over = is_over || std::holds_alternative<noted::task_over>(line->what);
      if (const auto* put = std::get_if<noted::letter_put>(&line->what))
        newest = put->number;
      if (const auto* taken = std::get_if<noted::letters_taken>(&line->what))
        acknowledged = taken->number;
    }
    // The server has taken any of what can have left before the crash.
    for (auto heard = acknowledged; heard <= newest; ++heard) {
      CAPTURE(heard);
      bench edge(left);
      CHECK(edge.update.has_value() == (is_trained && !is_over));
      if (edge.update) {
        CHECK(edge.update->content.size() == 400);
        CHECK(edge.task->task.round == round_id{1});
      }
      reader server;
      if (heard > 0) {
        server.from_edge = mailbox::incoming(id_of(edge), heard);
        server.taken.assign(undisturbed.taken.begin(),
                            undisturbed.taken.begin() + static_cast<std::ptrdiff_t>(heard));
      }
      edge.connects(heard);
      server.read(edge, id_of(edge));
      REQUIRE(server.taken.size() >= newest);
      CHECK(std::equal(server.taken.begin(), server.taken.end(), undisturbed.taken.begin()));
      if (is_trained && !is_over) // its offer was put anew if it had been cut off
        CHECK(server.taken.size() >= 2);
      CHECK(edge.hang_ups == 0);
    }
  }
}

TEST_CASE("the edge's time goes on where its journal ends, and a task knows when it was taken") {
  bench before;
  live(before);
  bench after(before.records);
  REQUIRE(after.task);
  CHECK(after.task->task.round == round_id{3});
  CHECK(after.task->taken_at == before.now);
  CHECK(after.now == before.now);
}

TEST_CASE("a journal that is mostly dead is started anew with what lives") {
  bench edge;
  edge.connects(0);
  std::uint64_t number = 0;
  for (std::uint64_t round = 1; edge.restarts < 3; ++round) {
    REQUIRE(round < 100'000);
    edge.act(edge.box->accept(invite_to(round), edge.now += 1s));
    edge.act(edge.box->offer(update_for(round), edge.now += 1s));
    edge.act(edge.box->hear(letters_taken{number += 2}, edge.now));
  }
  std::size_t size = 0;
  for (const auto& record : edge.records)
    size += record.head.size() + record.body.size();
  CHECK(size < 100'000);
  bench after(edge.records);
  REQUIRE(after.update);
  CHECK(after.update->content.size() == 400);
  after.connects(number);
  CHECK(after.hang_ups == 0); // it knows the number of its newest letter
  CHECK(after.said.size() == 0);
  CHECK(id_of(after) == id_of(edge));
}

TEST_CASE("above its bounds a mailbox gives up the oldest letters and says so; an update that "
          "cannot be offered any more is over") {
  bench edge({}, {.age_max = 1h});
  edge.act(edge.box->accept(invite_to(1), edge.now));
  edge.act(edge.box->offer(update_for(1), edge.now));
  CHECK(edge.dropped.empty());
  REQUIRE(edge.box->wake_at() == edge.now + 1h);
  edge.now += 1h;
  edge.act(edge.box->look_after(edge.now));
  CHECK(edge.dropped == std::vector<std::string>{"invitation_answer", "update_offer"});
  CHECK(edge.passed == std::vector<std::string>{"closed 1"});
  bench after(edge.records);
  CHECK_FALSE(after.task);
  CHECK_FALSE(after.update);
  after.connects(0);
  CHECK(after.said.empty());
  after.act(after.box->report({.round = {1}, .letter = {}}, after.now));
  REQUIRE(after.said.size() == 1);
  CHECK(stamp_of(after.said[0]) == stamp{3, 0}); // no number comes twice
}

TEST_CASE("an acknowledgement of what was never sent gives the mailbox a new id, and all is said "
          "again") {
  bench edge;
  edge.act(edge.box->accept(invite_to(1), edge.now));
  const auto before = id_of(edge);
  edge.connects(5);
  CHECK(edge.hang_ups == 1);
  CHECK(edge.said.empty());
  CHECK(id_of(edge) != before);
  CHECK(id_of(bench(edge.records)) == id_of(edge));
  edge.connects(0);
  CHECK(edge.said.size() == 1);
  edge.act(edge.box->hear(letters_taken{7}, edge.now));
  CHECK(edge.hang_ups == 2);
}

TEST_CASE("a word about a task that the server has ended meanwhile changes nothing") {
  bench edge;
  edge.connects(0);
  edge.box->invited(invite_to(1));
  edge.act(edge.box->hear(round_closed{{1}, 0, {}, {1, 0}}, edge.now));
  edge.act(edge.box->accept(invite_to(1), edge.now));
  edge.act(edge.box->offer(update_for(1), edge.now));
  CHECK(edge.box->pending_count() == 0);
  CHECK_FALSE(bench(edge.records).task);
  edge.box->invited(invite_to(1)); // asked anew
  edge.act(edge.box->accept(invite_to(1), edge.now));
  CHECK(bench(edge.records).task);
}

TEST_CASE("another server is noticed, also after a restart, and its letters are counted anew") {
  bench edge;
  edge.connects(0);
  CHECK_FALSE(edge.box->is_new_server());
  edge.act(edge.box->hear(round_closed{{1}, 0, {}, {4, 0}}, edge.now));
  bench after(edge.records);
  after.connects(0);
  CHECK_FALSE(after.box->is_new_server());
  after.act(after.box->welcomed({.server = {}, .job = {}, .token = {}, .mailbox = 901}, after.now));
  CHECK(after.box->is_new_server());
  after.act(after.box->hear(round_closed{{1}, 0, {}, {1, 0}}, after.now));
  CHECK(after.passed.size() == 1);
}

TEST_CASE("a journal that no edge of this version wrote is refused") {
  bench edge;
  edge.act(edge.box->accept(invite_to(1), edge.now));
  auto head = edge.records.back().head;
  head.pop_back();
  const std::vector<found_record> cut{{head, 1, 0}};
  const auto body = [](std::uint64_t) -> attempt<shared_bytes> { return shared_bytes(); };
  const auto past = outbox::recall(cut, body);
  REQUIRE_FALSE(past);
  CHECK(past.why().code == failure_code::corrupt);
}
