// How is a round of a shared sum written, and what is refused where it is read?
#include <godwit/privacy/shared_round.hpp>

#include <algorithm>
#include <cmath>
#include <set>

#include <godwit/messages/limits.hpp>
#include <godwit/privacy/canonical.hpp>

namespace godwit::shared_sum {
namespace {

constexpr std::string_view magic = "FLSS1R";

bytes means_of(const shared_round& x) {
  canonical::writer out;
  out.raw(x.model).u32(x.weight_max).u8(static_cast<std::uint8_t>(x.streams.size()));
  for (const auto& one : x.streams)
    out.u64(one.length).f64(one.low).f64(one.high).u8(one.bits);
  for (const auto& server : x.servers)
    out.with_length(as_bytes(server.name)).raw(server.key);
  return out.take();
}

sha256_digest meaning_of(bytes_view means) {
  return canonical::hash("FLSS1/meaning", means);
}

bool is_stream(const secure_sum::stream_terms& x) {
  return x.length >= 1 && x.length <= limits::parameter_count_max && std::isfinite(x.low) &&
         std::isfinite(x.high) && x.low < x.high && x.bits >= 1 &&
         x.bits <= secure_sum::stream_bits_most;
}

void read_means(canonical::reader& in, shared_round& out) {
  in.fill(out.model);
  out.weight_max = in.u32();
  for (auto left = in.u8(); left > 0 && in.is_good(); --left) {
    secure_sum::stream_terms one;
    one.length = in.u64();
    one.low = in.f64();
    one.high = in.f64();
    one.bits = in.u8();
    out.streams.push_back(one);
  }
  for (unsigned s = 0; s < out.terms.server_count; ++s) {
    sum_server server{
        .name = as_text(in.with_length(limits::name_length_max)), .key = {}, .evidence = {}};
    in.fill(server.key);
    out.servers.push_back(std::move(server));
  }
}

result<done> check_servers(const shared_round& x) {
  std::set<std::string> names;
  std::set<agreement_key> keys;
  for (const auto& server : x.servers) {
    const bool is_last = &server == &x.servers.back();
    if (!is_valid_name(server.name))
      return refusal::malformed;
    if (!names.insert(server.name).second || !keys.insert(server.key).second)
      return refusal::repeated_key;
    if (is_last != (server.key == agreement_key{}))
      return is_last ? refusal::malformed : refusal::weak_key;
    if (!is_last && is_weak(server.key))
      return refusal::weak_key;
  }
  return done{};
}

result<done> check_sum(const shared_round& x) {
  if (x.streams.empty() || !std::ranges::all_of(x.streams, is_stream) || x.weight_max < 1 ||
      x.terms.length != entry_count(x.streams))
    return refusal::wrong_terms;
  const auto bits = secure_sum::modulus_bits_for(x.terms.clients_max, x.weight_max, x.streams);
  if (bits == 0 || bits > x.terms.lane_bits)
    return refusal::wrong_terms;
  return done{};
}

} // namespace

std::uint64_t entry_count(const std::vector<secure_sum::stream_terms>& streams) noexcept {
  std::uint64_t count = 1;
  for (const auto& one : streams)
    count += one.length;
  return count;
}

void settle_terms(shared_round& x) {
  x.terms.length = entry_count(x.streams);
  x.terms.meaning = meaning_of(means_of(x));
}

bytes encode(const shared_round& x) {
  canonical::writer out;
  out.raw(as_bytes(magic)).with_length(encode(x.terms)).with_length(means_of(x));
  for (std::size_t s = 0; s + 1 < x.servers.size(); ++s)
    out.with_length(as_bytes(x.servers[s].evidence));
  return out.take();
}

bool is_shared_round(bytes_view encoded) noexcept {
  return as_text(encoded.first(std::min(encoded.size(), magic.size()))) == magic;
}

result<shared_round> decode_shared_round(bytes_view encoded) {
  canonical::reader in(encoded);
  if (as_text(in.raw(magic.size())) != magic)
    return refusal::malformed;
  const auto terms_bytes = in.with_length(limits::secure_terms_bytes_max);
  const auto means = in.with_length(limits::secure_terms_bytes_max);
  shared_round made;
  auto terms = decode_terms(terms_bytes);
  if (!terms)
    return terms.why();
  made.terms = std::move(*terms);
  canonical::reader inner(means);
  read_means(inner, made);
  if (!in.is_good() || !inner.is_whole())
    return refusal::malformed;
  for (std::size_t s = 0; s + 1 < made.servers.size(); ++s)
    made.servers[s].evidence = as_text(in.with_length(limits::evidence_bytes_max));
  if (!in.is_whole())
    return refusal::malformed;
  if (made.terms.meaning != meaning_of(means))
    return refusal::wrong_terms;
  if (auto good = check_servers(made); !good)
    return good.why();
  if (auto good = check_sum(made); !good)
    return good.why();
  return made;
}

} // namespace godwit::shared_sum
