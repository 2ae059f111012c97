#include "paillier/scheme.hpp"

#include <algorithm>
#include <array>
#include <exception>
#include <limits>
#include <utility>

#include <botan/bigint.h>
#include <botan/chacha_rng.h>
#include <botan/numthry.h>
#include <botan/reducer.h>

#include "octets.hpp"
#include "paillier/keys.hpp"
#include "rlwe/stream.hpp"
#include "sum_addition.hpp"
#include "sum_frame.hpp"

namespace godwit::paillier {

namespace {

using Botan::BigInt;

std::uint64_t block_count(const parameters& set, std::uint64_t value_count) {
  return (value_count + set.slot_count - 1) / set.slot_count;
}

/// Checks what a label of this set may say.
sum_result<done> check_label(const parameters& set, const sum_label& label) {
  if (label.set != set.id)
    return sum_refusal::wrong_set;
  if (label.value_count == 0 || label.value_count > sum_value_count_max || label.parties != 1 ||
      label.value_bits == 0 || label.value_bits > slot_bits)
    return sum_refusal::wrong_shape;
  if (label.level == 0 || label.level > level_max(label.value_bits))
    return sum_refusal::over_level;
  return done{};
}

/// The product of numbers below n^2, in place.
class residues {
public:
  explicit residues(const public_key& key) : key_(key), reduce_(key.n_squared) {}

  /// Empty for words that are no residue: 0, or not below n^2.
  std::optional<BigInt> read(const std::uint64_t* words) const {
    BigInt number = number_of(words, words_of(*key_.set));
    if (number.is_zero() || number >= key_.n_squared)
      return std::nullopt;
    return number;
  }
  BigInt multiply(const BigInt& a, const BigInt& b) const { return reduce_.multiply(a, b); }
  const public_key& key() const noexcept { return key_; }

private:
  public_key key_;
  Botan::Modular_Reducer reduce_;
};

/// c = (1 + m n) r^n mod n^2, r from the stream: bits + 128 of them, modulo n.
class encryptor final : public sum_encryptor {
public:
  explicit encryptor(public_key key) : residues_(key) {}

  sum_result<encrypted_values> encrypt(std::span<const std::uint32_t> values,
                                       std::uint8_t value_bits, std::uint64_t round,
                                       const secret& seed) override {
    const auto& key = residues_.key();
    const auto& set = *key.set;
    encrypted_values out{.label = {.set = set.id,
                                   .round = round,
                                   .level = 1,
                                   .value_count = values.size(),
                                   .value_bits = value_bits,
                                   .key = key.id},
                         .words = {}};
    if (const auto checked = check_label(set, out.label); !checked)
      return checked.why();
    std::uint64_t all_bits = 0;
    for (const auto value : values)
      all_bits |= value;
    if (all_bits >> value_bits != 0)
      return sum_refusal::value_out_of_range;
    if (seed.reveal().size() != mask_key_bytes)
      return sum_refusal::bad_key;
    std::array<std::byte, 8> round_bytes{};
    for (std::size_t i = 0; i < round_bytes.size(); ++i)
      round_bytes[i] = static_cast<std::byte>(round >> (8 * i));
    const auto stream_key =
        rlwe::derive_secret("godwit/paillier/encrypt", {seed.reveal(), key.id, round_bytes});
    rlwe::word_stream stream(stream_key.reveal());
    out.words.resize(block_count(set, values.size()) * words_of(set));
    for (std::size_t block = 0; block * set.slot_count < values.size(); ++block) {
      const auto at = block * set.slot_count;
      const auto slots = values.subspan(at, std::min(set.slot_count, values.size() - at));
      write_words(encrypt_block(stream, block, slots), out.words.data() + block * words_of(set),
                  words_of(set));
    }
    return out;
  }

private:
  BigInt encrypt_block(rlwe::word_stream& stream, std::uint64_t block,
                       std::span<const std::uint32_t> slots) const {
    const auto& key = residues_.key();
    std::vector<std::uint64_t> words(key.set->bits / 64 + 2);
    stream.start(rlwe::purpose::blinding, 0, block);
    stream.read(words);
    const BigInt r = number_of(words.data(), words.size()) % key.n;
    wipe(std::as_writable_bytes(std::span(words)));
    BigInt message;
    for (std::size_t slot = slots.size(); slot-- > 0;)
      message = (message << slot_bits) + slots[slot];
    return residues_.multiply(message * key.n + 1, Botan::power_mod(r, key.n, key.n_squared));
  }

  residues residues_;
};

class accumulator final : public sum_accumulator {
public:
  accumulator(public_key key, const sum_label& like)
      : residues_(key), sum_{.label = like, .words = {}} {
    sum_.label.level = 0;
    sum_.words.resize(block_count(*key.set, like.value_count) * words_of(*key.set));
    for (std::size_t at = 0; at < sum_.words.size(); at += words_of(*key.set))
      sum_.words[at] = 1;
  }

  sum_result<done> add(const encrypted_values& item, std::uint32_t weight) override {
    const auto& set = *residues_.key().set;
    if (auto fits = may_add(item, sum_, level_max(sum_.label.value_bits), weight); !fits)
      return fits.why();
    auto words = sum_.words;
    for (std::size_t at = 0; at < words.size(); at += words_of(set)) {
      auto factor = residues_.read(item.words.data() + at);
      if (!factor)
        return sum_refusal::coefficient_out_of_range;
      if (weight != 1)
        factor = Botan::power_mod(*factor, weight, residues_.key().n_squared);
      const auto before = number_of(words.data() + at, words_of(set));
      write_words(residues_.multiply(before, *factor), words.data() + at, words_of(set));
    }
    sum_.words = std::move(words);
    sum_.label.level += item.label.level * weight;
    return done{};
  }

