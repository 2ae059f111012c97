// How do the ring sets encrypt and decrypt?
#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include <godwit/messages/check.hpp>

#include "rlwe/accumulator.hpp"
#include "rlwe/ciphertext.hpp"

namespace godwit::rlwe {

namespace {

constexpr std::size_t seed_bytes = 32;
constexpr std::uint32_t key_bound = std::uint32_t{1} << 20; ///< of a summed key's coefficients

std::array<std::byte, 8> little_endian(std::uint64_t number) {
  std::array<std::byte, 8> out{};
  for (std::size_t i = 0; i < out.size(); ++i)
    out[i] = static_cast<std::byte>(number >> (8 * i));
  return out;
}

/// The stream of one encryption: bound to key and round, so that a seed that is used again in
/// another round gives other randomness.
secret encryption_key(const secret& seed, const sha256_digest& key, std::uint64_t round) {
  return derive_secret("godwit/rlwe/encrypt", {seed.reveal(), key, little_endian(round)});
}

/// What both kinds of encryptors do before and around their blocks.
class ring_encryptor : public sum_encryptor {
public:
  ring_encryptor(std::shared_ptr<const ring> in, sha256_digest key, std::uint16_t parties)
      : in_(std::move(in)), key_(key), parties_(parties) {}

  sum_result<encrypted_values> encrypt(std::span<const std::uint32_t> values,
                                       std::uint8_t value_bits, std::uint64_t round,
                                       const secret& seed) override {
    const auto& set = in_->set();
    encrypted_values out{.label = {.set = set.id,
                                   .round = round,
                                   .level = 1,
                                   .value_count = values.size(),
                                   .parties = parties_,
                                   .value_bits = value_bits,
                                   .key = key_},
                         .words = {}};
    if (const auto checked = check_label(set, out.label); !checked)
      return checked.why();
    std::uint64_t all_bits = 0;
    for (const auto value : values)
      all_bits |= value;
    if (all_bits >> value_bits != 0)
      return sum_refusal::value_out_of_range;
    if (seed.reveal().size() != seed_bytes)
      return sum_refusal::bad_key;
    if (is_used_up())
      return sum_refusal::used_up;
    const auto blocks = block_count(set, values.size());
    const std::size_t block_words = set.polynomials * in_->words();
    out.words.resize(blocks * block_words);
    const auto stream_key = encryption_key(seed, key_, round);
    word_stream stream(stream_key.reveal());
    const std::size_t whole = values.size() / values_in_block(set);
    for (std::size_t block = 0; block < whole; ++block)
      encrypt_block(stream, block, values.data() + block * values_in_block(set),
                    out.words.data() + block * block_words);
    if (whole < blocks) {
      secret_array<std::uint32_t> padded(values_in_block(set));
      std::copy(values.begin() + static_cast<std::ptrdiff_t>(whole * values_in_block(set)),
                values.end(), padded.data());
      encrypt_block(stream, whole, padded.data(), out.words.data() + whole * block_words);
    }
    return out;
  }

protected:
  virtual bool is_used_up() { return false; }
  virtual void encrypt_block(word_stream& stream, std::uint64_t block, const std::uint32_t* slots,
                             std::uint64_t* out) = 0;
  std::shared_ptr<const ring> in_;

private:
  sha256_digest key_;
  std::uint16_t parties_;
};

/// (c0, c1) = (b u + e1 + Delta m, a u + e2).
class public_key_encryptor final : public ring_encryptor {
public:
  public_key_encryptor(std::shared_ptr<const ring> in, sha256_digest key, std::uint16_t parties,
                       prepared_polynomial a, prepared_polynomial b)
      : ring_encryptor(std::move(in), key, parties), a_(std::move(a)), b_(std::move(b)),
        small_(in_->set().degree), u_(in_->words()) {}

private:
  void encrypt_block(word_stream& stream, std::uint64_t block, const std::uint32_t* slots,
                     std::uint64_t* out) override {
    std::uint64_t* companion = out + in_->words();
    in_->draw_ternary(stream, purpose::ephemeral_key, block, small_.data());
    in_->transform_small(small_.data(), 1, u_.data());
    in_->draw_errors(stream, purpose::message_error, block, small_.data());
    in_->transform_message(slots, small_.data(), out);
    in_->multiply_add(out, u_.data(), b_);
    in_->draw_errors(stream, purpose::companion_error, block, small_.data());
    in_->transform_small(small_.data(), in_->error_offset(), companion);
    in_->multiply_add(companion, u_.data(), a_);
  }

