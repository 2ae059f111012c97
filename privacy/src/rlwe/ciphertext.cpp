#include "rlwe/ciphertext.hpp"

#include <algorithm>
#include <array>

#include <godwit/messages/check.hpp>

namespace godwit::rlwe {

std::uint64_t block_count(const parameter_set& set, std::uint64_t value_count) {
  return (value_count + values_in_block(set) - 1) / values_in_block(set);
}

sum_result<done> check_label(const parameter_set& set, const sum_label& label) {
  if (label.value_count == 0 || label.value_count > sum_value_count_max || label.parties == 0 ||
      label.parties > set.parties_max || label.value_bits == 0 || label.value_bits > set.slot_bits)
    return sum_refusal::wrong_shape;
  if (label.level == 0 || label.level > level_max(set, label.value_bits, label.parties))
    return sum_refusal::over_level;
  return done{};
}

bytes encode_ciphertext(const encrypted_values& values) {
  auto content = open_frame({.kind = frame_kind::ciphertext, .party = 0, .label = values.label},
                            packed_bytes(values.words.size()));
  pack(values.words, content.data() + frame_head_bytes);
  seal_frame(content);
  return content;
}

sum_result<encrypted_values> decode_ciphertext(const ring& in, bytes_view content) {
  const auto& set = in.set();
  const auto read = read_frame(content, frame_kind::ciphertext, set.id);
  if (!read)
    return read.why();
  if (read->head.party != 0)
    return sum_refusal::malformed;
  if (const auto checked = check_label(set, read->head.label); !checked)
    return checked.why();
  const auto blocks = block_count(set, read->head.label.value_count);
  if (read->body.size() != blocks * set.polynomials * packed_bytes(in.words()))
    return sum_refusal::malformed;
  auto words = unpack(in, read->body);
  if (!words)
    return words.why();
  return encrypted_values{.label = read->head.label, .words = std::move(*words)};
}

sha256_digest public_seed_of(const parameter_set& set, const sha256_digest& context) {
  const auto id = static_cast<std::uint16_t>(set.id);
  const std::array<std::byte, 2> number{static_cast<std::byte>(id),
                                        static_cast<std::byte>(id >> 8)};
  return derive("godwit/rlwe/public", {number, context});
}

secret_words draw_key(const ring& in, const secret& seed) {
  const auto key = derive_secret("godwit/rlwe/keys", {seed.reveal()});
  word_stream stream(key.reveal());
  secret_words small(in.set().degree);
  in.draw_ternary(stream, purpose::secret_key, 0, small.data());
  return small;
}

key_parts draw_key_parts(const ring& in, const sha256_digest& public_seed, const secret& seed) {
  secret_words work(in.words()), small = draw_key(in, seed);
  in.transform_small(small.data(), 1, work.data());
  key_parts drawn{.s = in.prepare(work.data()), .b = std::vector<std::uint64_t>(in.words())};
  std::vector<std::uint64_t> a(in.words());
  word_stream public_stream(public_seed);
  in.draw_uniform(public_stream, 0, a.data());
  in.multiply_add(drawn.b.data(), a.data(), drawn.s);
  in.negate(drawn.b.data());
  const auto key = derive_secret("godwit/rlwe/keys", {seed.reveal()});
  word_stream stream(key.reveal());
  in.draw_errors(stream, purpose::key_error, 0, small.data());
  in.transform_small(small.data(), in.error_offset(), work.data());
  in.add(drawn.b.data(), work.data());
  return drawn;
}

bytes encode_key(const frame& head, std::span<const std::uint64_t> b) {
  auto content = open_frame(head, packed_bytes(b.size()));
  pack(b, content.data() + frame_head_bytes);
  seal_frame(content);
  return content;
}

sum_result<std::vector<std::uint64_t>> decode_key(const ring& in, bytes_view content,
                                                  const frame& expected) {
  const auto read = read_frame(content, expected.kind, in.set().id);
  if (!read)
    return read.why();
  if (read->body.size() != packed_bytes(in.words()))
    return sum_refusal::malformed;
  if (read->head.label.key != expected.label.key)
    return sum_refusal::wrong_key;
  if (read->head.label != expected.label || read->head.party != expected.party)
    return sum_refusal::wrong_shape;
  return unpack(in, read->body);
}

slot_reader::slot_reader(const ring& in, const sum_label& label)
    : in_(in), label_(label),
      slots_(block_count(in.set(), label.value_count) * values_in_block(in.set())) {}

sum_result<done> slot_reader::read(std::uint64_t* opened) {
  const auto& set = in_.set();
  const auto met = in_.decode(opened, slots_.data() + block_ * values_in_block(set));
  ++block_;
  const std::uint64_t slot_max = label_.level * ((std::uint64_t{1} << label_.value_bits) - 1);
  if (met.overflow != 0 || met.slot > slot_max ||
      met.noise > noise_bound(set, label_.level, label_.parties))
    return sum_refusal::noise_out_of_bound;
  return done{};
}

std::vector<std::uint32_t> slot_reader::take() && {
  GODWIT_CHECK(block_ == block_count(in_.set(), label_.value_count), "not all blocks were read");
  slots_.resize(label_.value_count);
  return std::move(slots_);
}

} // namespace godwit::rlwe
