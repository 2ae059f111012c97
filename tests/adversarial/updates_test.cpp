// Can an invited edge spoil a round with what it sends, or hold it up?
#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "adversarial/flock.hpp"

using namespace godwit;
using namespace godwit::adversarial;

namespace {

struct spoiler : infiltrated_flock {
  using infiltrated_flock::infiltrated_flock;

  /// The next refusal is about this round, is counted, and leaves the link up.
  void check_refused(std::string_view why, round_id round) {
    const auto answer = mallory.hear<refused>();
    CHECK(name(answer.why) == why);
    CHECK(answer.round == round.value);
    CHECK(answer.closes == 0);
    CHECK(answer.detail == sentence(answer.why));
    CHECK(refused_count() > 0);
    CHECK(mallory.renews_token());
  }
  /// Mallory was dropped for it; the others' updates are counted as ever.
  void check_dropped(std::string_view why) {
    check_refused(why, task.round);
    CHECK(log().wait("update.refused", {"client=mallory", "why=" + std::string(why)}));
    CHECK(mallory.count<receipt>() == 0);
    mallory.sit_out();
    check_untouched();
    CHECK(record_of("mallory", 0).outcome == why);
  }
  client_record record_of(std::string_view client, std::size_t round) {
    const auto rounds = server().rounds();
    for (const auto& one : rounds.at(round).clients)
      if (one.client == client)
        return one;
    FAIL("no record of this client");
    return {};
  }
};

bytes part_of(const bytes& update, std::ptrdiff_t offset, std::ptrdiff_t count) {
  return bytes(update.begin() + offset, update.begin() + offset + count);
}

void put(bytes& update, std::size_t index, float value) {
  std::memcpy(update.data() + index * sizeof value, &value, sizeof value);
}

} // namespace

// -- what is in the update

TEST_CASE_FIXTURE(
    spoiler,
    "a good update of a third edge counts: what follows is refused for its content alone") {
  const auto update = update_of(1.0F);
  upload(offer_of(task.round, update), update);
  mallory.hear<receipt>();
  mallory.sit_out();
  const auto rounds = finish();
  CHECK(rounds.at(0).reporters == 3);
  CHECK(record_of("mallory", 0).outcome == "reported");
  CHECK(refused_count() == 0);
}

TEST_CASE_FIXTURE(spoiler, "the wildest figures that are taken leave the status readable") {
  const auto update = update_of(127.0F);
  auto offer = offer_of(task.round, update);
  offer.loss = -limits::loss_max;
  offer.example_count = limits::example_count_max;
  offer.step_count = ~std::uint64_t{0};
  upload(offer, update);
  mallory.hear<receipt>();
  mallory.sit_out();
  finish();
  const auto seen = ask_status(address(), keys().of(role::person, "pat"), patience);
  REQUIRE(seen.has_value());
  CHECK(seen->phase == "finished");
  CHECK(std::isfinite(seen->loss));
}

TEST_CASE_FIXTURE(spoiler, "an update with a value that is no number is dropped") {
  auto update = update_of(0.5F);
  SUBCASE("NaN in the middle") {
    put(update, 4000, std::numeric_limits<float>::quiet_NaN());
  }
  SUBCASE("a signalling NaN at the end") {
    put(update, adversarial::parameter_count - 1, std::numeric_limits<float>::signaling_NaN());
  }
  SUBCASE("infinity at the beginning") {
    put(update, 0, std::numeric_limits<float>::infinity());
  }
  SUBCASE("minus infinity") {
    put(update, 77, -std::numeric_limits<float>::infinity());
  }
  upload(offer_of(task.round, update), update);
  check_dropped("value_not_finite");
}

TEST_CASE_FIXTURE(spoiler, "an update with a value out of range is dropped") {
  auto update = update_of(0.5F);
  SUBCASE("200") {
    put(update, 1234, 200.0F);
  }
  SUBCASE("the bound itself") {
    put(update, 1234, -128.0F);
  }
  SUBCASE("the largest there is") {
    put(update, 0, std::numeric_limits<float>::max());
  }
  upload(offer_of(task.round, update), update);
  check_dropped("value_out_of_range");
}

