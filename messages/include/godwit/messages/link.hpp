// Everything that may cross the line between two owners, by direction. What is not listed here
// cannot be said.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include <godwit/messages/enrolment.hpp>
#include <godwit/messages/result.hpp>
#include <godwit/messages/round.hpp>
#include <godwit/messages/secure_round.hpp>
#include <godwit/messages/trustee.hpp>

namespace godwit {

/// What an edge may say. The position in the list is the frame's kind, less `edge_kind_first`.
using edge_message =
    std::variant<hello, token_renewal, edge_status, invitation_answer, model_request, update_offer,
                 update_chunk, evaluation_report, letters_heard, secure_word>;

/// What a person's tool may say.
using person_message = std::variant<status_request>;

/// What a trustee may say.
using trustee_message = std::variant<trustee_hello, token_renewal, sum_piece>;

/// What a server may say.
using server_message =
    std::variant<welcome, token_grant, refused, invitation, model_chunk, update_grant, receipt,
                 round_closed, evaluation_request, status_reply, letters_taken, secure_invitation,
                 secure_piece, sum_piece>;

inline constexpr std::uint16_t edge_kind_first = 32;
inline constexpr std::uint16_t person_kind_first = 64;
inline constexpr std::uint16_t server_kind_first = 96;
inline constexpr std::uint16_t trustee_kind_first = 128;

/// An edge's message and the token that it presents (empty only with hello).
struct edge_envelope {
  std::string token;
  edge_message message;
};

/// The same of a trustee.
struct trustee_envelope {
  std::string token;
  trustee_message message;
};

/// A message's frame kind and the bytes of its fields.
struct encoded {
  std::uint16_t kind = 0;
  bytes head;
};

encoded encode(const edge_envelope&);
encoded encode(const person_message&);
encoded encode(const server_message&);
encoded encode(const trustee_envelope&);

/// Decoding takes memory only for what the input really holds, and refuses (malformed, too_large)
/// what breaks a bound of limits.hpp, holds bytes past the end, or states a number outside its
/// range.
result<edge_envelope> decode_edge_envelope(std::uint16_t kind, bytes_view head);
result<person_message> decode_person_message(std::uint16_t kind, bytes_view head);
result<server_message> decode_server_message(std::uint16_t kind, bytes_view head);
result<trustee_envelope> decode_trustee_envelope(std::uint16_t kind, bytes_view head);

/// The message's name on the wire, e.g. "update_offer"; the wire's golden list has them all.
std::string_view name(const edge_message&) noexcept;
std::string_view name(const server_message&) noexcept;
std::string_view name(const trustee_message&) noexcept;

} // namespace godwit
