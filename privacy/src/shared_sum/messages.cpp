// How is what servers say to each other written, in one way only?
#include <godwit/privacy/canonical.hpp>
#include <godwit/privacy/shared_sum_messages.hpp>

#include <type_traits>
#include <utility>

#include <godwit/messages/check.hpp>
#include <godwit/messages/limits.hpp>

namespace godwit::shared_sum {

namespace {

bool is_replicated(const terms& t) {
  return t.scheme == scheme::replicated;
}

void write_list(canonical::writer& out, std::span<const holding> list) {
  out.u32(static_cast<std::uint32_t>(list.size()));
  for (const auto& one : list)
    out.with_length(as_bytes(one.client.name)).raw(one.upload);
}

void write(canonical::writer& out, const holdings& x) {
  write_list(out, x.held);
}
void write(canonical::writer& out, const agreement& x) {
  out.raw(x.list);
  if (x.coin_commitment)
    out.raw(*x.coin_commitment);
}
void write(canonical::writer& out, const coin& x) {
  out.raw(x.drawn);
}
void write(canonical::writer& out, const fingerprint_list& x) {
  out.u32(static_cast<std::uint32_t>(x.of_clients.size()));
  for (const auto one : x.of_clients)
    out.u64(one.value());
}
void write(canonical::writer& out, const verdict& x) {
  out.u32(static_cast<std::uint32_t>(x.excluded.size()));
  for (const auto index : x.excluded)
    out.u32(index);
}
void write(canonical::writer& out, const confirmation& x) {
  out.raw(x.list);
}
void write(canonical::writer& out, const opening& x) {
  out.raw(x.lanes);
  if (x.next)
    out.raw(*x.next);
}

message read_holdings(const terms& t, canonical::reader& in) {
  holdings out;
  const auto count = in.count(4 + 1 + sizeof(sha256_digest));
  if (count > t.clients_max)
    in.spoil();
  for (std::uint32_t i = 0; i < count && in.is_good(); ++i) {
    holding one{.client = {as_text(in.with_length(limits::name_length_max))}, .upload = {}};
    in.fill(one.upload);
    if (!is_valid_name(one.client.name) ||
        (!out.held.empty() && one.client <= out.held.back().client))
      in.spoil();
    out.held.push_back(std::move(one));
  }
  return out;
}

message read_agreement(const terms& t, canonical::reader& in) {
  agreement out;
  in.fill(out.list);
  if (is_replicated(t))
    in.fill(out.coin_commitment.emplace());
  return out;
}

message read_coin(canonical::reader& in) {
  coin out;
  in.fill(out.drawn);
  return out;
}

message read_fingerprints(canonical::reader& in) {
  fingerprint_list out;
  for (auto left = in.count(8); left > 0; --left) {
    const auto one = field_element::read(in.u64());
    if (!one)
      in.spoil();
    out.of_clients.push_back(one.value_or(field_element{}));
  }
  return out;
}

message read_verdict(canonical::reader& in) {
  verdict out;
  for (auto left = in.count(4); left > 0; --left) {
    const auto index = in.u32();
    if (!out.excluded.empty() && index <= out.excluded.back())
      in.spoil();
    out.excluded.push_back(index);
  }
  return out;
}

message read_confirmation(canonical::reader& in) {
  confirmation out;
  in.fill(out.list);
  return out;
}

message read_opening(const terms& t, canonical::reader& in) {
  opening out;
  const auto lanes = in.raw(static_cast<std::size_t>(vector_bytes(t)));
  out.lanes.assign(lanes.begin(), lanes.end());
  if (is_replicated(t))
    in.fill(out.next.emplace());
  return out;
}

message read(const terms& t, std::size_t kind, canonical::reader& in) {
  switch (kind) {
  case 1:
    return read_holdings(t, in);
  case 2:
    return read_agreement(t, in);
  case 3:
    return read_coin(in);
  case 4:
    return read_fingerprints(in);
  case 5:
    return read_verdict(in);
  case 6:
    return read_confirmation(in);
  default:
    return read_opening(t, in);
  }
}

/// Kinds 3 to 6 are the audit's.
bool is_said(const terms& t, std::size_t kind) {
  return kind >= 1 && kind <= std::variant_size_v<message> &&
         (is_replicated(t) || kind <= 2 || kind == std::variant_size_v<message>);
}

} // namespace

bytes encode(const terms& t, unsigned from, const message& said) {
  const auto kind = said.index() + 1;
  GODWIT_CHECK(is_said(t, kind), "a message that the scheme does not have");
  canonical::writer out;
  out.u8(static_cast<std::uint8_t>(kind)).u8(static_cast<std::uint8_t>(from)).raw(hash_of(t));
  std::visit([&out](const auto& x) { write(out, x); }, said);
  return out.take();
}

result<message> decode(const terms& t, unsigned from, bytes_view content) {
  canonical::reader in(content);
  const std::size_t kind = in.u8();
  const unsigned sender = in.u8();
  sha256_digest h_o{};
  in.fill(h_o);
  if (!in.is_good() || !is_said(t, kind))
    return refusal::malformed;
  if (sender != from)
    return refusal::identity_mismatch;
  if (h_o != hash_of(t))
    return refusal::wrong_terms;
  auto said = read(t, kind, in);
  if (!in.is_whole())
    return refusal::malformed;
  return said;
}

sha256_digest list_hash(const terms& t, std::span<const holding> list) {
  canonical::writer content;
  content.raw(hash_of(t));
  write_list(content, list);
  return canonical::hash("FLSS1/list", content.view());
}

sha256_digest commitment_to(const terms& t, unsigned from, const coin& shown) {
  const auto content = canonical::writer()
                           .raw(hash_of(t))
                           .u8(static_cast<std::uint8_t>(from))
                           .raw(shown.drawn)
                           .take();
  return canonical::hash("FLSS1/coin", content);
}

sha256_digest joint_coins(const sha256_digest& list, std::span<const coin> coins) {
  canonical::writer content;
  content.raw(list);
  for (const auto& one : coins)
    content.raw(one.drawn);
  return canonical::hash("FLSS1/coins", content.view());
}

} // namespace godwit::shared_sum
