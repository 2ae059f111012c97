// When is a letter sent, sent again, taken, acknowledged, dropped?
#include <string>

#include <doctest/doctest.h>

#include <godwit/actors/machines/mailbox.hpp>

using namespace godwit;
using namespace godwit::mailbox;
using namespace std::chrono_literals;

namespace {

bytes content_of(std::size_t size) {
  return bytes(size, std::byte{7});
}

/// "3<2 4<3": the numbers, each with the one that it says is before it.
std::string text(const std::vector<departure>& letters) {
  std::string out;
  for (const auto& one : letters) {
    out += out.empty() ? "" : " ";
    out += std::to_string(one.place.number) + "<" + std::to_string(one.place.previous);
  }
  return out;
}

std::string text(const result<std::vector<departure>>& letters) {
  return letters ? text(*letters) : std::string(name(letters.why()));
}

std::string text(const std::vector<drop>& dropped) {
  std::string out;
  for (const auto& one : dropped) {
    out += out.empty() ? "" : " ";
    out += std::to_string(one.number) + ":" + std::string(name(one.why));
  }
  return out;
}

std::string text(const result<verdict>& taken) {
  constexpr const char* names[] = {"fresh", "anew", "known", "gap"};
  return taken ? names[static_cast<int>(*taken)] : std::string(name(taken.why()));
}

/// A mailbox with `count` durable letters of 10 bytes, put at 0.
outgoing filled(const plan& rules, std::uint64_t count) {
  outgoing box(rules);
  for (std::uint64_t i = 0; i < count; ++i)
    box.put(1, content_of(10), 0s);
  box.stored(count, 0s);
  return box;
}

} // namespace

TEST_CASE("a letter leaves when it is durable and the link is there, and not before") {
  const plan rules;
  outgoing box(rules);
  CHECK(text(box.connected(0, 0s)) == "");
  CHECK(box.put(5, content_of(3), 0s).number == 1);
  CHECK(box.put(6, content_of(4), 0s).number == 2);
  CHECK(text(box.look_after(1s).again) == "");
  const auto first = box.stored(1, 1s);
  REQUIRE(text(first) == "1<0");
  CHECK(first[0].kind == 5);
  CHECK(first[0].content == content_of(3));
  CHECK(text(box.stored(2, 1s)) == "2<1");

  outgoing cut(rules);
  cut.put(5, content_of(3), 0s);
  CHECK(text(cut.stored(1, 0s)) == "");
  CHECK(text(cut.connected(0, 0s)) == "1<0");
}

TEST_CASE(
    "no more letters than the window's are on their way, and an acknowledgement moves it on") {
  plan rules;
  rules.window_count = 3;
  auto box = filled(rules, 5);
  CHECK(text(box.connected(0, 0s)) == "1<0 2<1 3<2");
  CHECK(text(box.heard(0, 0s)) == "");
  CHECK(text(box.heard(2, 0s)) == "4<3 5<4");
  CHECK(text(box.heard(2, 0s)) == "");
  CHECK(text(box.heard(1, 0s)) == ""); // an old one that came late
  CHECK(box.pending_count() == 3);
  CHECK(text(box.heard(5, 0s)) == "");
  CHECK(box.pending_count() == 0);
  CHECK(box.pending_bytes() == 0);
}

TEST_CASE("no more bytes than the window's are on their way, but always one letter") {
  plan rules;
  rules.window_bytes = 25;
  auto box = filled(rules, 3);
  CHECK(text(box.connected(0, 0s)) == "1<0 2<1");
  CHECK(text(box.heard(1, 0s)) == "3<2");

  outgoing large(rules);
  large.put(1, content_of(26), 0s);
  large.put(1, content_of(1), 0s);
  large.stored(2, 0s);
  CHECK(text(large.connected(0, 0s)) == "1<0");
  CHECK(text(large.heard(1, 0s)) == "2<0");
}

TEST_CASE("a reconnect sends again from the oldest that the other end has not acknowledged") {
  const plan rules;
  auto box = filled(rules, 4);
  CHECK(text(box.connected(0, 0s)) == "1<0 2<1 3<2 4<3");
  box.disconnected();
  CHECK(box.in_flight_count() == 0);
  box.put(1, content_of(1), 1s);
  CHECK(text(box.stored(5, 1s)) == "");
  CHECK(text(box.connected(2, 1s)) == "3<0 4<3 5<4");
}

