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
constexpr std::uint8_t shared_release_kind = 3;
constexpr std::uint8_t tree_release_kind = 4;
constexpr std::uint8_t gaussian_law = 1; ///< the laws' numbers are those of privacy/NOISE.md
constexpr std::uint8_t skellam_law = 3;
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

bool is_sound(const tree_place& x) {
  return x.rounds >= 1 && x.rounds <= tree_rounds_max && x.step < x.rounds;
}

bool is_sound(const privacy_release& x) {
  const auto by_name = [](const client_id& a, const client_id& b) { return a >= b; };
  return std::isfinite(x.noise_multiplier) && x.noise_multiplier > 0 &&
         (!x.place || (is_sound(*x.place) && !x.shared)) && accounting::cost_of(event_of(x)) &&
         !x.clients.empty() &&
         std::ranges::all_of(x.clients, [](const auto& c) { return is_valid_name(c.name); }) &&
         std::ranges::adjacent_find(x.clients, by_name) == x.clients.end();
}

void put(canonical::writer& out, const accounting::discrete_gaussian& x) {
  out.u8(gaussian_law).f64(x.sigma).f64(x.l2_norm).f64(x.l1_norm);
  out.u64(x.dimension).u64(x.client_count);
}
void put(canonical::writer& out, const accounting::skellam& x) {
  out.u8(skellam_law).f64(x.variance).f64(x.l2_norm).f64(x.l1_norm);
}

shared_noise get_shared(canonical::reader& in) {
  const auto law = in.u8();
  if (law == skellam_law) {
    accounting::skellam x{.variance = in.f64()};
    x.l2_norm = in.f64();
    x.l1_norm = in.f64();
    return x;
  }
  if (law != gaussian_law)
    in.spoil();
  accounting::discrete_gaussian x{.sigma = in.f64()};
  x.l2_norm = in.f64();
  x.l1_norm = in.f64();
  x.dimension = in.u64();
  x.client_count = in.u64();
  return x;
}

bytes body_of(const privacy_release& x) {
  canonical::writer out;
  out.u8(x.shared ? shared_release_kind : x.place ? tree_release_kind : release_kind);
  out.u64(x.round.value).f64(x.noise_multiplier).raw(x.result);
  out.u32(static_cast<std::uint32_t>(x.clients.size()));
  for (const auto& client : x.clients)
    out.with_length(as_bytes(client.name));
  if (x.shared)
    std::visit([&out](const auto& noise) { put(out, noise); }, *x.shared);
  if (x.place)
    out.u64(x.place->tree).u64(x.place->step).u64(x.place->rounds);
  return out.take();
}

/// A release that stands there, whatever is behind it.
std::optional<privacy_release> release_at(canonical::reader& in) {
  const auto kind = in.u8();
  if (kind != release_kind && kind != shared_release_kind && kind != tree_release_kind)
    return {};
  privacy_release made;
  made.round.value = in.u64();
  made.noise_multiplier = in.f64();
  in.fill(made.result);
  const auto count = in.count(length_bytes + 1);
  for (std::uint32_t i = 0; i < count && in.is_good(); ++i)
    made.clients.push_back({std::string(as_text(in.with_length(limits::name_length_max)))});
  if (kind == shared_release_kind)
    made.shared = get_shared(in);
  if (kind == tree_release_kind) {
    auto& at = made.place.emplace();
    at.tree = in.u64();
    at.step = in.u64();
    at.rounds = in.u64();
  }
  if (!in.is_good() || !is_sound(made))
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

failure corrupt(std::size_t line) {
  return {.code = failure_code::corrupt,
          .detail = "line " + std::to_string(line) +
                    " of the privacy ledger is not as it was written and signed. What was released "
                    "cannot be known any more; restore the newest copy of the file"};
}

} // namespace

accounting::privacy_event event_of(const privacy_release& x) {
  accounting::privacy_event event{.mechanism = accounting::gaussian{x.noise_multiplier}};
  if (x.shared)
    std::visit([&event](const auto& noise) { event.mechanism = noise; }, *x.shared);
  if (x.place)
    event.mechanism = accounting::tree_aggregation{x.noise_multiplier, x.place->rounds};
  return event;
}

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

