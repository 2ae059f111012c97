// How does a client cut its vector into shares, and how does a server add shares up?
#include <godwit/privacy/shared_sum.hpp>

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include <godwit/messages/check.hpp>
#include <godwit/privacy/canonical.hpp>

namespace godwit::shared_sum {

static_assert(std::endian::native == std::endian::little, "lanes travel as they lie in memory");

namespace {

constexpr std::size_t tile_lanes = 16384; ///< 32 to 128 KiB of the sum: it stays in the cache
constexpr std::size_t together = 4;       ///< vectors that are read at the same time

sha256_digest derived(std::string_view label, const secret& seed, bytes_view context) {
  auto content = canonical::writer().raw(seed.reveal()).raw(context).take();
  const auto digest = canonical::hash(label, content);
  wipe(content);
  return digest;
}

secret key_of(const terms& t, const secret& seed, unsigned share) {
  const auto context =
      canonical::writer().raw(hash_of(t)).u8(static_cast<std::uint8_t>(share)).take();
  auto key = derived("FLSS1/key", seed, context);
  secret held(bytes(key.begin(), key.end()));
  wipe(key);
  return held;
}

std::vector<mask_term> mask_terms(std::span<const bytes_view> keys, bool is_subtracted) {
  std::vector<mask_term> out;
  out.reserve(keys.size());
  for (const auto key : keys)
    out.push_back({key.first<mask_key_bytes>(), is_subtracted});
  return out;
}

key_stream stream_of(const terms& t) {
  return {.suite = t.suite, .nonce = mask_nonce(t.round), .kernel = best_mask_kernel(t.suite)};
}

/// Adds `count` vectors' lanes, at `first` and behind it, to a tile of the sum, in one pass over
/// it. Their memory need not be aligned.
template <std::size_t count, class Lane>
void add_to_tile(std::span<Lane> tile, std::size_t first, const bytes_view* vectors) {
  const std::byte* at[count];
  for (std::size_t v = 0; v < count; ++v)
    at[v] = vectors[v].data() + first * sizeof(Lane);
  for (std::size_t i = 0; i < tile.size(); ++i) {
    Lane sum = tile[i];
    for (std::size_t v = 0; v < count; ++v) {
      Lane lane = 0;
      std::memcpy(&lane, at[v] + i * sizeof(Lane), sizeof lane);
      sum = static_cast<Lane>(sum + lane);
    }
    tile[i] = sum;
  }
}

template <class Lane>
void add_vectors(std::span<Lane> sum, std::span<const bytes_view> vectors) {
  for (std::size_t first = 0; first < sum.size(); first += tile_lanes) {
    const auto tile = sum.subspan(first, std::min(tile_lanes, sum.size() - first));
    std::size_t v = 0;
    for (; v + together <= vectors.size(); v += together)
      add_to_tile<together>(tile, first, vectors.data() + v);
    for (; v < vectors.size(); ++v)
      add_to_tile<1>(tile, first, vectors.data() + v);
  }
}

template <class Lane>
bytes content_of(const std::vector<Lane>& sum) {
  const auto view = std::as_bytes(std::span(sum));
  return {view.begin(), view.end()};
}

/// Calls act with a number of the terms' width, of value 0.
auto with_lane(const terms& t, auto&& act) {
  if (t.lane_bits == 16)
    return act(std::uint16_t{0});
  if (t.lane_bits == 32)
    return act(std::uint32_t{0});
  return act(std::uint64_t{0});
}

bool is_key(const terms& t, unsigned share) {
  return share < t.server_count;
}

} // namespace

template <class Lane>
split_vector<Lane> split(const terms& t, const secret& seed, std::vector<Lane> entries) {
  GODWIT_CHECK(sizeof(Lane) * 8 == t.lane_bits && entries.size() == t.length,
               "the entries are not what the terms say");
  GODWIT_CHECK(seed.reveal().size() == mask_key_bytes, "a seed has 32 bytes");
  std::vector<secret> keys;
  std::vector<bytes_view> revealed;
  for (unsigned share = 1; share < t.server_count; ++share)
    keys.push_back(key_of(t, seed, share));
  for (const auto& key : keys)
    revealed.push_back(key.reveal());
  const auto h_o = hash_of(t);
  const auto id = derived("FLSS1/upload", seed, h_o);
  split_vector<Lane> out;
  for (unsigned server = 1; server <= t.server_count; ++server) {
    auto held = shares_of(t, server);
    std::sort(held.begin(), held.end());
    canonical::writer head;
    head.u8(static_cast<std::uint8_t>(server)).raw(h_o).raw(id);
    for (const auto share : held)
      if (is_key(t, share))
        head.raw(revealed[share - 1]);
    out.heads.push_back(head.take());
  }
  add_masks(std::span(entries), mask_terms(revealed, true), stream_of(t));
  out.lanes = std::move(entries);
  return out;
}

template split_vector<std::uint16_t> split(const terms&, const secret&, std::vector<std::uint16_t>);
template split_vector<std::uint32_t> split(const terms&, const secret&, std::vector<std::uint32_t>);
template split_vector<std::uint64_t> split(const terms&, const secret&, std::vector<std::uint64_t>);

std::size_t head_bytes(const terms& t, unsigned server) {
  const auto held = shares_of(t, server);
  const auto key_count = held.size() - (holds_lanes(t, server) ? 1 : 0);
  return 1 + 2 * sizeof(sha256_digest) + key_count * mask_key_bytes;
}

result<upload> read_upload(const terms& t, unsigned server, bytes_view head, shared_bytes lanes) {
  const auto lanes_wanted = holds_lanes(t, server) ? vector_bytes(t) : 0;
  if (head.size() != head_bytes(t, server) || lanes.size() != lanes_wanted)
    return refusal::wrong_shape;
  canonical::reader in(head);
  if (in.u8() != server)
    return refusal::identity_mismatch;
  sha256_digest h_o, id;
  in.fill(h_o);
  in.fill(id);
  if (h_o != hash_of(t))
    return refusal::wrong_terms;
  upload out{.id = id, .keys = {}, .lanes = std::move(lanes)};
  for (auto left = shares_of(t, server).size() - (lanes_wanted > 0 ? 1 : 0); left > 0; --left) {
    const auto key = in.raw(mask_key_bytes);
    out.keys.emplace_back(bytes(key.begin(), key.end()));
  }
  return out;
}

bytes_view sent_share(const terms& t, unsigned server, const upload& from, unsigned share) {
  if (!is_key(t, share))
    return from.lanes.view();
  auto held = shares_of(t, server);
  std::sort(held.begin(), held.end());
  const auto at = std::find(held.begin(), held.end(), share);
  GODWIT_CHECK(at != held.end(), "this server does not hold the share");
  return from.keys[static_cast<std::size_t>(at - held.begin())].reveal();
}

bytes sum_of_share(const terms& t, unsigned server, unsigned share,
                   std::span<const upload* const> uploads) {
  std::vector<bytes_view> sent;
  sent.reserve(uploads.size());
  for (const upload* one : uploads)
    sent.push_back(sent_share(t, server, *one, share));
  if (!is_key(t, share))
    return sum_of_lanes(t, sent);
  return with_lane(t, [&]<class Lane>(Lane) {
    std::vector<Lane> sum(t.length);
    add_masks(std::span(sum), mask_terms(sent, false), stream_of(t));
    return content_of(sum);
  });
}

bytes sum_of_lanes(const terms& t, std::span<const bytes_view> vectors) {
  return with_lane(t, [&]<class Lane>(Lane) {
    std::vector<Lane> sum(t.length);
    add_vectors(std::span(sum), vectors);
    return content_of(sum);
  });
}

} // namespace godwit::shared_sum