  sum_result<done> add_body(bytes_view body) override {
    if (body.size() != 8 * sum_.words.size())
      return sum_refusal::wrong_shape;
    encrypted_values item{.label = sum_.label, .words = words_from(body)};
    item.label.level = 1;
    return add(item, 1);
  }

  encrypted_values sum() const override { return sum_; }

private:
  residues residues_;
  encrypted_values sum_;
};

class decryptor final : public sum_decryptor {
public:
  explicit decryptor(secret_key key) : key_(std::move(key)), residues_(key_.open) {}

  sum_result<std::vector<std::uint32_t>> decrypt(const encrypted_values& sum) const override {
    const auto& set = *key_.open.set;
    if (sum.label.set != set.id)
      return sum_refusal::wrong_set;
    if (sum.label.key != key_.open.id)
      return sum_refusal::wrong_key;
    if (const auto checked = check_label(set, sum.label); !checked)
      return checked.why();
    if (sum.words.size() != block_count(set, sum.label.value_count) * words_of(set))
      return sum_refusal::wrong_shape;
    const auto bound = sum.label.level * ((std::uint64_t{1} << sum.label.value_bits) - 1);
    std::vector<std::uint32_t> slots;
    for (std::size_t at = 0; at < sum.words.size(); at += words_of(set)) {
      const auto number = residues_.read(sum.words.data() + at);
      if (!number)
        return sum_refusal::coefficient_out_of_range;
      const BigInt message = decrypt_number(key_, *number);
      for (std::size_t slot = 0; slot < set.slot_count; ++slot)
        slots.push_back(message.get_substring(slot * slot_bits, slot_bits));
      if (message.bits() > set.slot_count * slot_bits ||
          *std::max_element(slots.end() - static_cast<std::ptrdiff_t>(set.slot_count),
                            slots.end()) > bound)
        return sum_refusal::noise_out_of_bound;
    }
    slots.resize(sum.label.value_count);
    return slots;
  }

private:
  secret_key key_;
  residues residues_;
};

/// Runs `work`; what Botan throws means that the key was none.
template <class T, class F>
sum_result<T> guarded(F&& work) {
  try {
    return std::forward<F>(work)();
  } catch (const std::exception&) {
    return sum_refusal::bad_key;
  }
}

class scheme final : public additive_scheme {
public:
  explicit scheme(const parameters& set) : set_(set) {}

  sum_shape shape() const override {
    return {.slot_bits = slot_bits,
            .values_in_block = set_.slot_count,
            .words_in_block = words_of(set_),
            .block_bytes = 8 * words_of(set_),
            .level_by_noise_max = std::numeric_limits<std::uint32_t>::max()};
  }
  std::uint64_t level_max(std::uint8_t value_bits, std::uint16_t parties) const override {
    return parties == 1 ? paillier::level_max(value_bits) : 0;
  }

  sum_result<sum_keys> make_keys(const secret& seed) const override {
    if (seed.reveal().size() != mask_key_bytes)
      return sum_refusal::bad_key;
    return guarded<sum_keys>([&] { return draw_keys(set_, seed); });
  }

  sum_result<std::unique_ptr<sum_encryptor>> encryptor(bytes_view key) const override {
    using made = std::unique_ptr<sum_encryptor>;
    return guarded<made>([&]() -> sum_result<made> {
      auto read = read_public_key(set_, key);
      if (!read)
        return read.why();
      return made(std::make_unique<paillier::encryptor>(std::move(*read)));
    });
  }

  sum_result<std::unique_ptr<sum_decryptor>> decryptor(const secret& key) const override {
    using made = std::unique_ptr<sum_decryptor>;
    return guarded<made>([&]() -> sum_result<made> {
      auto read = read_secret_key(set_, key);
      if (!read)
        return read.why();
      return made(std::make_unique<paillier::decryptor>(std::move(*read)));
    });
  }

  sum_result<std::unique_ptr<sum_accumulator>> accumulator(const sum_label& like,
                                                           bytes_view key) const override {
    using made = std::unique_ptr<sum_accumulator>;
    return guarded<made>([&]() -> sum_result<made> {
      auto read = read_public_key(set_, key);
      if (!read)
        return read.why();
      auto label = like;
      label.level = 1;
      if (const auto checked = check_label(set_, label); !checked)
        return checked.why();
      if (label.key != read->id)
        return sum_refusal::wrong_key;
      return made(std::make_unique<paillier::accumulator>(std::move(*read), label));
    });
  }

  bytes encode(const encrypted_values& values) const override {
    auto content = open_frame({.kind = frame_kind::ciphertext, .party = 0, .label = values.label},
                              8 * values.words.size());
    write_octets(values.words, content.data() + frame_head_bytes);
    seal_frame(content);
    return content;
  }

  bytes encode_body(const encrypted_values& values) const override {
    bytes body(8 * values.words.size());
    write_octets(values.words, body.data());
    return body;
  }

  sum_result<encrypted_values> decode(bytes_view content) const override {
    const auto read = read_frame(content, frame_kind::ciphertext, set_.id);
    if (!read)
      return read.why();
    const auto& label = read->head.label;
    if (const auto checked = check_label(set_, label); !checked)
      return checked.why();
    const auto words = block_count(set_, label.value_count) * words_of(set_);
    if (read->head.party != 0 || read->body.size() != 8 * words)
      return sum_refusal::malformed;
    return encrypted_values{.label = label, .words = words_from(read->body)};
  }

private:
  parameters set_;
};

} // namespace

std::unique_ptr<additive_scheme> make_scheme(sum_set set) {
  const auto* found = find_set(set);
  return found == nullptr ? nullptr : std::make_unique<scheme>(*found);
}

} // namespace godwit::paillier
