// What is a shared sum, and who holds which of its shares?
#include <godwit/privacy/shared_sum.hpp>

#include <godwit/messages/limits.hpp>
#include <godwit/privacy/canonical.hpp>

namespace godwit::shared_sum {

result<done> check(const terms& t) {
  const bool is_scheme =
      (t.scheme == scheme::additive && t.server_count == 2) ||
      ((t.scheme == scheme::additive || t.scheme == scheme::replicated) && t.server_count == 3);
  const bool is_suite = t.suite == mask_suite::aes256_ctr || t.suite == mask_suite::chacha20;
  const bool is_width = t.lane_bits == 16 || t.lane_bits == 32 || t.lane_bits == 64;
  const bool is_length = t.length >= 1 && t.length <= limits::parameter_count_max;
  if (!is_scheme || !is_suite || !is_width || !is_length || t.clients_min < 2 ||
      t.clients_max < t.clients_min || t.job.size() > limits::text_length_max)
    return refusal::wrong_terms;
  return done{};
}

bytes encode(const terms& t) {
  return canonical::writer()
      .raw(as_bytes("FLSS1"))
      .u8(static_cast<std::uint8_t>(t.suite))
      .u8(static_cast<std::uint8_t>(t.scheme))
      .u8(static_cast<std::uint8_t>(t.server_count))
      .u8(static_cast<std::uint8_t>(t.lane_bits))
      .with_length(as_bytes(t.job))
      .u64(t.round.value)
      .raw(t.nonce)
      .u32(t.clients_min)
      .u32(t.clients_max)
      .u64(t.length)
      .raw(t.meaning)
      .take();
}

result<terms> decode_terms(bytes_view encoded) {
  canonical::reader in(encoded);
  constexpr std::string_view magic = "FLSS1";
  if (as_text(in.raw(magic.size())) != magic)
    return refusal::malformed;
  terms made;
  made.suite = static_cast<mask_suite>(in.u8());
  made.scheme = static_cast<scheme>(in.u8());
  made.server_count = in.u8();
  made.lane_bits = in.u8();
  made.job = as_text(in.with_length(limits::text_length_max));
  made.round.value = in.u64();
  in.fill(made.nonce);
  made.clients_min = in.u32();
  made.clients_max = in.u32();
  made.length = in.u64();
  in.fill(made.meaning);
  if (!in.is_whole())
    return refusal::malformed;
  if (auto good = check(made); !good)
    return good.why();
  return made;
}

sha256_digest hash_of(const terms& t) {
  return canonical::hash("FLSS1/terms", encode(t));
}

std::uint64_t vector_bytes(const terms& t) noexcept {
  return t.length * (t.lane_bits / 8);
}

std::vector<unsigned> shares_of(const terms& t, unsigned server) {
  if (t.scheme == scheme::additive)
    return {server};
  return {server, server % t.server_count + 1};
}

bool holds_lanes(const terms& t, unsigned server) {
  return server == t.server_count ||
         (t.scheme == scheme::replicated && server + 1 == t.server_count);
}

} // namespace godwit::shared_sum
