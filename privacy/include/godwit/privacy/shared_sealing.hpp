// How do clients and trustees that have no link to each other speak through the one server that
// they have all a link to, so that it cannot read what is not its own? (privacy/SHARED_SUM.md,
// section 9)
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include <godwit/messages/bytes.hpp>
#include <godwit/messages/ids.hpp>
#include <godwit/messages/result.hpp>
#include <godwit/messages/secret.hpp>
#include <godwit/privacy/key_agreement.hpp>
#include <godwit/privacy/shared_round.hpp>

namespace godwit::shared_sum {

/// Bytes of what a client seals for this server, one of the trustees.
std::uint64_t part_bytes(const terms&, unsigned server);

/// Bytes of a client's whole upload: the trustees' parts, and behind them the last server's.
std::uint64_t body_bytes(const terms&);

/// A client's upload. `seed` and entries as for `split`; the same give the same bytes. None where a
/// server's key is weak, which decode_shared_round refuses.
template <class Lane>
result<bytes> make_body(const shared_round&, const client_id&, const secret& seed,
                        std::vector<Lane> entries);

/// A body taken apart, sharing its memory.
struct body_parts {
  std::vector<shared_bytes> sealed; ///< [server_count - 1]
  shared_bytes head, lanes;         ///< the last server's
};
/// Refuses wrong_shape: another length.
result<body_parts> take_apart(const terms&, const shared_bytes& body);

/// What a client has sealed for a trustee.
struct opened_part {
  secret head;
  shared_bytes lanes;
};
/// Refuses wrong_shape (another length), wrong_share (it does not open: another round's, server's
/// or client's, or changed on its way).
result<opened_part> open_part(const terms&, unsigned server, const secret& sealing_key,
                              const client_id&, bytes_view sealed);

inline constexpr std::size_t session_nonce_bytes = 32;
using session_nonce = sha256_digest;

/// The words of one trustee to another during one attempt to open a sum. `nonces`: of both, in the
/// order of their numbers, each drawn for this attempt by the trustee itself, so that no key comes
/// twice. Each kind of message is said once.
class sealed_talk {
public:
  /// `own` and `peer` are numbers of trustees; `peer_key` is not weak.
  sealed_talk(const terms&, unsigned own, unsigned peer, const secret& own_key,
              const agreement_key& peer_key, const session_nonce& first,
              const session_nonce& second);

  /// u8 kind || sealed.
  bytes seal(bytes_view message) const;
  /// Nothing where it is not what the peer has sealed as this kind.
  std::optional<bytes> open(bytes_view sealed) const;

private:
  secret key_for(unsigned from, unsigned to, std::uint8_t kind) const;

  sha256_digest terms_hash_;
  unsigned own_, peer_;
  secret agreed_;
  session_nonce first_, second_;
};

} // namespace godwit::shared_sum
