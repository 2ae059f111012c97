// Is a token taken from whom it was made for, and refused, with its reason, from everybody else?
#include <godwit/privacy/token.hpp>

#include <chrono>
#include <random>
#include <string>
#include <utility>

#include <doctest/doctest.h>

#include <godwit/messages/limits.hpp>
#include <godwit/privacy/base64url.hpp>
#include <godwit/privacy/digest.hpp>

using namespace godwit;
using namespace std::chrono_literals;

namespace {

constexpr unix_seconds noon{1'800'000'000};
constexpr std::string_view our_header = R"({"alg":"EdDSA","typ":"JWT"})";

secret seed(std::byte filling) {
  return secret(bytes(signing_seed_bytes, filling));
}

token_signer signer() {
  auto made = token_signer::create(seed(std::byte{1}));
  REQUIRE(made);
  return *std::move(made);
}

peer_identity edge_7() {
  return {role::edge, "edge-7", sha256(as_bytes("edge-7's certificate"))};
}

token_claims claims() {
  return {.issuer = "north",
          .audience = "north-1",
          .subject = edge_7(),
          .issued_at = noon,
          .valid_from = noon,
          .expires_at = noon + 900s,
          .id = "0123456789abcdefghijkl"};
}

token_expectation expectation(unix_seconds now = noon + 1s) {
  return {.audience = "north-1", .presenter = edge_7(), .now = now};
}

/// A token of these two JSON texts with a genuine signature by the signer's own key.
std::string sign(std::string_view header, std::string_view payload) {
  auto key = signing_key::from_seed(seed(std::byte{1}));
  REQUIRE(key);
  std::string token =
      base64url_encode(as_bytes(header)) + "." + base64url_encode(as_bytes(payload));
  return token + "." + base64url_encode(key->sign(as_bytes(token)));
}

std::string payload_of(const std::string& token) {
  const auto begin = token.find('.') + 1;
  return as_text(base64url_decode(token.substr(begin, token.rfind('.') - begin)).value());
}

std::string replaced(std::string text, std::string_view what, std::string_view by) {
  const auto at = text.find(what);
  REQUIRE(at != std::string::npos);
  return text.replace(at, what.size(), by);
}

refusal why_refused(const token_signer& by, std::string_view token,
                    const token_expectation& expected = expectation()) {
  const auto read = by.verify(token, expected);
  REQUIRE_FALSE(read);
  return read.why();
}

} // namespace

TEST_CASE("a token says to its server what was put into it") {
  const auto by = signer();
  const auto token = by.issue(claims());
  CHECK(token.size() <= limits::token_length_max / 2);
  const auto read = by.verify(token, expectation());
  REQUIRE(read);
  CHECK(*read == claims());
}

TEST_CASE("a token is a JWT with the registered claims and the certificate's thumbprint") {
  const auto token = signer().issue(claims());
  CHECK(token.starts_with("eyJhbGciOiJFZERTQSIsInR5cCI6IkpXVCJ9."));
  const auto payload = payload_of(token);
  for (std::string_view part :
       {R"("iss":"north")", R"("aud":"north-1")", R"("sub":"edge-7")", R"("role":"edge")",
        R"("iat":1800000000)", R"("nbf":1800000000)", R"("exp":1800000900)",
        R"("jti":"0123456789abcdefghijkl")", R"("cnf":{"x5t#S256":")"})
    CHECK(payload.find(part) != std::string::npos);
  CHECK(payload.find(base64url_encode(edge_7().fingerprint)) != std::string::npos);
}

TEST_CASE("a token holds until the second of its expiry, and not in it") {
  const auto by = signer();
  const auto token = by.issue(claims());
  CHECK(by.verify(token, expectation(noon + 899s)));
  CHECK(why_refused(by, token, expectation(noon + 900s)) == refusal::token_expired);
  CHECK(why_refused(by, token, expectation(noon + 24h)) == refusal::token_expired);
}

TEST_CASE("a token may begin half a minute ahead of the clock, and no more") {
  const auto by = signer();
  const auto token = by.issue(claims());
  CHECK(by.verify(token, expectation(noon - 30s)));
  CHECK(why_refused(by, token, expectation(noon - 31s)) == refusal::token_not_yet);
}

TEST_CASE("a token for another server is refused") {
  auto expected = expectation();
  expected.audience = "south-1";
  CHECK(why_refused(signer(), signer().issue(claims()), expected) == refusal::token_audience);
}

TEST_CASE("a token of another edge, another role or another certificate is refused") {
  const auto by = signer();
  const auto token = by.issue(claims());
  auto other_edge = expectation();
  other_edge.presenter.name = "edge-8";
  CHECK(why_refused(by, token, other_edge) == refusal::token_subject);
  auto other_role = expectation();
  other_role.presenter.role = role::person;
  CHECK(why_refused(by, token, other_role) == refusal::token_subject);
  auto other_certificate = expectation();
  other_certificate.presenter.fingerprint.back() ^= std::byte{1};
  CHECK(why_refused(by, token, other_certificate) == refusal::token_subject);
}

TEST_CASE("a token that another key signed is forged") {
  auto other = token_signer::create(seed(std::byte{2}));
  REQUIRE(other);
  CHECK(why_refused(signer(), other->issue(claims())) == refusal::token_forged);
}

TEST_CASE("of several faults, the first in the documented order is the answer") {
  const auto by = signer();
  auto expected = expectation(noon + 24h); // expired, and for another server, and another edge's
  expected.audience = "south-1";
  expected.presenter.name = "edge-8";
  auto other = token_signer::create(seed(std::byte{2}));
  REQUIRE(other);
  CHECK(why_refused(by, "x", expected) == refusal::token_malformed);
  CHECK(why_refused(by, other->issue(claims()), expected) == refusal::token_forged);
  CHECK(why_refused(by, by.issue(claims()), expected) == refusal::token_audience);
  expected.audience = "north-1";
  CHECK(why_refused(by, by.issue(claims()), expected) == refusal::token_expired);
  expected.now = noon - 24h;
  CHECK(why_refused(by, by.issue(claims()), expected) == refusal::token_not_yet);
}

TEST_CASE("every single changed character of a token makes it malformed or forged") {
  const auto by = signer();
  const auto token = by.issue(claims());
  const auto claims_begin = token.find('.') + 1;
  const auto proof_begin = token.rfind('.') + 1;
  for (std::size_t i = 0; i < token.size(); ++i) {
    auto changed = token;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    CAPTURE(i);
    const auto why = why_refused(by, changed);
    const bool is_dot = token[i] == '.';
    const bool is_last =
        i + 1 == token.size() || i + 2 == proof_begin; // its bits need not be canonical
    if (i < claims_begin || is_dot)
      CHECK(why == refusal::token_malformed);
    else if (is_last)
      CHECK((why == refusal::token_malformed || why == refusal::token_forged));
    else
      CHECK(why == refusal::token_forged);
  }
}

TEST_CASE("claims that are changed without the key are forged, however small the change") {
  const auto by = signer();
  const auto token = by.issue(claims());
  const auto proof = token.substr(token.rfind('.'));
  for (const auto& [what, with] : {std::pair{"\"edge-7\"", "\"edge-8\""},
                                   {"1800000900", "1900000900"},
                                   {"\"edge\"", "\"server\""},
                                   {"north-1", "south-1"}}) {
    const auto payload = replaced(payload_of(token), what, with);
    CHECK(why_refused(by, token.substr(0, token.find('.') + 1) +
                              base64url_encode(as_bytes(payload)) + proof) ==
          refusal::token_forged);
  }
}

TEST_CASE("no other header is taken, not even with a genuine signature") {
  const auto by = signer();
  const auto payload = payload_of(by.issue(claims()));
  CHECK(by.verify(sign(our_header, payload), expectation()));
  for (std::string_view header :
       {R"({"alg":"none","typ":"JWT"})", R"({"alg":"None","typ":"JWT"})",
        R"({"alg":"HS256","typ":"JWT"})", R"({"alg":"ES256","typ":"JWT"})", R"({"alg":"EdDSA"})",
        R"({"typ":"JWT"})", R"({"alg":"EdDSA","typ":"JWT","crit":["exp"]})",
        R"({"alg":"EdDSA","typ":"JWT","kid":"../key"})", R"({"alg":"EdDSA","typ":"at+jwt"})",
        R"({"alg":["EdDSA"],"typ":"JWT"})", R"({ "alg":"EdDSA","typ":"JWT"})", "{}", ""}) {
    CAPTURE(header);
    CHECK(why_refused(by, sign(header, payload)) == refusal::token_malformed);
  }
}

TEST_CASE("a token without a signature is refused, whatever its header says") {
  const auto by = signer();
  const auto token = by.issue(claims());
  const auto input = token.substr(0, token.rfind('.'));
  const auto unsigned_input =
      base64url_encode(as_bytes(R"({"alg":"none"})")) + input.substr(input.find('.'));
  for (const auto& bad :
       {input, input + ".", unsigned_input + ".", unsigned_input,
        input + "." + std::string(86, 'A') + "A", token + "=", token + ".", token + ".AAAA",
        "." + token, " " + token, token + "\n", "Bearer " + token, std::string(), std::string("."),
        std::string(".."), std::string("...")})
    CHECK(why_refused(by, bad) == refusal::token_malformed);
  CHECK(why_refused(by, input + "." + std::string(86, 'A')) == refusal::token_forged);
}

TEST_CASE("a text longer than the limit is refused before anything else is looked at") {
  const auto by = signer();
  const auto padded = [&](std::size_t filling) {
    const auto payload = payload_of(by.issue(claims()));
    return sign(our_header,
                replaced(payload, "{", R"({"filling":")" + std::string(filling, 'x') + "\","));
  };
  CHECK(padded(1000).size() <= limits::token_length_max);
  CHECK(by.verify(padded(1000), expectation())); // and claims that we do not know are passed over
  CHECK(padded(1300).size() > limits::token_length_max);
  CHECK(why_refused(by, padded(1300)) == refusal::token_malformed);
  CHECK(why_refused(by, std::string(10'000'000, 'A')) == refusal::token_malformed);
}

TEST_CASE("signed claims of the wrong form are malformed") {
  const auto by = signer();
  const auto payload = payload_of(by.issue(claims()));
  for (const auto& change : {
           std::pair{R"("iss":"north")", R"("iss":"No Such Name")"},
           {R"("iss":)", R"("other":)"},
           {R"("aud":"north-1")", R"("aud":["north-1"])"},
           {R"("aud":"north-1")", R"("aud":"")"},
           {R"("sub":"edge-7")", R"("sub":7)"},
           {R"("sub":"edge-7")", R"("sub":"EDGE 7")"},
           {R"("role":"edge")", R"("role":"owner")"},
           {R"("role":"edge")", R"("role":"unknown_role")"},
           {R"("exp":1800000900)", R"("exp":"1800000900")"},
           {R"("exp":1800000900)", R"("exp":1800000900.5)"},
           {R"("exp":1800000900)", R"("exp":-1)"},
           {R"("exp":1800000900)", R"("exp":99999999999999999999999)"},
           {R"("exp":1800000900)", R"("exp":9223372036854775807)"},
           {R"("exp":1800000900)", R"("exp":18446744073709551615)"},
           {R"("exp":1800000900)", R"("exp":1800000000)"},
           {R"("exp":)", R"("other":)"},
           {R"("nbf":)", R"("other":)"},
           {R"("iat":)", R"("other":)"},
           {R"("jti":"0123456789abcdefghijkl")", R"("jti":"")"},
           {R"("jti":"0123456789abcdefghijkl")", R"("jti":null)"},
           {R"("cnf":{)", R"("cnf":[{)"},
           {R"("cnf":)", R"("other":)"},
           {R"("x5t#S256":")", R"("x5t#S256":"AA)"},
           {R"("x5t#S256":)", R"("x5t":)"},
       }) {
    CAPTURE(change.second);
    CHECK(why_refused(by, sign(our_header, replaced(payload, change.first, change.second))) ==
          refusal::token_malformed);
  }
  for (std::string_view bad : {"", "{", "[]", "null", "7", "\"x\"", "{}", "{}{}", "\xFF\xFE"})
    CHECK(why_refused(by, sign(our_header, bad)) == refusal::token_malformed);
}

TEST_CASE("signed claims that are nested deeply are malformed, and take no stack") {
  const auto by = signer();
  const auto payload = payload_of(by.issue(claims()));
  const auto nested = [&](std::size_t depth) {
    return sign(our_header,
                replaced(payload, "{",
                         R"({"deep":)" + std::string(depth, '[') + std::string(depth, ']') + ","));
  };
  CHECK(by.verify(nested(2), expectation()));
  CHECK(why_refused(by, nested(10)) == refusal::token_malformed);
  CHECK(why_refused(by, nested(500)) == refusal::token_malformed);
}

TEST_CASE("whatever is done to a token at random, it is refused") {
  const auto by = signer();
  const auto token = by.issue(claims());
  std::mt19937_64 random(20260807);
  const auto below = [&](std::size_t bound) { return static_cast<std::size_t>(random() % bound); };
  for (int i = 0; i < 4000; ++i) {
    auto changed = token;
    for (auto count = 1 + below(4); count > 0; --count) {
      const auto at = below(changed.size());
      switch (below(5)) {
      case 0:
        changed[at] = static_cast<char>(below(256));
        break;
      case 1:
        changed.insert(at, 1, static_cast<char>(below(256)));
        break;
      case 2:
        changed.erase(at, 1 + below(20));
        break;
      case 3:
        changed.insert(at, changed.substr(below(changed.size()), below(100)));
        break;
      default:
        std::swap(changed[at], changed[below(changed.size())]);
        break;
      }
      if (changed.empty())
        changed.assign(1, '.');
    }
    if (changed == token)
      continue;
    CAPTURE(i);
    CHECK_FALSE(by.verify(changed, expectation()));
  }
}

TEST_CASE("garbage is malformed") {
  const auto by = signer();
  std::mt19937_64 random(20260808);
  for (int i = 0; i < 4000; ++i) {
    std::string garbage(random() % 600, '\0');
    for (auto& character : garbage)
      character = i % 2 ? static_cast<char>(random() & 0xFF) : "eyJhbG.ciOi_-A"[random() % 14];
    CHECK(why_refused(by, garbage) == refusal::token_malformed);
  }
}

TEST_CASE("a token with the longest names and ids keeps inside the limit") {
  auto longest = claims();
  longest.issuer = std::string(64, 'n');
  longest.audience = std::string(64, '"'); // twice as long once it is escaped
  longest.id = std::string(64, '\\');
  longest.subject.name = std::string(64, 'e');
  longest.expires_at = unix_seconds(253'402'300'799);
  const auto by = signer();
  const auto token = by.issue(longest);
  CHECK(token.size() <= limits::token_length_max);
  const auto read = by.verify(token, {longest.audience, longest.subject, noon});
  REQUIRE(read);
  CHECK(*read == longest);
}

TEST_CASE("token ids are short and differ") {
  CHECK(make_token_id().size() == 22);
  CHECK(make_token_id() != make_token_id());
}

TEST_CASE("a signer is the same after a restart with the same seed, and needs 32 bytes of it") {
  CHECK(signer().verify(signer().issue(claims()), expectation()));
  const auto bad = token_signer::create(secret(bytes(31)));
  REQUIRE_FALSE(bad);
  CHECK(bad.why().code == failure_code::bad_key);
}