bool privacy_ledger::take_opening(bytes_view body, bytes_view proof) {
  canonical::reader in(body);
  if (in.u8() != opening_kind)
    return false;
  auto opened = opening_in(in);
  const auto hash = chained({}, body);
  if (!opened || !is_signed_by(opened->signer, canonical::tagged(domain, hash), proof))
    return false;
  population_ = std::move(opened->population);
  signer_ = opened->signer;
  hashes_ = {hash};
  return true;
}

bool privacy_ledger::take_release(bytes_view body, bytes_view proof) {
  canonical::reader in(body);
  const auto release = release_at(in);
  const auto hash = chained(hashes_.back(), body);
  if (!release || !in.is_whole() || !may_follow(*release) ||
      !is_signed_by(signer_, canonical::tagged(domain, hash), proof))
    return false;
  hashes_.push_back(hash);
  count(*release);
  return true;
}

/// Whether what looks like a torn end begins with a whole line, of which only the length is wrong:
/// a body says by itself how long it is.
bool privacy_ledger::hides_line(bytes_view rest) const {
  if (rest.size() < length_bytes)
    return false;
  const auto behind_length = rest.subspan(length_bytes);
  canonical::reader in(behind_length);
  const auto release = release_at(in);
  const auto body_bytes = release ? body_of(*release).size() : 0;
  if (!release || behind_length.size() < body_bytes + signature_bytes)
    return false;
  return is_signed_by(
      signer_, canonical::tagged(domain, chained(hashes_.back(), behind_length.first(body_bytes))),
      behind_length.subspan(body_bytes, signature_bytes));
}

std::optional<std::string> privacy_ledger::population_in(bytes_view content) {
  const auto first = line_at(content);
  if (!first)
    return {};
  canonical::reader in(first->body);
  if (in.u8() != opening_kind)
    return {};
  const auto opened = opening_in(in);
  return opened ? std::optional(opened->population) : std::nullopt;
}

attempt<privacy_ledger::found> privacy_ledger::read(bytes_view content,
                                                    std::string_view population) {
  privacy_ledger made;
  const auto first = line_at(content);
  if (!first || !made.take_opening(first->body, first->proof))
    return corrupt(1);
  if (made.population_ != population)
    return failure{.code = failure_code::bad_config,
                   .detail = "the privacy ledger is of \"" + made.population_ +
                             "\", and this job is \"" + std::string(population) +
                             "\"; name another state folder for another job"};
  made.opening_line_.assign(first->whole.begin(), first->whole.end());
  auto rest = content.subspan(first->whole.size());
  while (const auto line = line_at(rest)) {
    if (!made.take_release(line->body, line->proof)) {
      if (line->whole.size() < rest.size()) // one behind it shows that it was durable once
        return corrupt(made.hashes_.size() + 1);
      break;
    }
    rest = rest.subspan(line->whole.size());
  }
  if (made.hides_line(rest))
    return corrupt(made.hashes_.size() + 1);
  return found{std::move(made), rest.size()};
}

const privacy_release* privacy_ledger::last_in_tree() const noexcept {
  const auto newest = std::find_if(releases_.rbegin(), releases_.rend(),
                                   [](const privacy_release& x) { return x.place.has_value(); });
  return newest == releases_.rend() ? nullptr : &*newest;
}

/// Whether its place in a tree lies behind all others.
bool privacy_ledger::may_follow(const privacy_release& x) const {
  const auto* last = x.place ? last_in_tree() : nullptr;
  return !last || std::tuple(last->place->tree, last->place->step) <
                      std::tuple(x.place->tree, x.place->step);
}

void privacy_ledger::count(const privacy_release& x) {
  const auto cost = accounting::cost_of(event_of(x));
  GODWIT_CHECK(cost, "a release that was found sound has no cost");
  for (const auto& client : x.clients)
    spent_[client] =
        spent_[client] +
        (x.place ? cost_in_tree(parts_[client].add(*x.place), x.noise_multiplier) : *cost);
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
  if (body.size() > ledger_line_bytes_max || !may_follow(x))
    return refusal::malformed;
  hashes_.push_back(chained(hashes_.back(), body));
  count(x);
  return line_of(body, hashes_.back(), key);
}

} // namespace godwit