TEST_CASE_FIXTURE(spoiler, "an update of another shape is refused before it is sent") {
  bytes update;
  SUBCASE("one value less") {
    update = update_of(1.0F, adversarial::parameter_count - 1);
  }
  SUBCASE("one value more") {
    update = update_of(1.0F, adversarial::parameter_count + 1);
  }
  SUBCASE("a length that is no whole number of values") {
    update = update_of(1.0F);
    update.push_back(std::byte{0});
  }
  SUBCASE("nothing") {}
  mallory.say(offer_of(task.round, update));
  check_refused("wrong_shape", task.round);
  CHECK(mallory.count<update_grant>() == 0);
  sit_out();
  check_untouched();
}

TEST_CASE_FIXTURE(spoiler, "an update of 16 GiB is refused, and no memory taken for it") {
  auto offer = offer_of(task.round, {});
  offer.update.byte_count = limits::parameter_count_max * sizeof(float);
  mallory.say(offer);
  check_refused("wrong_shape", task.round);
  sit_out();
  check_untouched();
}

TEST_CASE_FIXTURE(spoiler, "an update that does not match its digest is dropped") {
  auto update = update_of(1.0F);
  const auto offer = offer_of(task.round, update);
  update.back() ^= std::byte{1};
  upload(offer, update);
  check_dropped("wrong_checksum");
}

// -- how it is sent

TEST_CASE_FIXTURE(spoiler, "a hole in an update is refused, and the update dropped") {
  const auto update = update_of(1.0F);
  mallory.say(offer_of(task.round, update));
  mallory.hear<update_grant>();
  mallory.say(update_chunk{task.round, 0}, part_of(update, 0, 1000));
  SUBCASE("a few values further") {
    mallory.say(update_chunk{task.round, 1004}, part_of(update, 1004, 1000));
  }
  SUBCASE("past the end") {
    mallory.say(update_chunk{task.round, ~std::uint64_t{0}}, part_of(update, 0, 1000));
  }
  check_dropped("wrong_phase");
}

TEST_CASE_FIXTURE(spoiler, "a chunk without content is refused, and the update dropped") {
  mallory.say(offer_of(task.round, update_of(1.0F)));
  mallory.hear<update_grant>();
  mallory.say(update_chunk{task.round, 0});
  check_dropped("wrong_phase");
}

