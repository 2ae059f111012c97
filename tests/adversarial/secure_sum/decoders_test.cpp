// Does any reader of the secure sum take bytes that nobody writes, or memory that nobody needs?
#include "adversarial/secure_sum/mangling.hpp"
#include "adversarial/secure_sum/sum_crowd.hpp"

using namespace godwit;
using namespace godwit::secure_sum;
using adversarial::mangle;

namespace {

/// Decodes with this and encodes again.
template <class Decode>
adversarial::recoding recoding_with(Decode decode) {
  return [decode](bytes_view input) -> std::optional<bytes> {
    const auto decoded = decode(input);
    if (!decoded)
      return {};
    return encode(*decoded);
  };
}

/// A whole round in profile malicious, in which every message is said.
struct whole_round {
  sum_round round{crowd_terms(profile::malicious), crowd(7)};

  whole_round() {
    round.advertise();
    round.share();
    round.mask({"edge-c"});
    round.agree();
    round.unmask();
    REQUIRE(round.opening().has_value());
  }
};

} // namespace

TEST_CASE_FIXTURE(whole_round, "terms are read in one spelling") {
  mangle("terms", round.server().encoded_terms(), recoding_with(decode_terms));
}

TEST_CASE("terms of a carried vector are read in one spelling") {
  auto rules = crowd_terms();
  rules.carried = {.set = sum_set::rk4096a, .weight_max = 1, .streams = rules.streams};
  rules.streams = key_streams(rules.carried->set);
  rules.modulus_bits = modulus_bits_for(rules.clients_max, 1, rules.streams);
  rules.lane_bits = lane_bits_for(rules.modulus_bits);
  mangle("carried terms", encode(rules), recoding_with(decode_terms));
}

TEST_CASE_FIXTURE(whole_round, "an advert is read in one spelling") {
  mangle("advert", round.at(0).advert, recoding_with(decode_advert));
}

TEST_CASE_FIXTURE(whole_round, "a roster is read in one spelling") {
  mangle("roster", round.at(0).roster, recoding_with(decode_roster));
}

TEST_CASE_FIXTURE(whole_round, "sealed shares are read in one spelling") {
  mangle("sealed_shares", round.at(0).sealed, recoding_with(decode_sealed_shares));
}

TEST_CASE_FIXTURE(whole_round, "delivered shares are read in one spelling") {
  mangle("delivered_shares", round.at(0).delivered, recoding_with(decode_delivered_shares));
}

TEST_CASE_FIXTURE(whole_round, "survivors are read in one spelling") {
  mangle("survivors", round.at(0).survivors, recoding_with(decode_survivors));
}

TEST_CASE_FIXTURE(whole_round, "an unmask request is read in one spelling") {
  mangle("unmask_request", round.at(0).request, recoding_with(decode_unmask_request));
}

TEST_CASE_FIXTURE(whole_round, "unmask shares are read in one spelling") {
  mangle("unmask_shares", round.at(0).unmasked, recoding_with(decode_unmask_shares));
}

TEST_CASE_FIXTURE(whole_round, "a list in another order, or with something twice, is none") {
  const auto is_refused = [](auto message, auto& list, auto decode) {
    REQUIRE(list(message).size() > 2);
    REQUIRE(decode(encode(message)));
    auto swapped = message;
    std::swap(list(swapped)[0], list(swapped)[1]);
    CHECK_FALSE(decode(encode(swapped)));
    auto twice = message;
    list(twice)[1] = list(twice)[0];
    CHECK_FALSE(decode(encode(twice)));
  };
  const auto& seat = round.at(0);
  const auto boxes = [](auto& x) -> auto& {
    return x.boxes;
  };
  is_refused(*decode_sealed_shares(seat.sealed), boxes, decode_sealed_shares);
  is_refused(*decode_delivered_shares(seat.delivered), boxes, decode_delivered_shares);
  const auto neighbours = [](auto& x) -> auto& {
    return x.neighbours;
  };
  is_refused(*decode_roster(seat.roster), neighbours, decode_roster);
  const auto indices = [](auto& x) -> auto& {
    return x.indices;
  };
  is_refused(*decode_survivors(seat.survivors), indices, decode_survivors);
  const auto alive = [](auto& x) -> auto& {
    return x.alive;
  };
  is_refused(*decode_unmask_request(seat.request), alive, decode_unmask_request);
  const auto signatures = [](auto& x) -> auto& {
    return x.signatures;
  };
  is_refused(*decode_unmask_request(seat.request), signatures, decode_unmask_request);
}

TEST_CASE("PLANTED: a reader with two spellings, or one that takes memory on somebody's word, is "
          "noticed") {
  const adversarial::recoding any_truth = [](bytes_view input) -> std::optional<bytes> {
    return bytes{input[0] == std::byte{0} ? std::byte{0} : std::byte{1}};
  };
  CHECK(adversarial::judge(any_truth, bytes{std::byte{1}}).is_canonical);
  CHECK_FALSE(adversarial::judge(any_truth, bytes{std::byte{2}}).is_canonical);
  const adversarial::recoding trusting = [](bytes_view input) -> std::optional<bytes> {
    bytes room(std::to_integer<std::size_t>(input[0]) << 16);
    room.assign(input.begin(), input.end());
    return room;
  };
  CHECK(adversarial::judge(trusting, bytes{std::byte{0}}).is_frugal);
  CHECK_FALSE(adversarial::judge(trusting, bytes{std::byte{1}}).is_frugal);
}
