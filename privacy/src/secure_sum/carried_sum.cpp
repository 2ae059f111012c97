#include <godwit/privacy/carried_sum.hpp>

#include <memory>
#include <utility>

#include <godwit/messages/check.hpp>

#include "rlwe/ciphertext.hpp"

namespace godwit::secure_sum {
namespace {

constexpr std::size_t term_bytes = 4; ///< of each term of a key, as encrypted_sum.hpp has it

/// Which round and key it is, the adder need not know.
sum_label label_of(const carried_terms& terms) {
  return {.set = terms.set,
          .round = 0,
          .level = 1,
          .value_count = value_count(terms),
          .parties = 1,
          .value_bits = value_bits(terms),
          .key = {}};
}

const rlwe::parameter_set& set_of(const carried_terms& terms) {
  const auto* set = rlwe::find_set(terms.set);
  GODWIT_CHECK(set != nullptr, "the terms' set is a known one");
  return *set;
}

/// The scheme whose context is the roster's root.
std::unique_ptr<additive_scheme> scheme_of(const carried_terms& terms, const sha256_digest& root) {
  return rlwe::make_scheme(set_of(terms), root, best_sum_kernels());
}

/// How the root names the keys.
sha256_digest key_name(const carried_terms& terms, const sha256_digest& root) {
  return rlwe::public_seed_of(set_of(terms), root);
}

/// Each term is 32 bits, in {-1, 0, 1}: its lowest byte plus 1 is all of it.
secret terms_plus_one(const secret& key) {
  const auto terms = key.reveal();
  bytes small(terms.size() / term_bytes);
  for (std::size_t i = 0; i < small.size(); ++i)
    small[i] = static_cast<std::byte>(std::to_integer<unsigned>(terms[term_bytes * i]) + 1U);
  return secret(std::move(small));
}

} // namespace

carried_vector carry(const carried_terms& terms, const client_draws& drawn,
                     const sha256_digest& root, round_id round,
                     std::span<const std::uint32_t> entries) {
  GODWIT_CHECK(entries.size() == value_count(terms), "the entries are those of the terms");
  const auto scheme = scheme_of(terms, root);
  const auto keys = scheme->make_keys(drawn.key);
  GODWIT_CHECK(keys.has_value(), "a seed of the right length makes a key");
  const auto encryptor = scheme->encryptor(keys->encryption.reveal());
  GODWIT_CHECK(encryptor.has_value(), "a key that was just made encrypts");
  const auto made = (*encryptor)->encrypt(entries, value_bits(terms), round.value, drawn.errors);
  GODWIT_CHECK(made.has_value(), "entries keep to the bits of their terms");
  return {.key = terms_plus_one(keys->decryption), .ciphertext = scheme->encode_body(*made)};
}

result<done> check_carried(const carried_terms& terms, bytes_view ciphertext) {
  const auto* set = rlwe::find_set(terms.set);
  GODWIT_CHECK(set != nullptr, "the terms' set is a known one");
  if (ciphertext.size() != carried_bytes(terms))
    return refusal::wrong_shape;
  if (!rlwe::is_canonical(*set, ciphertext))
    return refusal::malformed;
  return done{};
}

carried_sum::carried_sum(const carried_terms& terms) : terms_(terms), adder_(scheme_of(terms, {})) {
  clear();
}

void carried_sum::clear() {
  sum_.reset(); // its memory first
  auto made = adder_->accumulator(label_of(terms_), {});
  GODWIT_CHECK(made.has_value(), "checked terms can be summed");
  sum_ = std::move(*made);
}

result<done> carried_sum::add(bytes_view ciphertext) {
  const auto added = sum_->add_body(ciphertext);
  if (added)
    return done{};
  switch (added.why()) {
  case sum_refusal::wrong_shape:
    return refusal::wrong_shape;
  case sum_refusal::over_level:
    return refusal::full;
  default:
    return refusal::malformed;
  }
}

std::optional<std::vector<std::uint32_t>>
carried_sum::open(const sha256_digest& root, std::span<const std::uint64_t> key_sums) const {
  auto sum = sum_->sum();
  bytes key(term_bytes * key_sums.size());
  for (std::size_t i = 0; i < key_sums.size(); ++i) {
    if (key_sums[i] > 2 * sum.label.level)
      return {};
    const auto term = static_cast<std::uint32_t>(key_sums[i] - sum.label.level);
    for (std::size_t part = 0; part < term_bytes; ++part)
      key[term_bytes * i + part] = static_cast<std::byte>(term >> (8 * part));
  }
  const auto decryptor = scheme_of(terms_, root)->decryptor(secret(std::move(key)));
  if (!decryptor)
    return {};
  sum.label.key = key_name(terms_, root);
  auto opened = (*decryptor)->decrypt(sum);
  if (!opened)
    return {};
  return std::move(*opened);
}

} // namespace godwit::secure_sum