TEST_CASE("an acknowledgement of what was never sent is refused and changes nothing") {
  const plan rules;
  auto box = filled(rules, 2);
  box.put(1, content_of(1), 0s); // 3 is not durable: nobody can have it
  CHECK(text(box.connected(3, 0s)) == "malformed");
  CHECK(box.pending_count() == 3);
  CHECK(text(box.stored(2, 0s)) == ""); // and the link does not count as there
  CHECK(text(box.connected(2, 0s)) == "");
  CHECK(text(box.heard(3, 0s)) == "malformed");
  CHECK(text(box.heard(~std::uint64_t{0}, 0s)) == "malformed");
  CHECK(box.pending_count() == 1);
  CHECK(text(box.stored(3, 0s)) == "3<0");
  CHECK(text(box.heard(3, 0s)) == "");
}

TEST_CASE("what was not acknowledged for long is sent again, what has just been sent is not") {
  plan rules;
  rules.window_count = 3;
  auto box = filled(rules, 4);
  CHECK_FALSE(outgoing(rules).wake_at());
  CHECK(box.wake_at() == rules.age_max);
  box.connected(0, 5s).value();
  CHECK(box.wake_at() == 5s + again_after);
  box.heard(1, 6s).value(); // 4 leaves now
  CHECK(text(box.look_after(5s + again_after - 1ns).again) == "");
  CHECK(text(box.look_after(5s + again_after).again) == "2<0 3<2");
  CHECK(box.wake_at() == 6s + again_after);
  CHECK(text(box.look_after(6s + again_after).again) == "4<3");
  box.disconnected();
  CHECK(text(box.look_after(200s).again) == "");
  CHECK(box.wake_at() == rules.age_max);
}

TEST_CASE("above the count the oldest is dropped and reported, and the next one can be taken") {
  plan rules;
  rules.count_max = 3;
  auto box = filled(rules, 3);
  box.connected(0, 0s).value();
  incoming other;
  const auto fourth = box.put(1, content_of(1), 0s);
  CHECK(fourth.number == 4);
  CHECK(text(fourth.dropped) == "1:too_many");
  CHECK(box.pending_count() == 3);
  CHECK(text(box.stored(4, 0s)) == "4<3");
  // 1 was lost on the way: 2 as it was sent before cannot be taken, as it is sent now it can.
  CHECK(text(other.take(9, {2, 1})) == "gap");
  CHECK(text(box.connected(0, 1s)) == "2<0 3<2 4<3");
  CHECK(text(other.take(9, {2, 0})) == "anew");
}

TEST_CASE("above the bytes the oldest are dropped, at the bound nothing is") {
  plan rules;
  rules.bytes_max = 30;
  auto box = filled(rules, 3);
  CHECK(box.pending_bytes() == 30);
  CHECK(text(box.put(1, content_of(0), 0s).dropped) == "");
  CHECK(text(box.put(1, content_of(11), 0s).dropped) == "1:too_many_bytes 2:too_many_bytes");
  CHECK(box.pending_bytes() == 21);
  CHECK(text(box.put(1, content_of(30), 0s).dropped) ==
        "3:too_many_bytes 4:too_many_bytes 5:too_many_bytes");
  CHECK(box.pending_count() == 1);
}

TEST_CASE("what is too old is dropped, and what has waited for less is not") {
  plan rules;
  rules.age_max = 1h;
  auto box = filled(rules, 2);
  box.put(1, content_of(10), 1min);
  CHECK(box.wake_at() == 1h);
  CHECK(text(box.look_after(1h - 1ns).dropped) == "");
  CHECK(text(box.look_after(1h).dropped) == "1:too_old 2:too_old");
  CHECK(box.wake_at() == 1h + 1min);
  CHECK(text(box.put(1, content_of(10), 2h).dropped) == "3:too_old");
}

TEST_CASE("room in the window that a drop makes is used") {
  plan rules;
  rules.window_count = 2;
  rules.age_max = 1h;
  outgoing box(rules);
  box.put(1, content_of(1), 0s);
  box.put(1, content_of(1), 0s);
  box.put(1, content_of(1), 1min);
  box.stored(3, 1min);
  CHECK(text(box.connected(0, 1h - 1s)) == "1<0 2<1");
  const auto now = box.look_after(1h);
  CHECK(text(now.dropped) == "1:too_old 2:too_old");
  CHECK(text(now.again) == "3<0");
}