TEST_CASE_FIXTURE(spoiler,
                  "chunks of an upload before are passed over: a late one, and one again") {
  const auto update = update_of(0.0F);
  mallory.say(offer_of(task.round, update));
  mallory.hear<update_grant>();
  mallory.say(update_chunk{task.round, 30'000}, part_of(update, 30'000, 1400));
  mallory.say(update_chunk{task.round, 0}, part_of(update, 0, 20'000));
  mallory.say(update_chunk{task.round, 0}, part_of(update, 0, 20'000));
  mallory.say(update_chunk{task.round, 20'000}, part_of(update, 20'000, 11'400));
  mallory.hear<receipt>();
  mallory.sit_out();
  CHECK(finish().at(0).reporters == 3);
  CHECK(refused_count() == 0);
}

TEST_CASE_FIXTURE(
    spoiler,
    "a chunk that is longer than the rest of the update is refused, and the update dropped") {
  const auto update = update_of(1.0F);
  auto longer = update;
  longer.push_back(std::byte{0});
  upload(offer_of(task.round, update), longer);
  check_dropped("too_large");
}

TEST_CASE_FIXTURE(spoiler, "chunks that nobody asked for are refused") {
  SUBCASE("without an offer") {}
  SUBCASE("without a grant") {
    auto offer = offer_of(task.round, update_of(1.0F));
    offer.update.byte_count = 4;
    mallory.say(offer);
    CHECK(mallory.hear_refusal() == "wrong_shape");
  }
  mallory.say(update_chunk{task.round, 0}, update_of(1.0F));
  check_refused("not_invited", task.round);
  sit_out();
  check_untouched();
}

TEST_CASE_FIXTURE(spoiler, "an update is counted once, however often it is offered") {
  const auto update = update_of(0.0F);
  const auto offer = offer_of(task.round, update);
  upload(offer, update);
  mallory.hear<receipt>();
  mallory.say(offer);
  check_refused("duplicate", task.round);
  mallory.say(update_chunk{task.round, 0}, update); // behind the grant it is passed over
  mallory.sit_out();
  CHECK(mallory.count<receipt>() == 0);
  const auto rounds = finish();
  CHECK(rounds.at(0).reporters == 3);
}

// -- for what, and with which weight

TEST_CASE_FIXTURE(spoiler,
                  "an offer that states what cannot be closes the link, and the edge is dropped") {
  auto offer = offer_of(task.round, update_of(1.0F));
  SUBCASE("no example") {
    offer.example_count = 0;
  }
  SUBCASE("more examples than there may be") {
    offer.example_count = limits::example_count_max + 1;
  }
  SUBCASE("2^64 - 1 examples") {
    offer.example_count = ~std::uint64_t{0};
  }
  SUBCASE("a loss that is no number") {
    offer.loss = std::numeric_limits<double>::quiet_NaN();
  }
  SUBCASE("a loss that would make every mean infinite") {
    offer.loss = 1e308;
  }
  SUBCASE("a length that no update can have") {
    offer.update.byte_count = 8 * (limits::parameter_count_max + 1);
  }
  mallory.say(offer);
  CHECK(mallory.hear_refusal() == "malformed");
  CHECK(contains(mallory.hear_end(), "malformed"));
  CHECK(refused_count() == 1);
  CHECK(log().wait("edge.left", {"client=mallory"}));
  check_untouched();
  CHECK(record_of("mallory", 0).outcome == "connection lost");
}

TEST_CASE_FIXTURE(spoiler, "an answer for a wrong round is refused") {
  for (const std::uint64_t round : {std::uint64_t{0}, task.round.value + 1, ~std::uint64_t{0}}) {
    mallory.say(invitation_answer{.round = {round}, .accepts = 1, .reason = {}});
    check_refused("wrong_round", {round});
  }
  mallory.say(invitation_answer{.round = task.round, .accepts = 1, .reason = {}}); // a second time
  check_refused("duplicate", task.round);
  sit_out();
  check_untouched();
}

TEST_CASE_FIXTURE(spoiler, "an update for a round that is over is refused") {
  sit_out();
  work().open(1);
  work().wait_for(4); // both honest edges train in the second round
  mallory.say(offer_of(task.round, update_of(1.0F)));
  check_refused("wrong_round", task.round);
  mallory.say(invitation_answer{.round = task.round, .accepts = 1, .reason = {}});
  check_refused("wrong_round", task.round);
  mallory.say(evaluation_report{
      .round = task.round, .example_count = 10, .correct_count = 10, .loss_sum = 0});
  const auto answer = mallory.hear<refused>();
  CHECK(name(answer.why) == "wrong_phase");
  check_untouched();
}

TEST_CASE_FIXTURE(flock_in_training, "an edge that is not invited cannot take part") {
  hostile_edge mallory(port(), keys().edge("mallory"));
  mallory.enrol();
  mallory.sit_out();
  const round_id open{1};
  mallory.say(invitation_answer{.round = open, .accepts = 1, .reason = {}});
  CHECK(mallory.hear_refusal() == "not_invited");
  mallory.say(offer_of(open, update_of(1.0F)));
  CHECK(mallory.hear_refusal() == "not_invited");
  mallory.say(update_chunk{open, 0}, update_of(1.0F));
  CHECK(mallory.hear_refusal() == "not_invited");
  CHECK(refused_count() == 3);
  check_untouched();
}

// -- and never ends

TEST_CASE(
    "an edge that stalls in the middle of its upload costs the round no more than its deadline") {
  using namespace std::chrono_literals;
  spoiler here(flock_plan{.wait_for = 3, .deadline = 6s});
  const auto update = update_of(1.0F);
  here.mallory.say(offer_of(here.task.round, update));
  here.mallory.hear<update_grant>();
  here.mallory.say(update_chunk{here.task.round, 0}, part_of(update, 0, 1000));
  here.mallory.sit_out();
  here.check_untouched(); // the others' uploads went on beside it
  CHECK(here.record_of("mallory", 0).outcome == "deadline passed");
  CHECK(here.server().rounds().at(0).collecting_seconds < 10.0);
  // What it sends of that round afterwards is passed over.
  here.mallory.say(update_chunk{here.task.round, 1000}, bytes(update.begin() + 1000, update.end()));
  CHECK(here.mallory.renews_token());
}
