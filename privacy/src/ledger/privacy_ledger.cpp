#include <godwit/privacy/privacy_ledger.hpp>

#include <algorithm>
#include <cmath>
#include <optional>
#include <tuple>
#include <utility>

#include <godwit/messages/check.hpp>
#include <godwit/messages/limits.hpp>
#include <godwit/privacy/canonical.hpp>

namespace godwit {
namespace {

constexpr std::string_view domain = "godwit/ledger";
constexpr std::uint8_t opening_kind = 1;
constexpr std::uint8_t release_kind = 2;
constexpr std::size_t length_bytes = sizeof(std::uint32_t);
constexpr std::size_t signature_bytes = std::tuple_size_v<signature>;

sha256_digest chained(const sha256_digest& before, bytes_view body) {
  return canonical::hash(domain, canonical::writer().raw(before).raw(body).view());
}

bytes line_of(bytes_view body, const sha256_digest& hash, const signing_key& key) {
  return canonical::writer()
      .with_length(body)
      .raw(key.sign(canonical::tagged(domain, hash)))
      .take();
}

bool is_sound(const privacy_release& x) {
  const auto by_name = [](const client_id& a, const client_id& b) { return a >= b; };
  return std::isfinite(x.noise_multiplier) && x.noise_multiplier > 0 && !x.clients.empty() &&
         std::ranges::all_of(x.clients, [](const auto& c) { return is_valid_name(c.name); }) &&
         std::ranges::adjacent_find(x.clients, by_name) == x.clients.end();
}

bytes body_of(const privacy_release& x) {
  canonical::writer out;
  out.u8(release_kind).u64(x.round.value).f64(x.noise_multiplier).raw(x.result);
  out.u32(static_cast<std::uint32_t>(x.clients.size()));
  for (const auto& client : x.clients)
    out.with_length(as_bytes(client.name));
  return out.take();
}

std::optional<privacy_release> release_in(canonical::reader& in) {
  privacy_release made;
  made.round.value = in.u64();
  made.noise_multiplier = in.f64();
  in.fill(made.result);
  const auto count = in.count(length_bytes + 1);
  for (std::uint32_t i = 0; i < count && in.is_good(); ++i)
    made.clients.push_back({std::string(as_text(in.with_length(limits::name_length_max)))});
  if (!in.is_whole() || !is_sound(made))
    return {};
  return made;
}

struct opening {
  std::string population;
  verifying_key signer{};
};

std::optional<opening> opening_in(canonical::reader& in) {
  opening made;
  sha256_digest nonce{};
  made.population = as_text(in.with_length(limits::text_length_max));
  in.fill(made.signer);
  in.fill(nonce);
  if (!in.is_whole())
    return {};
  return made;
}

/// What stands between two lines of a file.
struct raw_line {
  bytes_view whole, body, proof;
};

/// Empty where the rest is no whole line.
std::optional<raw_line> line_at(bytes_view rest) {
  canonical::reader in(rest);
  const auto body = in.with_length(ledger_line_bytes_max);
  const auto proof = in.raw(signature_bytes);
  if (!in.is_good())
    return {};
  return raw_line{rest.first(length_bytes + body.size() + signature_bytes), body, proof};
}

failure corrupt(std::size_t line, std::string_view what) {
  return {.code = failure_code::corrupt,
          .detail = "line " + std::to_string(line) + " of the privacy ledger " + std::string(what) +
                    ": it was changed since it was written. What was released cannot be known any "
                    "more; restore the newest copy of it"};
}

} // namespace

privacy_ledger privacy_ledger::begin(std::string population, const signing_key& key,
                                     const sha256_digest& nonce) {
  GODWIT_CHECK(population.size() <= limits::text_length_max, "a name that is too long");
  privacy_ledger made;
  const auto body = canonical::writer()
                        .u8(opening_kind)
                        .with_length(as_bytes(population))
                        .raw(key.public_key())
                        .raw(nonce)
                        .take();
  made.population_ = std::move(population);
  made.signer_ = key.public_key();
  made.hashes_ = {chained({}, body)};
  made.opening_line_ = line_of(body, made.hashes_.back(), key);
  return made;
}

attempt<privacy_ledger::found> privacy_ledger::read(bytes_view content,
                                                    std::string_view population) {
  privacy_ledger made;
  auto rest = content;
  for (std::size_t number = 1; !rest.empty(); ++number) {
    const auto line = line_at(rest);
    if (!line)
      break;
    canonical::reader in(line->body);
    const auto kind = in.u8();
    if (kind != (number == 1 ? opening_kind : release_kind))
      return corrupt(number, "is of a kind that cannot stand there");
    if (number == 1) {
      auto opened = opening_in(in);
      if (!opened)
        return corrupt(number, "cannot be read");
      if (opened->population != population)
        return failure{.code = failure_code::bad_config,
                       .detail = "the privacy ledger is of \"" + opened->population +
                                 "\", and this job is \"" + std::string(population) +
                                 "\"; name another state folder for another job"};
      made.population_ = std::move(opened->population);
      made.signer_ = opened->signer;
      made.opening_line_.assign(line->whole.begin(), line->whole.end());
    }
    const auto hash =
        chained(made.hashes_.empty() ? sha256_digest{} : made.hashes_.back(), line->body);
    if (!is_signed_by(made.signer_, canonical::tagged(domain, hash), line->proof))
      return corrupt(number, "is not signed by the ledger's key");
    made.hashes_.push_back(hash);
    if (number > 1) {
      const auto release = release_in(in);
      if (!release)
        return corrupt(number, "cannot be read");
      made.count(*release);
    }
    rest = rest.subspan(line->whole.size());
  }
  if (made.opening_line_.empty())
    return corrupt(1, "is not whole");
  return found{std::move(made), rest.size()};
}

void privacy_ledger::count(const privacy_release& x) {
  for (const auto& client : x.clients)
    spent_[client] += 1 / (x.noise_multiplier * x.noise_multiplier);
  releases_.push_back(x);
}

result<bytes> privacy_ledger::add(const privacy_release& x, const signing_key& key) {
  GODWIT_CHECK(key.public_key() == signer_, "a ledger is signed with one key");
  if (!is_sound(x))
    return refusal::malformed;
  const auto is_same = [&x](const privacy_release& y) {
    return y.round == x.round && y.result == x.result;
  };
  if (std::ranges::any_of(releases_, is_same))
    return bytes{};
  const auto body = body_of(x);
  if (body.size() > ledger_line_bytes_max)
    return refusal::malformed;
  hashes_.push_back(chained(hashes_.back(), body));
  count(x);
  return line_of(body, hashes_.back(), key);
}

} // namespace godwit