TEST_CASE("a restart goes on with the letters that were durable, and gives no number twice") {
  const plan rules;
  outgoing_past past;
  past.newest = 9;
  past.acknowledged = 5;
  for (const std::uint64_t number : {4, 5, 6, 8})
    past.letters.push_back({number, 1, content_of(10), 0s});
  outgoing box(rules, past);
  CHECK(box.pending_count() == 2);
  CHECK(box.pending_bytes() == 20);
  CHECK(text(box.connected(5, 0s)) == "6<0 8<6");
  CHECK(box.put(1, content_of(1), 0s).number == 10);
  CHECK(text(box.stored(10, 0s)) == "10<8");

  outgoing emptied(rules, {.letters = {}, .newest = 9, .acknowledged = 9});
  CHECK(emptied.put(1, content_of(1), 0s).number == 10);
  outgoing only_acknowledged(rules, {.letters = {}, .newest = 0, .acknowledged = 9});
  CHECK(only_acknowledged.put(1, content_of(1), 0s).number == 10);
}

TEST_CASE("what is over the bounds after a restart is dropped by the first look") {
  plan rules;
  rules.count_max = 1;
  outgoing_past past;
  for (const std::uint64_t number : {1, 2})
    past.letters.push_back({number, 1, content_of(10), 0s});
  outgoing box(rules, past);
  CHECK(text(box.look_after(0s).dropped) == "1:too_many");
  CHECK(text(box.look_after(0s).dropped) == "");
}

TEST_CASE("a long queue is forgotten letter by letter in order") {
  plan rules;
  rules.window_count = 1;
  auto box = filled(rules, 1000);
  CHECK(text(box.connected(0, 0s)) == "1<0");
  for (std::uint64_t i = 1; i < 1000; ++i) {
    REQUIRE(text(box.heard(i, 0s)) == std::to_string(i + 1) + "<0");
    REQUIRE(box.pending_bytes() == 10 * (1000 - i));
  }
}

TEST_CASE("a letter is taken once: fresh the first time, known from then on") {
  incoming box;
  CHECK(text(box.take(9, {1, 0})) == "anew");
  CHECK(text(box.take(9, {2, 1})) == "fresh");
  CHECK(text(box.take(9, {2, 1})) == "known");
  CHECK(text(box.take(9, {1, 0})) == "known");
  CHECK(box.heard() == 2);
}

TEST_CASE("a letter behind a missing one is ignored, one behind a dropped one is taken") {
  incoming box(9, 3);
  CHECK(text(box.take(9, {5, 4})) == "gap");
  CHECK(box.heard() == 3);
  CHECK(text(box.take(9, {5, 3})) == "fresh");
  CHECK(text(box.take(9, {9, 0})) == "fresh");
  CHECK(text(box.take(9, {8, 5})) == "known"); // dropped by the sender before 9 left, and late
}

TEST_CASE("a letter is acknowledged when its effect is durable, and not when it is taken") {
  incoming box;
  box.take(9, {1, 0}).value();
  box.take(9, {2, 1}).value();
  CHECK(box.acknowledgement(9) == 0);
  box.kept(9, 1);
  CHECK(box.acknowledgement(9) == 1);
  box.kept(9, 2);
  CHECK(box.acknowledgement(9) == 2);
  box.kept(9, 1);
  CHECK(box.acknowledgement(9) == 2);
  box.kept(9, 3); // nobody has taken it
  CHECK(box.acknowledgement(9) == 2);
}

TEST_CASE("what was taken and not durable is taken again after a crash, what was durable is not") {
  incoming box(9, 1);
  box.take(9, {2, 1}).value();
  incoming again(box.id(), box.acknowledgement(9));
  CHECK(text(again.take(9, {1, 0})) == "known");
  CHECK(text(again.take(9, {2, 1})) == "fresh");
}

TEST_CASE("a mailbox of another id begins anew, with a letter that may be taken") {
  incoming box(9, 5);
  CHECK(box.acknowledgement(8) == 0);
  CHECK(text(box.take(8, {2, 1})) == "gap");
  CHECK(box.id() == 9);
  CHECK(box.acknowledgement(9) == 5);
  CHECK(text(box.take(8, {1, 0})) == "anew");
  CHECK(box.acknowledgement(8) == 0);
  CHECK(box.acknowledgement(9) == 0);
  box.kept(9, 5); // the disk is done with the former mailbox's
  CHECK(box.acknowledgement(8) == 0);
  box.kept(8, 1);
  CHECK(box.acknowledgement(8) == 1);
}

TEST_CASE("a stamp that cannot be is refused and changes nothing") {
  incoming box(9, 5);
  CHECK(text(box.take(0, {6, 5})) == "malformed");
  CHECK(text(box.take(9, {0, 0})) == "malformed");
  CHECK(text(box.take(9, {6, 6})) == "malformed");
  CHECK(text(box.take(9, {6, 7})) == "malformed");
  CHECK(text(box.take(8, {6, 7})) == "malformed");
  CHECK(box.heard() == 5);
  CHECK(text(box.take(9, {6, 5})) == "fresh");
}
