// How is a token written, and what is checked of one that comes in?
#include <godwit/privacy/token.hpp>

#include <algorithm>
#include <cstdint>
#include <exception>
#include <optional>
#include <utility>

#include <nlohmann/json.hpp>

#include <godwit/messages/check.hpp>
#include <godwit/messages/limits.hpp>
#include <godwit/privacy/base64url.hpp>
#include <godwit/privacy/digest.hpp>
#include <godwit/privacy/entropy.hpp>

namespace godwit {
namespace {

// RFC 7515 section 4: the one header we write and read. Which algorithm holds is never read from a
// token.
constexpr std::string_view header_json = R"({"alg":"EdDSA","typ":"JWT"})";
constexpr int claims_depth_max = 4;
constexpr std::size_t token_id_bytes = 16;
// The last second of the year 9999.
constexpr std::int64_t seconds_max = 253'402'300'799;

const std::string& header() {
  static const std::string text = base64url_encode(as_bytes(header_json));
  return text;
}

bool is_short_text(std::string_view text) {
  return !text.empty() && text.size() <= limits::name_length_max &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~'; });
}

bool is_second(unix_seconds time) {
  return time.count() >= 0 && time.count() <= seconds_max;
}

/// Whether claims may stand in a token: ours before they are signed, a token's own after.
bool is_well_formed(const token_claims& claims) {
  return is_valid_name(claims.issuer) && is_short_text(claims.audience) &&
         is_short_text(claims.id) && is_valid_name(claims.subject.name) &&
         is_second(claims.issued_at) && is_second(claims.valid_from) &&
         is_second(claims.expires_at) && claims.valid_from < claims.expires_at;
}

/// The three parts of a compact serialisation (RFC 7515 section 7.1), as text.
struct token_parts {
  std::string_view signing_input; ///< header and claims, with the dot between them
  std::string_view claims;
  std::string_view proof;
};

std::optional<token_parts> split(std::string_view token) {
  if (!token.starts_with(header()) || token.substr(header().size(), 1) != ".")
    return std::nullopt;
  const auto claims_begin = header().size() + 1;
  const auto claims_end = token.find('.', claims_begin);
  if (claims_end == std::string_view::npos)
    return std::nullopt;
  return token_parts{token.substr(0, claims_end),
                     token.substr(claims_begin, claims_end - claims_begin),
                     token.substr(claims_end + 1)};
}

std::optional<std::string> read_text(const nlohmann::json& claims, const char* key) {
  const auto found = claims.find(key);
  if (found == claims.end() || !found->is_string())
    return std::nullopt;
  return found->get<std::string>();
}

std::optional<unix_seconds> read_seconds(const nlohmann::json& claims, const char* key) {
  const auto found = claims.find(key);
  // A non-negative integer in JSON is held unsigned; one past its range is held as a float.
  if (found == claims.end() || !found->is_number_unsigned() ||
      found->get<std::uint64_t>() > static_cast<std::uint64_t>(seconds_max))
    return std::nullopt;
  return unix_seconds(found->get<std::int64_t>());
}

std::optional<role> read_role(const nlohmann::json& claims) {
  const auto text = read_text(claims, "role");
  for (auto who : {role::server, role::edge, role::person, role::trustee})
    if (text == name(who))
      return who;
  return std::nullopt;
}

std::optional<sha256_digest> read_fingerprint(const nlohmann::json& claims) {
  const auto confirmation = claims.find("cnf");
  if (confirmation == claims.end() || !confirmation->is_object())
    return std::nullopt;
  const auto text = read_text(*confirmation, "x5t#S256");
  const auto decoded = text ? base64url_decode(*text) : std::nullopt;
  sha256_digest fingerprint;
  if (!decoded || decoded->size() != fingerprint.size())
    return std::nullopt;
  std::copy(decoded->begin(), decoded->end(), fingerprint.begin());
  return fingerprint;
}

std::optional<token_claims> read_claims(bytes_view json_text) {
  bool is_too_deep = false;
  const auto watch_depth = [&](int depth, nlohmann::json::parse_event_t, nlohmann::json&) {
    is_too_deep = is_too_deep || depth > claims_depth_max;
    return !is_too_deep;
  };
  const auto* begin = reinterpret_cast<const char*>(json_text.data());
  const auto json = nlohmann::json::parse(begin, begin + json_text.size(), watch_depth, false);
  if (is_too_deep || !json.is_object())
    return std::nullopt;
  auto issuer = read_text(json, "iss"), audience = read_text(json, "aud");
  auto subject = read_text(json, "sub"), id = read_text(json, "jti");
  const auto issued_at = read_seconds(json, "iat"), valid_from = read_seconds(json, "nbf");
  const auto expires_at = read_seconds(json, "exp");
  const auto who = read_role(json);
  const auto fingerprint = read_fingerprint(json);
  if (!issuer || !audience || !subject || !id || !issued_at || !valid_from || !expires_at || !who ||
      !fingerprint)
    return std::nullopt;
  token_claims claims{
      std::move(*issuer), std::move(*audience), {*who, std::move(*subject), *fingerprint},
      *issued_at,         *valid_from,          *expires_at,
      std::move(*id)};
  if (!is_well_formed(claims))
    return std::nullopt;
  return claims;
}

} // namespace

std::string make_token_id() {
  return base64url_encode(random_bytes(token_id_bytes));
}

attempt<token_signer> token_signer::create(const secret& seed) {
  auto key = signing_key::from_seed(seed);
  if (!key)
    return key.why();
  return token_signer(*std::move(key));
}

token_signer::token_signer(signing_key key) : key_(std::move(key)) {}

std::string token_signer::issue(const token_claims& claims) const {
  GODWIT_CHECK(is_well_formed(claims), "a token was to be issued for claims out of range");
  const nlohmann::json json = {
      {"iss", claims.issuer},
      {"aud", claims.audience},
      {"sub", claims.subject.name},
      {"role", name(claims.subject.role)},
      {"iat", claims.issued_at.count()},
      {"nbf", claims.valid_from.count()},
      {"exp", claims.expires_at.count()},
      {"jti", claims.id},
      {"cnf", {{"x5t#S256", base64url_encode(claims.subject.fingerprint)}}},
  };
  auto token = header();
  token += '.';
  token += base64url_encode(as_bytes(json.dump()));
  const auto proof = key_.sign(as_bytes(token));
  token += '.';
  token += base64url_encode(proof);
  GODWIT_CHECK(token.size() <= limits::token_length_max, "a token is longer than its limit");
  return token;
}

result<token_claims> token_signer::verify(std::string_view token,
                                          const token_expectation& expected) const {
  if (token.size() > limits::token_length_max)
    return refusal::token_malformed;
  const auto parts = split(token);
  if (!parts)
    return refusal::token_malformed;
  const auto claims_json = base64url_decode(parts->claims);
  const auto proof = base64url_decode(parts->proof);
  if (!claims_json || !proof || proof->size() != sizeof(signature))
    return refusal::token_malformed;
  if (!is_signed_by(key_.public_key(), as_bytes(parts->signing_input), *proof))
    return refusal::token_forged;
  auto claims = read_claims(*claims_json);
  if (!claims)
    return refusal::token_malformed;
  if (claims->audience != expected.audience)
    return refusal::token_audience;
  if (expected.now >= claims->expires_at)
    return refusal::token_expired;
  if (expected.now + token_leeway < claims->valid_from)
    return refusal::token_not_yet;
  if (claims->subject.name != expected.presenter.name ||
      claims->subject.role != expected.presenter.role ||
      !equal_in_constant_time(claims->subject.fingerprint, expected.presenter.fingerprint))
    return refusal::token_subject;
  return *std::move(claims);
}

} // namespace godwit