  prepared_polynomial a_, b_;
  secret_words small_, u_;
};

/// c = a_j s + e + Delta m for block j.
class key_additive_encryptor final : public ring_encryptor {
public:
  key_additive_encryptor(std::shared_ptr<const ring> in, const sha256_digest& public_seed,
                         prepared_polynomial s)
      : ring_encryptor(std::move(in), public_seed, 1), s_(std::move(s)),
        public_stream_(public_seed), small_(in_->set().degree), a_(in_->words()) {}

private:
  bool is_used_up() override { return std::exchange(is_used_, true); }
  void encrypt_block(word_stream& stream, std::uint64_t block, const std::uint32_t* slots,
                     std::uint64_t* out) override {
    in_->draw_uniform(public_stream_, block, a_.data());
    in_->draw_errors(stream, purpose::message_error, block, small_.data());
    in_->transform_message(slots, small_.data(), out);
    in_->multiply_add(out, a_.data(), s_);
  }

  prepared_polynomial s_;
  word_stream public_stream_;
  secret_words small_;
  std::vector<std::uint64_t> a_;
  bool is_used_ = false;
};

class ring_decryptor final : public sum_decryptor {
public:
  /// `s` is the key; for the key-additive set the negated sum of the keys.
  ring_decryptor(std::shared_ptr<const ring> in, sha256_digest key, prepared_polynomial s)
      : in_(std::move(in)), key_(key), s_(std::move(s)) {}

  sum_result<std::vector<std::uint32_t>> decrypt(const encrypted_values& sum) const override {
    const auto& set = in_->set();
    if (sum.label.set != set.id)
      return sum_refusal::wrong_set;
    if (sum.label.key != key_)
      return sum_refusal::wrong_key;
    if (const auto checked = check_label(set, sum.label); !checked)
      return checked.why();
    const auto blocks = block_count(set, sum.label.value_count);
    const std::size_t block_words = set.polynomials * in_->words();
    if (sum.words.size() != blocks * block_words)
      return sum_refusal::wrong_shape;
    slot_reader slots(*in_, sum.label);
    secret_words opened(in_->words());
    std::vector<std::uint64_t> a(set.polynomials == 1 ? in_->words() : 0);
    word_stream public_stream(key_); // read where key_ is the public seed
    for (std::size_t block = 0; block < blocks; ++block) {
      const std::uint64_t* c0 = sum.words.data() + block * block_words;
      const std::uint64_t* c1 = c0 + in_->words();
      if (set.polynomials == 1) {
        in_->draw_uniform(public_stream, block, a.data());
        c1 = a.data();
      }
      std::copy_n(c0, in_->words(), opened.data());
      in_->multiply_add(opened.data(), c1, s_);
      if (const auto read = slots.read(opened.data()); !read)
        return read.why();
    }
    return std::move(slots).take();
  }

private:
  std::shared_ptr<const ring> in_;
  sha256_digest key_;
  prepared_polynomial s_;
};

class ring_scheme final : public additive_scheme {
public:
  ring_scheme(const parameter_set& set, const sha256_digest& context, sum_kernels kernels)
      : in_(std::make_shared<ring>(set, kernels)), public_seed_(public_seed_of(set, context)) {}

  sum_shape shape() const override {
    const auto& set = in_->set();
    const std::size_t words = set.polynomials * in_->words();
    return {.slot_bits = set.slot_bits,
            .values_in_block = values_in_block(set),
            .words_in_block = words,
            .block_bytes = packed_bytes(words),
            .level_by_noise_max = level_by_noise_max(set, 1)};
  }

  std::uint64_t level_max(std::uint8_t value_bits, std::uint16_t parties) const override {
    return rlwe::level_max(in_->set(), value_bits, parties);
  }

  sum_result<sum_keys> make_keys(const secret& seed) const override {
    if (in_->set().parties_max > 1)
      return sum_refusal::wrong_set;
    if (seed.reveal().size() != seed_bytes)
      return sum_refusal::bad_key;
    const bytes copy(seed.reveal().begin(), seed.reveal().end());
    if (in_->set().polynomials == 2)
      return sum_keys{.encryption = secret(public_key_of(draw_key_parts(*in_, public_seed_, seed))),
                      .decryption = secret(copy)};
    return sum_keys{.encryption = secret(copy), .decryption = secret(key_terms(seed))};
  }

