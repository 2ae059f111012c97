// Adverts and rosters: how they are written, and what makes one hold together.
#include <godwit/privacy/roster.hpp>

#include <algorithm>
#include <set>
#include <utility>

#include <godwit/messages/limits.hpp>
#include <godwit/privacy/canonical.hpp>
#include <godwit/privacy/mask_graph.hpp>

namespace godwit::secure_sum {
namespace {

constexpr std::size_t advert_bytes_min = 4 + 1 + 5 * 32 + 64;
constexpr std::size_t entry_bytes_min = 4 + 4 + advert_bytes_min + 1;

/// What the signature is of, but for its domain and the terms.
void write_claims(canonical::writer& out, const advert& x) {
  out.with_length(as_bytes(x.client.name))
      .raw(x.identity)
      .raw(x.evidence)
      .raw(x.channel)
      .raw(x.pairwise)
      .raw(x.nonce);
}

bytes statement_of(const advert& x, const sha256_digest& terms_hash) {
  canonical::writer claims;
  claims.raw(terms_hash);
  write_claims(claims, x);
  return canonical::tagged("FLSA1/advert", claims.view());
}

void write_path(canonical::writer& out, const std::vector<sha256_digest>& path) {
  out.u8(static_cast<std::uint8_t>(path.size()));
  for (const auto& x : path)
    out.raw(x);
}

std::vector<sha256_digest> read_path(canonical::reader& in) {
  const auto length = in.u8();
  if (length > path_length_max)
    in.spoil();
  std::vector<sha256_digest> path(in.is_good() ? length : 0);
  for (auto& x : path)
    in.fill(x);
  return path;
}

} // namespace

bytes encode(const advert& x) {
  canonical::writer out;
  write_claims(out, x);
  return out.raw(x.proof).take();
}

result<advert> decode_advert(bytes_view encoded) {
  canonical::reader in(encoded);
  advert x;
  x.client.name = as_text(in.with_length(limits::name_length_max));
  in.fill(x.identity);
  in.fill(x.evidence);
  in.fill(x.channel);
  in.fill(x.pairwise);
  in.fill(x.nonce);
  in.fill(x.proof);
  if (!in.is_whole() || !is_valid_name(x.client.name))
    return refusal::malformed;
  return x;
}

advert make_advert(client_id client, const signing_key& identity, const sha256_digest& evidence,
                   const client_draws& drawn, const sha256_digest& terms_hash) {
  advert x{.client = std::move(client),
           .identity = identity.public_key(),
           .evidence = evidence,
           .channel = drawn.channel_public,
           .pairwise = drawn.pairwise_public,
           .nonce = drawn.nonce};
  x.proof = identity.sign(statement_of(x, terms_hash));
  return x;
}

bool is_genuine(const advert& x, const sha256_digest& terms_hash) {
  return is_signed_by(x.identity, statement_of(x, terms_hash), x.proof);
}

bytes encode(const roster& x) {
  canonical::writer out;
  out.raw(x.root).u32(x.size).u32(x.own_index);
  write_path(out, x.own_path);
  out.u32(static_cast<std::uint32_t>(x.neighbours.size()));
  for (const auto& near : x.neighbours) {
    out.u32(near.index).with_length(encode(near.advert));
    write_path(out, near.path);
  }
  return out.take();
}

result<roster> decode_roster(bytes_view encoded) {
  canonical::reader in(encoded);
  roster x;
  in.fill(x.root);
  x.size = in.u32();
  x.own_index = in.u32();
  x.own_path = read_path(in);
  const auto count = in.count(entry_bytes_min);
  for (std::uint32_t i = 0; i < count && in.is_good(); ++i) {
    const auto index = in.u32();
    auto other = decode_advert(in.with_length(advert_bytes_max));
    if (!other || index >= x.size || (i > 0 && index <= x.neighbours.back().index))
      return refusal::malformed;
    x.neighbours.push_back({index, std::move(*other), read_path(in)});
  }
  if (!in.is_whole() || x.size > graph_count_max || x.own_index >= x.size)
    return refusal::malformed;
  return x;
}

result<done> check(const roster& x, const advert& own, const sha256_digest& terms_hash) {
  const auto leads_to_root = [&](const advert& leaf, std::uint32_t index,
                                 const std::vector<sha256_digest>& path) {
    const auto root = root_over(leaf_of(encode(leaf)), index, x.size, path);
    return root && *root == x.root;
  };
  if (!leads_to_root(own, x.own_index, x.own_path))
    return refusal::wrong_roster;
  for (const auto& near : x.neighbours)
    if (near.index == x.own_index || !leads_to_root(near.advert, near.index, near.path))
      return refusal::wrong_roster;
  std::vector<std::pair<std::uint32_t, const advert*>> all{{x.own_index, &own}};
  for (const auto& near : x.neighbours)
    all.emplace_back(near.index, &near.advert);
  std::sort(all.begin(), all.end());
  std::set<client_id> names;
  std::set<verifying_key> identities;
  std::set<agreement_key> channels, pairwise;
  for (const auto& [index, leaf] : all)
    if (!names.insert(leaf->client).second || !identities.insert(leaf->identity).second ||
        !channels.insert(leaf->channel).second || !pairwise.insert(leaf->pairwise).second)
      return refusal::repeated_key;
  for (std::size_t i = 1; i < all.size(); ++i)
    if (!(all[i - 1].second->client < all[i].second->client))
      return refusal::wrong_roster;
  for (const auto& near : x.neighbours)
    if (!is_genuine(near.advert, terms_hash))
      return refusal::wrong_signature;
  return done{};
}

} // namespace godwit::secure_sum
