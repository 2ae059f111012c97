// How do two or three servers add up vectors of which none of them sees one?
// (privacy/SHARED_SUM.md)
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <godwit/messages/bytes.hpp>
#include <godwit/messages/ids.hpp>
#include <godwit/messages/result.hpp>
#include <godwit/messages/secret.hpp>
#include <godwit/privacy/mask.hpp>
#include <godwit/privacy/prime_field.hpp>

namespace godwit::shared_sum {

/// Who holds what (the text, sections 4 to 6).
enum class scheme : std::uint8_t {
  additive = 1,   ///< each server one share; for servers that follow the text
  replicated = 2, ///< each of three servers two shares; one that tampers is noticed
};

/// What a round's sum is. Stated once, for all clients and servers.
struct terms {
  mask_suite suite = mask_suite::aes256_ctr;
  shared_sum::scheme scheme = scheme::additive;
  unsigned server_count = 2; ///< 2 or 3; replicated: 3
  unsigned lane_bits = 32;   ///< 16, 32 or 64; sums are mod 2^lane_bits
  std::string job;           ///< at most limits::text_length_max bytes
  round_id round;
  sha256_digest nonce{};         ///< fresh
  std::uint32_t clients_min = 2; ///< with fewer nothing is opened; at least 2
  std::uint32_t clients_max = 2;
  std::uint64_t length = 1; ///< lanes of a vector; at most limits::parameter_count_max
  sha256_digest meaning{};  ///< of the lanes: the digest of model, streams and quantisation
};

/// Refuses wrong_terms what is out of the bounds above.
result<done> check(const terms&);

/// Canonical (section 2).
bytes encode(const terms&);

/// Refuses malformed (no terms), or what `check` refuses.
result<terms> decode_terms(bytes_view encoded);

/// H_o: what everything that is said about these terms starts with.
sha256_digest hash_of(const terms&);

/// The size of a vector, and of the share that is sent as lanes.
std::uint64_t vector_bytes(const terms&) noexcept;

/// The numbers of the shares that server 1 ..= server_count holds: s, and in `replicated` also the
/// one behind it, in the order s, s + 1. The share with the highest number goes as lanes, the
/// others as keys.
std::vector<unsigned> shares_of(const terms&, unsigned server);

/// Whether this server holds the share that goes as lanes.
bool holds_lanes(const terms&, unsigned server);

/// A client's vector in shares. The upload to server s is heads[s - 1], and behind it the bytes of
/// `lanes` where the server holds them.
template <class Lane>
struct split_vector {
  std::vector<bytes> heads; ///< they hold keys: each for its server's eyes only
  std::vector<Lane> lanes;  ///< [length]
};

/// Splits entries [length] with a fresh seed of 32 bytes; Lane is the unsigned number of lane_bits.
/// The entries' memory becomes the share's. The same seed, terms and entries give the same bytes;
/// never use a seed with other entries.
template <class Lane>
split_vector<Lane> split(const terms&, const secret& seed, std::vector<Lane> entries);

/// What a server holds of one client.
struct upload {
  sha256_digest id{};
  std::vector<secret> keys; ///< of its shares that go as keys, in ascending number of the share
  shared_bytes lanes;       ///< [vector_bytes], if it holds them
};

/// Bytes of an upload to this server before its lanes.
std::size_t head_bytes(const terms&, unsigned server);

/// Reads what came for `server`: `head` as in split_vector, and the lanes' bytes, of which the
/// upload shares ownership. Refuses wrong_terms (another H_o), identity_mismatch (for another
/// server), wrong_shape (another length).
result<upload> read_upload(const terms&, unsigned server, bytes_view head, shared_bytes lanes);

/// A share as it was sent: 32 bytes of a key or the lanes. The server must hold the share.
bytes_view sent_share(const terms&, unsigned server, const upload&, unsigned share);

/// A_share: the sum of one share over the uploads, as lanes (section 7). One pass over the sum for
/// all keys; the lanes are read once.
bytes sum_of_share(const terms&, unsigned server, unsigned share, std::span<const upload* const>);

/// The sum of vectors given as lanes, each of vector_bytes.
bytes sum_of_lanes(const terms&, std::span<const bytes_view> vectors);

/// Section 6: the fingerprint of each content, all of one length, under coins. One pass over them.
std::vector<field_element> fingerprints(const terms&, const sha256_digest& coins,
                                        std::span<const bytes_view> contents);

} // namespace godwit::shared_sum
