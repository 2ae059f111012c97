// How is sealed what goes through the last server, and how is it opened?
#include <godwit/privacy/shared_sealing.hpp>

#include <algorithm>
#include <array>
#include <utility>

#include <godwit/messages/check.hpp>
#include <godwit/privacy/canonical.hpp>
#include <godwit/privacy/sealed_box.hpp>

namespace godwit::shared_sum {
namespace {

constexpr std::array<std::byte, sealing_nonce_bytes> zero_nonce{};

bytes associated(const terms& t, unsigned server, const client_id& client) {
  return canonical::writer()
      .raw(hash_of(t))
      .u8(static_cast<std::uint8_t>(server))
      .with_length(as_bytes(client.name))
      .take();
}

/// The key of one part; both ends know the ephemeral key and the server's.
secret part_key(const terms& t, unsigned server, const secret& agreed,
                const agreement_key& ephemeral, const agreement_key& sealing) {
  const auto info = canonical::writer()
                        .raw(as_bytes("FLSS1/part"))
                        .u8(static_cast<std::uint8_t>(server))
                        .raw(ephemeral)
                        .raw(sealing)
                        .take();
  return hkdf_sha256(agreed.reveal(), hash_of(t), info, sealing_key_bytes);
}

/// The secret of the key that one part is sealed with.
secret ephemeral_of(const terms& t, const secret& seed, unsigned server) {
  canonical::writer content;
  content.reserve(seed.reveal().size() + sizeof(sha256_digest) + 1);
  content.raw(seed.reveal()).raw(hash_of(t)).u8(static_cast<std::uint8_t>(server));
  auto digest = canonical::hash("FLSS1/ephemeral", content.view());
  secret made(bytes(digest.begin(), digest.end()));
  auto spent = content.take();
  wipe(spent);
  wipe(digest);
  return made;
}

result<done> seal_part(bytes& out, const shared_round& round, unsigned server,
                       const client_id& client, const secret& seed, bytes_view head,
                       bytes_view lanes) {
  const auto& key = round.servers[server - 1].key;
  const auto own = ephemeral_of(round.terms, seed, server);
  const auto ephemeral = public_part(own.reveal());
  const auto agreed = agree(own.reveal(), key);
  if (!agreed)
    return refusal::weak_key;
  bytes content;
  content.reserve(head.size() + lanes.size());
  content.insert(content.end(), head.begin(), head.end());
  content.insert(content.end(), lanes.begin(), lanes.end());
  const secret plain(std::move(content));
  const auto with = part_key(round.terms, server, *agreed, ephemeral, key);
  const auto sealed =
      seal(with.reveal(), zero_nonce, associated(round.terms, server, client), plain.reveal());
  out.insert(out.end(), ephemeral.begin(), ephemeral.end());
  out.insert(out.end(), sealed.begin(), sealed.end());
  return done{};
}

} // namespace

std::uint64_t part_bytes(const terms& t, unsigned server) {
  return agreement_key_bytes + head_bytes(t, server) +
         (holds_lanes(t, server) ? vector_bytes(t) : 0) + seal_tag_bytes;
}

std::uint64_t body_bytes(const terms& t) {
  std::uint64_t size = head_bytes(t, t.server_count) + vector_bytes(t);
  for (unsigned server = 1; server < t.server_count; ++server)
    size += part_bytes(t, server);
  return size;
}

template <class Lane>
result<bytes> make_body(const shared_round& round, const client_id& client, const secret& seed,
                        std::vector<Lane> entries) {
  const auto& t = round.terms;
  auto shares = split(t, seed, std::move(entries));
  const auto lanes = std::as_bytes(std::span(shares.lanes));
  bytes body;
  body.reserve(static_cast<std::size_t>(body_bytes(t)));
  for (unsigned server = 1; server < t.server_count; ++server) {
    auto& head = shares.heads[server - 1];
    const auto sealed = seal_part(body, round, server, client, seed, head,
                                  holds_lanes(t, server) ? lanes : bytes_view{});
    wipe(head);
    if (!sealed)
      return sealed.why();
  }
  auto& own = shares.heads.back();
  body.insert(body.end(), own.begin(), own.end());
  body.insert(body.end(), lanes.begin(), lanes.end());
  wipe(own);
  return body;
}

template result<bytes> make_body(const shared_round&, const client_id&, const secret&,
                                 std::vector<std::uint16_t>);
template result<bytes> make_body(const shared_round&, const client_id&, const secret&,
                                 std::vector<std::uint32_t>);
template result<bytes> make_body(const shared_round&, const client_id&, const secret&,
                                 std::vector<std::uint64_t>);

result<body_parts> take_apart(const terms& t, const shared_bytes& body) {
  if (body.size() != body_bytes(t))
    return refusal::wrong_shape;
  body_parts out;
  std::size_t at = 0;
  const auto next = [&](std::uint64_t count) {
    const auto begin = std::exchange(at, at + static_cast<std::size_t>(count));
    return body.part(begin, static_cast<std::size_t>(count));
  };
  for (unsigned server = 1; server < t.server_count; ++server)
    out.sealed.push_back(next(part_bytes(t, server)));
  out.head = next(head_bytes(t, t.server_count));
  out.lanes = next(vector_bytes(t));
  return out;
}

result<opened_part> open_part(const terms& t, unsigned server, const secret& sealing_key,
                              const client_id& client, bytes_view sealed) {
  if (sealed.size() != part_bytes(t, server))
    return refusal::wrong_shape;
  agreement_key ephemeral{};
  std::copy_n(sealed.begin(), ephemeral.size(), ephemeral.begin());
  const auto agreed = agree(sealing_key.reveal(), ephemeral);
  if (!agreed)
    return refusal::weak_key;
  const auto with = part_key(t, server, *agreed, ephemeral, public_part(sealing_key.reveal()));
  auto plain = unseal(with.reveal(), zero_nonce, associated(t, server, client),
                      sealed.subspan(agreement_key_bytes));
  if (!plain)
    return refusal::wrong_share;
  const auto content = plain->reveal();
  const auto head = content.first(head_bytes(t, server));
  opened_part out{.head = secret(bytes(head.begin(), head.end())), .lanes = {}};
  if (holds_lanes(t, server)) {
    const auto held = std::make_shared<const secret>(std::move(*plain));
    out.lanes = shared_bytes(held, held->reveal().subspan(head_bytes(t, server)));
  }
  return out;
}

sealed_talk::sealed_talk(const terms& t, unsigned own, unsigned peer, const secret& own_key,
                         const agreement_key& peer_key, const session_nonce& first,
                         const session_nonce& second)
    : terms_hash_(hash_of(t)), own_(own), peer_(peer), first_(first), second_(second) {
  auto agreed = agree(own_key.reveal(), peer_key);
  GODWIT_CHECK(agreed, "a weak key got past the reading of the round");
  agreed_ = std::move(*agreed);
}

secret sealed_talk::key_for(unsigned from, unsigned to, std::uint8_t kind) const {
  const auto info = canonical::writer()
                        .raw(as_bytes("FLSS1/between"))
                        .u8(static_cast<std::uint8_t>(from))
                        .u8(static_cast<std::uint8_t>(to))
                        .u8(kind)
                        .raw(first_)
                        .raw(second_)
                        .take();
  return hkdf_sha256(agreed_.reveal(), terms_hash_, info, sealing_key_bytes);
}

bytes sealed_talk::seal(bytes_view message) const {
  GODWIT_CHECK(!message.empty(), "a message without a kind");
  const auto kind = std::to_integer<std::uint8_t>(message[0]);
  const auto key = key_for(own_, peer_, kind);
  const auto sealed = godwit::seal(key.reveal(), zero_nonce, terms_hash_, message);
  return canonical::writer().u8(kind).raw(sealed).take();
}

std::optional<bytes> sealed_talk::open(bytes_view sealed) const {
  if (sealed.empty())
    return {};
  const auto key = key_for(peer_, own_, std::to_integer<std::uint8_t>(sealed[0]));
  const auto plain = unseal(key.reveal(), zero_nonce, terms_hash_, sealed.subspan(1));
  if (!plain || plain->empty() || plain->reveal()[0] != sealed[0])
    return {};
  const auto content = plain->reveal();
  return bytes(content.begin(), content.end());
}

} // namespace godwit::shared_sum
