// Is every token refused but the one that this server gave to this edge, and which has not ended?
#include <chrono>
#include <string>

#include <godwit/privacy/token.hpp>

#include "adversarial/flock.hpp"

using namespace godwit;
using namespace godwit::adversarial;
using namespace std::chrono_literals;

namespace {

token_signer signer_of(std::string_view seed) {
  const auto raw = as_bytes(seed);
  auto made = token_signer::create(secret(bytes(raw.begin(), raw.end())));
  REQUIRE(made.has_value());
  return std::move(*made);
}

/// An enrolled edge that has stolen the server's signing seed, so that it can make any token.
struct token_thief : flock_in_training {
  hostile_edge mallory{port(), keys().edge("mallory")};
  token_claims claims;

  token_thief() {
    mallory.enrol();
    mallory.sit_out();
    claims.issuer = claims.audience = "hub";
    claims.subject = mallory.who();
    claims.issued_at = claims.valid_from = now() - 60s;
    claims.expires_at = now() + 600s;
    claims.id = make_token_id();
  }
  std::string signed_claims() const {
    return signer_of(read_whole(folder() / "state" / "token.seed")).issue(claims);
  }

  /// Presents a token with something that is granted to any enrolled edge.
  void check_refused(const std::string& token, std::string_view why) {
    const auto good = mallory.token();
    const auto before = refused_count();
    mallory.present(token);
    mallory.say(token_renewal{});
    const auto answer = mallory.hear<refused>();
    CHECK(name(answer.why) == why);
    CHECK(answer.closes == 0);
    CHECK(answer.detail == sentence(answer.why));
    CHECK(refused_count() == before + 1);
    CHECK(log().wait("message.refused", {"peer=mallory", "why=" + std::string(why)}));
    CHECK(mallory.count<token_grant>() == 0);
    mallory.present(good); // the link is still up, and the good one still good
    CHECK(mallory.renews_token());
  }
};

} // namespace

TEST_CASE_FIXTURE(token_thief,
                  "a token made with the server's own key and the right claims is taken") {
  mallory.present(signed_claims());
  CHECK(mallory.renews_token());
  CHECK(refused_count() == 0);
  check_untouched();
}

TEST_CASE_FIXTURE(token_thief, "an expired token is refused") {
  claims.expires_at = now() - 1s;
  check_refused(signed_claims(), "token_expired");
  check_untouched();
}

TEST_CASE_FIXTURE(token_thief, "a token that ends while the link is up is refused from then on") {
  claims.expires_at = now() + 1s;
  mallory.present(signed_claims());
  const auto give_up = std::chrono::steady_clock::now() + patience;
  while (mallory.renews_token() && std::chrono::steady_clock::now() < give_up) {
  }
  CHECK(mallory.hear_refusal() == "token_expired");
  check_untouched();
}

TEST_CASE_FIXTURE(token_thief, "a token that is not valid yet is refused") {
  claims.valid_from = now() + 300s;
  check_refused(signed_claims(), "token_not_yet");
  check_untouched();
}

TEST_CASE_FIXTURE(token_thief, "a token for another server is refused") {
  claims.audience = "hub-2";
  check_refused(signed_claims(), "token_audience");
  check_untouched();
}

TEST_CASE_FIXTURE(token_thief, "a token for somebody else is refused") {
  SUBCASE("another edge") {
    claims.subject.name = "ann";
  }
  SUBCASE("another edge with its own certificate") {
    claims.subject = identity_in(keys().edge("ann"));
  }
  SUBCASE("the same name with another certificate") {
    claims.subject = identity_in(keys().second(role::edge, "mallory"));
  }
  SUBCASE("a person") {
    claims.subject.role = role::person;
  }
  SUBCASE("a server") {
    claims.subject.role = role::server;
  }
  check_refused(signed_claims(), "token_subject");
  check_untouched();
}

TEST_CASE_FIXTURE(token_thief, "a token that was issued to another edge is refused here") {
  hostile_edge carol(port(), keys().edge("carol"));
  const auto stolen = carol.enrol().token;
  carol.sit_out();
  check_refused(stolen, "token_subject");
  check_untouched();
}

TEST_CASE_FIXTURE(token_thief, "a forged token is refused") {
  SUBCASE("signed with another key") {
    check_refused(signer_of(std::string(signing_seed_bytes, 'x')).issue(claims), "token_forged");
  }
  SUBCASE("with the claims of another token") {
    const auto first = signed_claims();
    claims.expires_at += 3600s;
    const auto second = signed_claims();
    check_refused(second.substr(0, second.rfind('.')) + first.substr(first.rfind('.')),
                  "token_forged");
  }
  SUBCASE("unsigned, and saying so") { // {"alg":"none"}
    const auto token = signed_claims();
    check_refused("eyJhbGciOiJub25lIn0" +
                      token.substr(token.find('.'), token.rfind('.') - token.find('.')) + ".",
                  "token_malformed");
  }
  check_untouched();
}

TEST_CASE_FIXTURE(token_thief, "a missing token, and what is none, is refused") {
  SUBCASE("nothing") {
    check_refused("", "token_malformed");
  }
  SUBCASE("dots") {
    check_refused("..", "token_malformed");
  }
  SUBCASE("two thousand letters") {
    check_refused(std::string(2000, 'a'), "token_malformed");
  }
  check_untouched();
}

TEST_CASE_FIXTURE(token_thief, "a token longer than any closes the link") {
  mallory.present(std::string(limits::token_length_max + 1, 'a'));
  mallory.say(token_renewal{});
  CHECK(mallory.hear_refusal() == "too_large");
  CHECK(contains(mallory.hear_end(), "too_large"));
  check_untouched();
}

TEST_CASE_FIXTURE(infiltrated_flock, "an update under a forged token does not count") {
  const auto update = update_of(1.0F);
  const auto good = mallory.token();
  mallory.present(good.substr(0, good.size() - 8) + "AAAAAAAA");
  mallory.say(offer_of(task.round, update));
  CHECK(mallory.hear_refusal() == "token_forged");
  mallory.say(update_chunk{.round = task.round, .offset = 0}, update);
  CHECK(mallory.hear_refusal() == "token_forged");
  CHECK(mallory.count<update_grant>() == 0);
  mallory.present(good);
  sit_out();
  check_untouched();
}
