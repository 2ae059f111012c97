// What if ten thousand edges come back at once? The server's actors of production, and edges that
// are light: they dial as real ones do and speak real frames, but have no actors.
#include <algorithm>
#include <chrono>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <godwit/messages/limits.hpp>
#include <godwit/privacy/digest.hpp>

#include "simulation/faults/clockwork.hpp"
#include "simulation/faults/flown.hpp"
#include "simulation/faults/server_node.hpp"

using namespace godwit;
using namespace godwit::faults;

namespace {

constexpr std::size_t edge_count = 10'000;

/// Takes each task and has its update at once.
class light_edge {
public:
  light_edge(world& in, std::string name) : world_(in), name_(std::move(name)) {
    mailbox_ = mixed(1, name_) | 1;
    world_.net.edge_is_up(
        name_, [this](const link_event& what) { hear(what); }, mixed(2, name_));
  }

  bool is_welcome = false;
  instant welcome_at{};
  std::uint64_t receipts = 0;

private:
  void hear(const link_event& what) {
    if (const auto* opened = std::get_if<link_opened>(&what)) {
      link_ = opened->link;
      token_.clear();
      say(hello{.client = {name_},
                .model = "toy",
                .parameter_count = world_.rules.parameter_count,
                .example_count = 10,
                .features = {},
                .mailbox = mailbox_});
    } else if (std::holds_alternative<link_closed>(what)) {
      is_welcome = false;
    } else if (const auto* frame = std::get_if<link_frame>(&what)) {
      if (const auto message = decode_server_message(frame->kind, frame->head))
        std::visit([this](const auto& x) { take(x); }, *message);
    }
  }
  void take(const welcome& in) {
    token_ = in.token;
    is_welcome = true;
    welcome_at = world_.time.now();
    say(edge_status{});
  }
  void take(const invitation& in) {
    const auto update = content();
    say(invitation_answer{in.round, 1, {}, next_letter()});
    say(update_offer{.round = in.round,
                     .example_count = 10,
                     .step_count = 1,
                     .loss = 0.5,
                     .update = {sha256(update), update.size()},
                     .letter = next_letter()});
  }
  void take(const update_grant& in) { say(update_chunk{in.round, 0}, content()); }
  void take(const receipt& in) {
    ++receipts;
    say(letters_heard{in.letter.number});
  }
  void take(const auto&) {}

  bytes content() const {
    const std::vector<float> values(world_.rules.parameter_count, 0.25F);
    const auto view = std::as_bytes(std::span(values));
    return {view.begin(), view.end()};
  }
  stamp next_letter() {
    ++letters_;
    return {letters_, letters_ - 1};
  }
  void say(edge_message message, bytes body = {}) {
    world_.net.send(side::edge, link_, encode(edge_envelope{token_, std::move(message)}),
                    shared_bytes(std::move(body)));
  }

  world& world_;
  const std::string name_;
  mailbox_id mailbox_ = 0;
  std::uint64_t link_ = 0, letters_ = 0;
  std::string token_;
};

job_rules large_job() {
  job_rules made;
  made.round = {.cohort = 100,
                .cohort_min = 50,
                .lasts_for = std::chrono::seconds(60),
                .upload_count_max = 8,
                .upload_lasts_for = std::chrono::seconds(15),
                .update_bytes = made.parameter_count * sizeof(float)};
  made.job.round_count = 3;
  made.job.wait_for = edge_count;
  made.job.cohort_min = edge_count;
  return made;
}

struct large_flock {
  std::vector<std::string> complaints;
  clockwork time{1};
  network net{time, 1, [](std::uint64_t, const link_frame&) {}};
  job_rules rules = large_job();
  ledger books{{.first_model = std::vector<float>(rules.parameter_count, 0.0F),
                .rules = rules.round,
                .honest = {}},
               [this](std::string what) { complaints.push_back(std::move(what)); }};
  world in{.time = time,
           .net = net,
           .books = books,
           .plan = {},
           .rules = rules,
           .crash = {},
           .draws = chance(1, "world"),
           .complain = [this](std::string what) { complaints.push_back(std::move(what)); },
           .note = [](std::string_view) {},
           .log_of = [](const std::string&) { return std::make_shared<silent_log>(); }};
  server_node server{time, in};
  std::vector<std::unique_ptr<light_edge>> edges;

  large_flock() {
    server.start();
    for (std::size_t i = 0; i < edge_count; ++i)
      edges.push_back(std::make_unique<light_edge>(in, fmt::format("edge-{}", i)));
  }
  ~large_flock() { server.kill(false, std::chrono::hours(1)); }

  std::ptrdiff_t welcome_count() const {
    return std::count_if(edges.begin(), edges.end(), [](const auto& x) { return x->is_welcome; });
  }
  /// How long it takes until all are enrolled; at most `enough`.
  duration until_all_are_in(duration enough) {
    const auto began = time.now();
    while (welcome_count() < std::ptrdiff_t{edge_count} && time.now() - began < enough)
      time.run([] { return false; }, time.now() + std::chrono::milliseconds(500));
    instant last{};
    for (const auto& each : edges)
      last = std::max(last, each->welcome_at);
    return last - began;
  }
};

double seconds(duration span) {
  return std::chrono::duration<double>(span).count();
}

} // namespace

TEST_CASE("ten thousand edges that return at once are all enrolled, and rounds go on") {
  const auto began = std::chrono::steady_clock::now();
  large_flock flock;
  const auto first = flock.until_all_are_in(std::chrono::minutes(5));
  CHECK(flock.welcome_count() == std::ptrdiff_t{edge_count});
  CHECK(flock.net.counters().handshakes_most <= limits::handshake_count_max);
  CHECK(flock.net.counters().turned_away > 0); // the bound was met
  flock.server.kill(true, std::chrono::seconds(5));
  for (auto& each : flock.edges)
    each->is_welcome = false; // what counts is the next welcome
  const auto again = flock.until_all_are_in(std::chrono::minutes(5));
  CHECK(again < std::chrono::minutes(1)); // 15 s until a dead link shows, and pauses of up to 10 s
  CHECK(flock.welcome_count() == std::ptrdiff_t{edge_count});
  CHECK(flock.net.counters().handshakes_most <= limits::handshake_count_max);
  flock.time.run([&] { return flock.books.is_finished(); },
                 flock.time.now() + std::chrono::minutes(5));
  CHECK(flock.books.is_finished());
  CHECK(flock.books.committed_count() == 3);
  CHECK(flock.complaints == std::vector<std::string>{});
  std::uint64_t receipts = 0;
  for (const auto& each : flock.edges)
    receipts += each->receipts;
  CHECK(receipts >= 3 * 50);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  MESSAGE("all in after " << seconds(first) << " s, and again after " << seconds(again)
                          << " s of virtual time; " << flock.net.counters().turned_away
                          << " calls turned away, at most " << flock.net.counters().handshakes_most
                          << " handshakes at once; flown in " << took.count() << " s");
}