  sum_result<std::unique_ptr<sum_encryptor>> encryptor(bytes_view key) const override {
    if (in_->set().polynomials == 1) {
      if (key.size() != seed_bytes)
        return sum_refusal::bad_key;
      const secret seed(bytes(key.begin(), key.end()));
      return std::unique_ptr<sum_encryptor>(std::make_unique<key_additive_encryptor>(
          in_, public_seed_, prepare_small(draw_key(*in_, seed), 1)));
    }
    const auto read = read_frame(key, frame_kind::public_key, in_->set().id);
    if (!read)
      return read.why();
    const std::uint16_t parties = read->head.label.parties;
    if (parties == 0 || parties > in_->set().parties_max)
      return sum_refusal::wrong_shape;
    const auto b = decode_key(*in_, key, key_frame(parties));
    if (!b)
      return b.why();
    std::vector<std::uint64_t> a(in_->words());
    word_stream stream(public_seed_);
    in_->draw_uniform(stream, 0, a.data());
    return std::unique_ptr<sum_encryptor>(std::make_unique<public_key_encryptor>(
        in_, digest_of_frame(key), parties, in_->prepare(a.data()), in_->prepare(b->data())));
  }

  sum_result<std::unique_ptr<sum_decryptor>> decryptor(const secret& key) const override {
    const auto& set = in_->set();
    if (set.parties_max > 1)
      return sum_refusal::wrong_set;
    if (set.polynomials == 1)
      return key_additive_decryptor(key.reveal());
    if (key.reveal().size() != seed_bytes)
      return sum_refusal::bad_key;
    auto parts = draw_key_parts(*in_, public_seed_, key);
    const auto id = digest_of_frame(public_key_of(parts));
    return std::unique_ptr<sum_decryptor>(
        std::make_unique<ring_decryptor>(in_, id, std::move(parts.s)));
  }

  sum_result<std::unique_ptr<sum_accumulator>> accumulator(const sum_label& like,
                                                           bytes_view) const override {
    auto label = like;
    label.level = 1;
    if (label.set != in_->set().id)
      return sum_refusal::wrong_set;
    if (const auto checked = check_label(in_->set(), label); !checked)
      return checked.why();
    return make_accumulator(in_, label);
  }

  bytes encode(const encrypted_values& values) const override { return encode_ciphertext(values); }
  bytes encode_body(const encrypted_values& values) const override {
    bytes body(packed_bytes(values.words.size()));
    pack(values.words, body.data());
    return body;
  }
  sum_result<encrypted_values> decode(bytes_view content) const override {
    return decode_ciphertext(*in_, content);
  }

private:
  frame key_frame(std::uint16_t parties) const {
    return {.kind = frame_kind::public_key,
            .party = 0,
            .label = {.set = in_->set().id, .parties = parties, .key = public_seed_}};
  }
  bytes public_key_of(const key_parts& parts) const { return encode_key(key_frame(1), parts.b); }

  prepared_polynomial prepare_small(const secret_words& small, std::uint64_t offset) const {
    secret_words transformed(in_->words());
    in_->transform_small(small.data(), offset, transformed.data());
    return in_->prepare(transformed.data());
  }

  /// The ternary key as 32-bit integers, little endian.
  bytes key_terms(const secret& seed) const {
    const auto small = draw_key(*in_, seed);
    bytes terms;
    terms.reserve(4 * small.size());
    for (std::size_t i = 0; i < small.size(); ++i) {
      const auto term = static_cast<std::uint32_t>(small.data()[i]) - 1U;
      for (unsigned shift = 0; shift < 32; shift += 8)
        terms.push_back(static_cast<std::byte>(term >> shift));
    }
    return terms;
  }

  sum_result<std::unique_ptr<sum_decryptor>> key_additive_decryptor(bytes_view key) const {
    if (key.size() != 4 * in_->set().degree)
      return sum_refusal::bad_key;
    secret_words small(in_->set().degree);
    std::uint32_t all_bits = 0;
    for (std::size_t i = 0; i < small.size(); ++i) {
      std::uint32_t term = 0;
      for (unsigned part = 0; part < 4; ++part)
        term |= std::to_integer<std::uint32_t>(key[4 * i + part]) << (8 * part);
      const std::uint32_t negated = key_bound - term; // the key comes negated into c - a s
      small.data()[i] = negated;
      all_bits |= negated;
    }
    if (all_bits >= 2 * key_bound)
      return sum_refusal::bad_key;
    return std::unique_ptr<sum_decryptor>(
        std::make_unique<ring_decryptor>(in_, public_seed_, prepare_small(small, key_bound)));
  }

  std::shared_ptr<const ring> in_;
  sha256_digest public_seed_; ///< for the key-additive set also what names the key
};

} // namespace

std::unique_ptr<additive_scheme> make_scheme(const parameter_set& set, const sha256_digest& context,
                                             sum_kernels kernels) {
  return std::make_unique<ring_scheme>(set, context, kernels);
}

} // namespace godwit::rlwe
