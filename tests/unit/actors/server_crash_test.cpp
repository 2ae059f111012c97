// Does the same round go on when the server is killed, at whatever moment?
#include <chrono>
#include <string>

#include <doctest/doctest.h>

#include "server_stage.hpp"

using namespace godwit;
using namespace std::chrono_literals;

namespace {

/// Over the links 11, 12, 13, after a crash.
void all_return(flight& f) {
  for (std::uint64_t link = 1; link <= 3; ++link)
    f.token[link] = f.enrols(link + 10, std::string(1, static_cast<char>('a' + link - 1)));
}

} // namespace

TEST_CASE("killed in mid-round, a server goes on with the same round and keeps what it counted") {
  flight f;
  f.reports(1, f.token[1], {1}, 1.0F);
  f.says(2, f.token[2], invitation_answer{{1}, 1, {}});
  f.crashes();
  CHECK(f.log->count("round.resumed") == 1);
  all_return(f);
  CHECK(f.hears_receipt(11).round == round_id{1}); // it has not said that it heard it
  CHECK(f.hears_nothing(11));
  CHECK(f.hears<invitation>(12).round == round_id{1});
  CHECK(f.hears<invitation>(13).round == round_id{1});
  f.delivers(12, f.token[2], {1}, 2.0F);
  f.reports(13, f.token[3], {1}, 6.0F);
  REQUIRE(f.store->saved.size() == 1);
  CHECK(f.store->saved[0].parameters == std::vector<float>(4, 3.0F));
  CHECK(f.observer->rounds.at(0).end.cohort.at({"a"}).at == round::progress::reported);
}

TEST_CASE("an offer that was taken is granted again after a crash, without being said again") {
  flight f;
  const auto update = f.update_of(2.0F);
  f.says(1, f.token[1], server_stage::offer_of({1}, update));
  f.hears<update_grant>(1);
  f.pass(100ms); // it is written down
  f.crashes();
  all_return(f);
  CHECK(f.hears<update_grant>(11).round == round_id{1});
  f.uploads(11, f.token[1], {1}, update);
  CHECK(f.hears_receipt(11).round == round_id{1});
}

TEST_CASE("a letter has its effect once, however often it comes and whatever is killed between") {
  flight f;
  const auto update = f.update_of(2.0F);
  auto offer = server_stage::offer_of({1}, update);
  offer.letter = {1, 0};
  f.says(1, f.token[1], offer);
  f.hears<update_grant>(1);
  f.pass(100ms); // nothing but the acknowledgement waits for the disk
  CHECK(f.hears<letters_taken>(1).number == 1);
  f.says(1, f.token[1], offer);
  CHECK(f.hears<letters_taken>(1).number == 1);
  CHECK(f.hears_nothing(1));
  f.crashes();
  f.connects(11, "a");
  f.says(11, "", f.greeting("a"));
  CHECK(f.hears<welcome>(11).heard == 1);
}

TEST_CASE("a letter that is refused is acknowledged, and refused by letter") {
  flight f;
  auto answer = invitation_answer{{9}, 1, {}};
  answer.letter = {1, 0};
  f.says(1, f.token[1], answer);
  f.pass(100ms);
  const auto no = f.hears<refused>(1);
  CHECK(no.why == refusal::wrong_round);
  CHECK(no.letter == stamp{1, 0});
  CHECK(f.hears<letters_taken>(1).number == 1);
  f.says(1, f.token[1], letters_heard{1});
  f.says(1, f.token[1], letters_heard{2});
  CHECK(f.hears_refusal(1) == "malformed");
}

TEST_CASE("a server that is killed while its disk writes the end of a round ends it once") {
  flight f;
  f.store->is_full = true;
  for (std::uint64_t link = 1; link <= 3; ++link)
    f.reports(link, f.token[link], {1}, 1.0F);
  f.crashes();
  f.store->is_full = false;
  f.pass(1s);
  REQUIRE(f.store->saved.size() == 1);
  CHECK(f.store->saved[0].round == round_id{1});
  CHECK(f.store->saved[0].parameters == std::vector<float>(4, 1.0F));
}

TEST_CASE("downtime does not count against the deadline, and crashes do not move it") {
  flight f;
  f.reports(1, f.token[1], {1}, 1.0F);
  f.reports(2, f.token[2], {1}, 1.0F);
  f.pass(40s);
  f.crashes();
  f.pass(19s);
  CHECK(f.store->saved.empty());
  f.pass(1s);
  REQUIRE(f.store->saved.size() == 1);
  CHECK(f.store->saved[0].round == round_id{1});
  CHECK(f.store->saved[0].committed_count == 1);
}

TEST_CASE("what lies before the checkpoint of a later round is passed over") {
  flight f;
  f.reports(1, f.token[1], {1}, 1.0F);
  const auto old = f.journal->records;
  f.reports(2, f.token[2], {1}, 1.0F);
  f.reports(3, f.token[3], {1}, 1.0F);
  REQUIRE(f.store->saved.size() == 1);
  f.journal->records = old; // the crash came between the checkpoint and the journal's new start
  f.crashes();
  CHECK(f.log->count("round.resumed") == 0);
  all_return(f);
  for (std::uint64_t link = 11; link <= 13; ++link) {
    CHECK(f.hears_receipt(link).round == round_id{1});
    CHECK(f.hears<round_closed>(link).round == round_id{1});
    CHECK(f.hears<invitation>(link).round == round_id{2});
  }
}

TEST_CASE("a name stays bound over a crash, from its first welcome on") {
  server_stage s;
  s.enrols(1, "a");
  s.crashes();
  s.tell(s.roles->gateway, link_opened{2, role::edge, "a", sha256(as_bytes("other")), "10.0.0.2"});
  s.says(2, "", s.greeting("a"));
  CHECK(s.hears_refusal(2) == "identity_mismatch closes");
}

TEST_CASE("what is written behind a journal that was passed over is found at the next start") {
  flight f;
  for (std::uint64_t link = 1; link <= 3; ++link)
    f.reports(link, f.token[link], {1}, 1.0F);
  REQUIRE(f.store->saved.size() == 1);
  // Nothing was written since the checkpoint: the journal ends with the round before it.
  std::erase_if(f.journal->records, [](const journal_record& each) {
    const auto line = decode_server_line(each.head);
    return std::holds_alternative<written::round_opened>(line->what) &&
           std::get<written::round_opened>(line->what).round == round_id{2};
  });
  std::erase_if(f.journal->records, [](const journal_record& each) {
    return std::holds_alternative<written::journal_began>(decode_server_line(each.head)->what);
  });
  f.crashes();
  all_return(f);
  for (std::uint64_t link = 11; link <= 13; ++link) {
    CHECK(f.hears_receipt(link).round == round_id{1});
    CHECK(f.hears<round_closed>(link).round == round_id{1});
    CHECK(f.hears<invitation>(link).round == round_id{2});
  }
  f.reports(11, f.token[1], {2}, 1.0F);
  f.crashes();
  CHECK(f.log->count("round.resumed") == 1);
  f.token[2] = f.enrols(22, "b");
  CHECK(f.hears_receipt(22).round == round_id{1});
  CHECK(f.hears<round_closed>(22).round == round_id{1});
  CHECK(f.hears<invitation>(22).round == round_id{2});
}
