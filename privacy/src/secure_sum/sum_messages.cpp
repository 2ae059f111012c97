// The messages' fields, in the order of privacy/SECURE_SUM.md, sections 6 to 9.
#include <godwit/privacy/sum_messages.hpp>

#include <algorithm>
#include <utility>

#include <godwit/messages/check.hpp>
#include <godwit/privacy/canonical.hpp>

namespace godwit::secure_sum {
namespace {

constexpr std::array<std::byte, sealing_nonce_bytes> zero_nonce{}; // a key seals one box

bytes associated_with(const box_label& x) {
  return canonical::writer().raw(x.root).u64(x.round.value).u32(x.from).u32(x.to).take();
}

void write_boxes(canonical::writer& out, const std::vector<labelled_box>& boxes) {
  out.u32(static_cast<std::uint32_t>(boxes.size()));
  for (const auto& x : boxes)
    out.u32(x.client).raw(x.box);
}

/// A list whose items begin with an index: ascending, or it is spoilt. `read(index)` reads the rest
/// of an item.
template <class Read>
void read_ascending(canonical::reader& in, std::size_t item_bytes, const Read& read) {
  const auto count = in.count(item_bytes);
  std::uint64_t next = 0;
  for (std::uint32_t i = 0; i < count && in.is_good(); ++i) {
    const auto index = in.u32();
    if (index < next)
      in.spoil();
    next = std::uint64_t{index} + 1;
    read(index);
  }
}

std::vector<labelled_box> read_boxes(canonical::reader& in) {
  std::vector<labelled_box> boxes;
  read_ascending(in, 4 + box_bytes, [&](std::uint32_t client) {
    boxes.push_back({.client = client});
    in.fill(boxes.back().box);
  });
  return boxes;
}

void write_indices(canonical::writer& out, const std::vector<std::uint32_t>& indices) {
  out.u32(static_cast<std::uint32_t>(indices.size()));
  for (const auto x : indices)
    out.u32(x);
}

std::vector<std::uint32_t> read_indices(canonical::reader& in) {
  std::vector<std::uint32_t> indices;
  read_ascending(in, 4, [&](std::uint32_t x) { indices.push_back(x); });
  return indices;
}

template <class Message>
result<Message> whole(const canonical::reader& in, Message x) {
  if (!in.is_whole())
    return refusal::malformed;
  return x;
}

} // namespace

box seal_shares(bytes_view key, const box_label& label, bytes_view shares) {
  GODWIT_CHECK(shares.size() == share_pair_bytes, "a box holds two shares");
  const secret content(canonical::writer().u32(label.from).u32(label.to).raw(shares).take());
  const auto sealed = seal(key, zero_nonce, associated_with(label), content.reveal());
  box made{};
  std::copy(sealed.begin(), sealed.end(), made.begin());
  return made;
}

result<secret> open_shares(bytes_view key, const box_label& label, const box& sealed) {
  const auto content = unseal(key, zero_nonce, associated_with(label), sealed);
  if (!content)
    return refusal::wrong_share;
  canonical::reader in(content->reveal());
  if (in.u32() != label.from || in.u32() != label.to)
    return refusal::wrong_share;
  const auto shares = in.raw(share_pair_bytes);
  if (!in.is_whole() || !shamir::read_share(shares.first(shamir::share_bytes)) ||
      !shamir::read_share(shares.last(shamir::share_bytes)))
    return refusal::wrong_share;
  return secret(bytes(shares.begin(), shares.end()));
}

bytes encode(const sealed_shares& x) {
  canonical::writer out;
  out.raw(x.root).raw(x.commitment);
  write_boxes(out, x.boxes);
  return out.take();
}

result<sealed_shares> decode_sealed_shares(bytes_view encoded) {
  canonical::reader in(encoded);
  sealed_shares x;
  in.fill(x.root);
  in.fill(x.commitment);
  x.boxes = read_boxes(in);
  return whole(in, std::move(x));
}

bytes encode(const delivered_shares& x) {
  canonical::writer out;
  out.raw(x.root);
  write_boxes(out, x.boxes);
  return out.take();
}

result<delivered_shares> decode_delivered_shares(bytes_view encoded) {
  canonical::reader in(encoded);
  delivered_shares x;
  in.fill(x.root);
  x.boxes = read_boxes(in);
  return whole(in, std::move(x));
}

bytes encode(const survivors& x) {
  canonical::writer out;
  out.raw(x.root);
  write_indices(out, x.indices);
  return out.take();
}

result<survivors> decode_survivors(bytes_view encoded) {
  canonical::reader in(encoded);
  survivors x;
  in.fill(x.root);
  x.indices = read_indices(in);
  return whole(in, std::move(x));
}

bytes encode(const unmask_request& x) {
  canonical::writer out;
  out.raw(x.root).u32(x.survivor_count);
  write_indices(out, x.dropped);
  write_indices(out, x.alive);
  out.u32(static_cast<std::uint32_t>(x.signatures.size()));
  for (const auto& [client, proof] : x.signatures)
    out.u32(client).raw(proof);
  return out.take();
}

result<unmask_request> decode_unmask_request(bytes_view encoded) {
  canonical::reader in(encoded);
  unmask_request x;
  in.fill(x.root);
  x.survivor_count = in.u32();
  x.dropped = read_indices(in);
  x.alive = read_indices(in);
  read_ascending(in, 4 + sizeof(signature), [&](std::uint32_t client) {
    x.signatures.emplace_back(client, signature{});
    in.fill(x.signatures.back().second);
  });
  return whole(in, std::move(x));
}

bytes encode(const unmask_shares& x) {
  canonical::writer out;
  out.raw(x.root);
  for (const auto& share : x.shares)
    for (const auto value : share)
      out.u64(value.value());
  return out.take();
}

result<unmask_shares> decode_unmask_shares(bytes_view encoded) {
  unmask_shares x;
  if (encoded.size() < x.root.size() || (encoded.size() - x.root.size()) % shamir::share_bytes != 0)
    return refusal::malformed;
  canonical::reader in(encoded);
  in.fill(x.root);
  x.shares.reserve((encoded.size() - x.root.size()) / shamir::share_bytes);
  while (!in.is_whole()) {
    const auto share = shamir::read_share(in.raw(shamir::share_bytes));
    if (!share)
      return refusal::malformed;
    x.shares.push_back(*share);
  }
  return x;
}

sha256_digest hash_of_survivors(bytes_view encoded) {
  return canonical::hash("FLSA1/survivors", encoded);
}

bytes consistency_statement(const sha256_digest& survivors_hash) {
  return canonical::tagged("FLSA1/consistent", survivors_hash);
}

bytes body_statement(const sha256_digest& root, std::uint32_t client, const sha256_digest& body) {
  return canonical::tagged("FLSA1/body",
                           canonical::writer().raw(root).u32(client).raw(body).view());
}

} // namespace godwit::secure_sum
