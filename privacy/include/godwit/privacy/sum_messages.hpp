// What do the server and a client say after the roster? (privacy/SECURE_SUM.md, sections 6 to 9.)
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include <godwit/messages/bytes.hpp>
#include <godwit/messages/ids.hpp>
#include <godwit/messages/result.hpp>
#include <godwit/messages/secret.hpp>
#include <godwit/privacy/sealed_box.hpp>
#include <godwit/privacy/shamir.hpp>
#include <godwit/privacy/signature.hpp>

namespace godwit::secure_sum {

/// u and v, then a share of b_u and one of s_sk_u.
inline constexpr std::size_t box_content_bytes = 8 + 2 * shamir::share_bytes;
inline constexpr std::size_t box_bytes = box_content_bytes + seal_tag_bytes;
using box = std::array<std::byte, box_bytes>;

/// Both shares of one client, as its neighbour holds them: b's, then s_sk's.
inline constexpr std::size_t share_pair_bytes = 2 * shamir::share_bytes;

/// Of which round, from whom and to whom a box is.
struct box_label {
  sha256_digest root{};
  round_id round;
  std::uint32_t from = 0;
  std::uint32_t to = 0;
};

/// box(from->to). `key` is channel_key(from, to); `shares` has share_pair_bytes.
box seal_shares(bytes_view key, const box_label&, bytes_view shares);

/// The two shares, share_pair_bytes. Refuses wrong_share where the box does not open, says inside
/// that it is another, or holds a value that is not below p.
result<secret> open_shares(bytes_view key, const box_label&, const box& sealed);

struct labelled_box {
  std::uint32_t client = 0; ///< for whom (sealed), or from whom (delivered)
  secure_sum::box box{};
};

// In each, indices ascend strictly; decoders refuse malformed for everything else.

/// client -> server
struct sealed_shares {
  sha256_digest root{};
  sha256_digest commitment{};
  std::vector<labelled_box> boxes;
};
bytes encode(const sealed_shares&);
result<sealed_shares> decode_sealed_shares(bytes_view encoded);

/// server -> client
struct delivered_shares {
  sha256_digest root{};
  std::vector<labelled_box> boxes;
};
bytes encode(const delivered_shares&);
result<delivered_shares> decode_delivered_shares(bytes_view encoded);

/// server -> client, profile malicious
struct survivors {
  sha256_digest root{};
  std::vector<std::uint32_t> indices;
};
bytes encode(const survivors&);
result<survivors> decode_survivors(bytes_view encoded);

/// server -> client
struct unmask_request {
  sha256_digest root{};
  std::uint32_t survivor_count = 0;
  std::vector<std::uint32_t> dropped;
  std::vector<std::uint32_t> alive;
  std::vector<std::pair<std::uint32_t, signature>> signatures;
};
bytes encode(const unmask_request&);
result<unmask_request> decode_unmask_request(bytes_view encoded);

/// client -> server: shares of s_sk of the dropped, then of b of the alive, in the request's order.
struct unmask_shares {
  sha256_digest root{};
  std::vector<shamir::share> shares;
};
bytes encode(const unmask_shares&);
result<unmask_shares> decode_unmask_shares(bytes_view encoded);

/// H_3 = H("FLSA1/survivors", survivors).
sha256_digest hash_of_survivors(bytes_view encoded);

/// What a client signs to say that it was told these survivors.
bytes consistency_statement(const sha256_digest& survivors_hash);
/// What a client signs of its masked vector (profile malicious).
bytes body_statement(const sha256_digest& root, std::uint32_t client, const sha256_digest& body);

} // namespace godwit::secure_sum
