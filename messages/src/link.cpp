#include <godwit/messages/link.hpp>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

#include <godwit/messages/limits.hpp>

#include "alternative.hpp"
#include "archive.hpp"

namespace godwit {
namespace {

// -- what each message must satisfy beyond its shape

bool fits(const std::string& text, std::size_t length_max) {
  return text.size() <= length_max;
}
bool is_flag(std::uint8_t x) {
  return x <= 1;
}
/// Of so many examples together. No NaN is one.
bool is_loss(double x, std::uint64_t example_count) {
  return std::abs(x) <= limits::loss_max * static_cast<double>(example_count);
}
bool is_stamp(const stamp& x) {
  return x.previous <= x.number && (x.number == 0 || x.previous < x.number);
}
bool is_model(const model_id& x) {
  return x.byte_count % 4 == 0 && x.byte_count / 4 <= limits::parameter_count_max;
}

/// Its values are floats, or packed words of up to 64 bits.
bool is_update(const model_id& x) {
  return x.byte_count / 8 <= limits::parameter_count_max;
}

bool valid(const hello& x) {
  if (!is_valid_name(x.client.name) || !fits(x.model, limits::name_length_max) ||
      x.features.size() > limits::feature_count_max)
    return false;
  for (const auto& feature : x.features)
    if (!fits(feature, limits::name_length_max))
      return false;
  return x.parameter_count <= limits::parameter_count_max &&
         x.example_count <= limits::example_count_max;
}
bool valid(const token_renewal&) {
  return true;
}
bool valid(const edge_status& x) {
  return is_flag(x.eligible) && fits(x.reason, limits::text_length_max) &&
         fits(x.power_mode, limits::name_length_max);
}
bool valid(const invitation_answer& x) {
  return is_flag(x.accepts) && fits(x.reason, limits::text_length_max) && is_stamp(x.letter);
}
bool valid(const model_request& x) {
  return is_model(x.model) && x.offset <= x.model.byte_count;
}
bool valid(const update_offer& x) {
  return is_update(x.update) && x.example_count >= 1 &&
         x.example_count <= limits::example_count_max && is_loss(x.loss, 1) && is_stamp(x.letter);
}
bool valid(const update_chunk&) {
  return true;
}
bool valid(const evaluation_report& x) {
  return x.example_count <= limits::example_count_max && x.correct_count <= x.example_count &&
         is_loss(x.loss_sum, x.example_count) && is_stamp(x.letter);
}
bool valid(const status_request&) {
  return true;
}
bool valid(const welcome& x) {
  return fits(x.server, limits::name_length_max) && fits(x.job, limits::name_length_max) &&
         fits(x.token, limits::token_length_max);
}
bool valid(const token_grant& x) {
  return fits(x.token, limits::token_length_max);
}
bool valid(const refused& x) {
  return is_flag(x.closes) && fits(x.detail, limits::text_length_max) && is_stamp(x.letter);
}
bool valid(const invitation& x) {
  return is_model(x.model) && std::isfinite(x.plan.learning_rate) &&
         std::isfinite(x.plan.momentum) && std::isfinite(x.plan.weight_decay) &&
         std::isfinite(x.plan.noise.clip_norm) && std::isfinite(x.plan.noise.noise_multiplier) &&
         x.plan.local.law <= update_noise::laplace && std::isfinite(x.plan.local.clip_norm) &&
         std::isfinite(x.plan.local.noise_multiplier) && x.plan.epochs >= 1 &&
         x.plan.epochs <= 1000;
}
bool valid(const secure_invitation& x) {
  return valid(x.task) && fits(x.terms, limits::secure_terms_bytes_max);
}
bool valid(const secure_word& x) {
  constexpr secure_step steps[] = {secure_step::advert, secure_step::sealed_shares,
                                   secure_step::body_proof, secure_step::consistent,
                                   secure_step::unmask_shares};
  return std::find(std::begin(steps), std::end(steps), secure_step{x.step}) != std::end(steps) &&
         fits(x.evidence, limits::evidence_bytes_max) && is_stamp(x.letter);
}
bool valid(const secure_piece& x) {
  constexpr secure_step steps[] = {secure_step::evidence, secure_step::roster,
                                   secure_step::delivered_shares, secure_step::survivors,
                                   secure_step::unmask_request};
  return std::find(std::begin(steps), std::end(steps), secure_step{x.step}) != std::end(steps) &&
         x.byte_count <= limits::secure_call_bytes_max && x.offset <= x.byte_count;
}
bool valid(const trustee_hello& x) {
  return is_valid_name(x.trustee.name) && fits(x.evidence, limits::evidence_bytes_max);
}
bool valid(const sum_piece& x) {
  return x.step >= static_cast<std::uint8_t>(sum_step::terms) &&
         x.step <= static_cast<std::uint8_t>(sum_step::gave_up) &&
         x.server <= limits::sum_server_count_max && x.offset <= x.byte_count;
}
bool valid(const model_chunk&) {
  return true;
}
bool valid(const update_grant&) {
  return true;
}
bool valid(const receipt& x) {
  return is_stamp(x.letter);
}
bool valid(const letters_heard&) {
  return true;
}
bool valid(const letters_taken&) {
  return true;
}
bool valid(const round_closed& x) {
  return is_flag(x.committed) && fits(x.reason, limits::text_length_max) && is_stamp(x.letter);
}
bool valid(const evaluation_request& x) {
  return is_model(x.model);
}
bool valid(const status_reply& x) {
  return is_flag(x.has_loss) && is_flag(x.has_accuracy) && std::isfinite(x.loss) &&
         std::isfinite(x.accuracy) && fits(x.job, limits::name_length_max) &&
         fits(x.phase, limits::name_length_max) && fits(x.note, limits::text_length_max);
}

// -- a variant as a frame: its kind says which alternative it is

template <class Variant>
encoded encode_variant(const Variant& message, std::uint16_t kind_first, const std::string* token) {
  encoded made;
  made.kind = static_cast<std::uint16_t>(kind_first + message.index());
  writing_archive archive(made.head);
  if (token)
    archive(*token);
  std::visit([&archive](const auto& x) { archive(x); }, message);
  return made;
}

template <class Variant>
result<Variant> decode_variant(std::uint16_t kind, std::uint16_t kind_first, bytes_view head,
                               std::string* token) {
  if (head.size() > limits::frame_head_bytes_max)
    return refusal::too_large;
  constexpr auto count = std::variant_size_v<Variant>;
  if (kind < kind_first || kind >= kind_first + count)
    return refusal::malformed;
  auto message = alternative<Variant>(kind - kind_first);
  try {
    reading_archive archive(head, limits::frame_head_bytes_max);
    if (token) {
      archive(*token);
      if (token->size() > limits::token_length_max)
        return refusal::too_large;
    }
    std::visit([&archive](auto& x) { archive(x); }, message);
    if (!archive.at_end())
      return refusal::malformed;
  } catch (const std::exception&) {
    return refusal::malformed;
  }
  if (!std::visit([](const auto& x) { return valid(x); }, message))
    return refusal::malformed;
  return message;
}

} // namespace

encoded encode(const edge_envelope& x) {
  return encode_variant(x.message, edge_kind_first, &x.token);
}
encoded encode(const person_message& x) {
  return encode_variant(x, person_kind_first, nullptr);
}
encoded encode(const server_message& x) {
  return encode_variant(x, server_kind_first, nullptr);
}
encoded encode(const trustee_envelope& x) {
  return encode_variant(x.message, trustee_kind_first, &x.token);
}

result<edge_envelope> decode_edge_envelope(std::uint16_t kind, bytes_view head) {
  edge_envelope envelope;
  auto message = decode_variant<edge_message>(kind, edge_kind_first, head, &envelope.token);
  if (!message)
    return message.why();
  envelope.message = std::move(*message);
  return envelope;
}

result<person_message> decode_person_message(std::uint16_t kind, bytes_view head) {
  return decode_variant<person_message>(kind, person_kind_first, head, nullptr);
}

result<server_message> decode_server_message(std::uint16_t kind, bytes_view head) {
  return decode_variant<server_message>(kind, server_kind_first, head, nullptr);
}

result<trustee_envelope> decode_trustee_envelope(std::uint16_t kind, bytes_view head) {
  trustee_envelope envelope;
  auto message = decode_variant<trustee_message>(kind, trustee_kind_first, head, &envelope.token);
  if (!message)
    return message.why();
  envelope.message = std::move(*message);
  return envelope;
}

std::string_view name(sum_step step) noexcept {
  constexpr std::string_view names[] = {"terms", "ready", "part",   "collected",
                                        "said",  "over",  "gave_up"};
  const auto index = static_cast<std::size_t>(step) - 1;
  return index < std::size(names) ? names[index] : "unknown_step";
}

std::string_view name(secure_step step) noexcept {
  constexpr std::string_view names[] = {
      "advert",     "roster",         "sealed_shares", "delivered_shares", "survivors",
      "consistent", "unmask_request", "unmask_shares", "evidence",         "body_proof"};
  const auto index = static_cast<std::size_t>(step) - 1;
  return index < std::size(names) ? names[index] : "unknown_step";
}

std::string_view name(const edge_message& message) noexcept {
  constexpr std::string_view names[] = {
      "hello",        "token_renewal", "edge_status",       "invitation_answer", "model_request",
      "update_offer", "update_chunk",  "evaluation_report", "letters_heard",     "secure_word"};
  static_assert(std::size(names) == std::variant_size_v<edge_message>);
  return names[message.index()];
}

std::string_view name(const server_message& message) noexcept {
  constexpr std::string_view names[] = {
      "welcome",       "token_grant",       "refused",      "invitation",         "model_chunk",
      "update_grant",  "receipt",           "round_closed", "evaluation_request", "status_reply",
      "letters_taken", "secure_invitation", "secure_piece", "sum_piece"};
  static_assert(std::size(names) == std::variant_size_v<server_message>);
  return names[message.index()];
}

std::string_view name(const trustee_message& message) noexcept {
  constexpr std::string_view names[] = {"trustee_hello", "trustee_token_renewal",
                                        "trustee_sum_piece"};
  static_assert(std::size(names) == std::variant_size_v<trustee_message>);
  return names[message.index()];
}

} // namespace godwit
