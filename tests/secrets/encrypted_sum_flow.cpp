// Does any branch or address in the encrypted sums depend on a key, on what is drawn from a seed,
// or on a value? Run in valgrind, as secret_flow.cpp is.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <span>
#include <vector>

#include <valgrind/memcheck.h>

#include <godwit/privacy/encrypted_sum.hpp>
#include <godwit/privacy/threshold_sum.hpp>

#include "rlwe/ciphertext.hpp"
#include "rlwe/ring.hpp"

using namespace godwit;
using namespace godwit::rlwe;

namespace {

constexpr std::uint8_t value_bits = 13;
constexpr auto portable = sum_kernels::portable; // valgrind does not know AVX-512

template <class T>
void make_public(std::span<T> content) {
  VALGRIND_MAKE_MEM_DEFINED(content.data(), content.size_bytes());
}

/// 32 secret bytes.
secret marked_seed(unsigned number) {
  bytes seed(32, static_cast<std::byte>(number));
  VALGRIND_MAKE_MEM_UNDEFINED(seed.data(), seed.size());
  return secret(std::move(seed));
}

/// Values whose bits are secret; how many bits there may be is not.
std::vector<std::uint32_t> marked_values(std::size_t count) {
  std::vector<std::uint32_t> values(count, 5);
  const std::vector<std::uint32_t> secret_bits(count, (1U << value_bits) - 1);
  VALGRIND_SET_VBITS(values.data(), secret_bits.data(), count * sizeof(std::uint32_t));
  return values;
}

/// Whether some of it is marked: then the secrets did flow through what made it.
template <class T>
bool is_marked(const std::vector<T>& content) {
  std::vector<T> marks(content.size());
  VALGRIND_GET_VBITS(content.data(), marks.data(), content.size() * sizeof(T));
  return std::any_of(marks.begin(), marks.end(), [](T mark) { return mark != T{}; });
}

/// Keys and ciphertexts of the sets with one key: the caller's way through the interface.
bool keys_and_encryption(sum_set set) {
  const auto scheme = make_additive_scheme(set, {}, portable);
  const auto keys = std::move(*scheme->make_keys(marked_seed(1)));
  const auto key = keys.encryption.reveal();
  if (set == sum_set::rl4096a)
    make_public(key);
  const auto encryptor = std::move(*scheme->encryptor(key));
  const auto values = marked_values(scheme->shape().values_in_block + 1);
  const auto made = encryptor->encrypt(values, value_bits, 1, marked_seed(2));
  return made && is_marked(made->words);
}

/// Decryption up to the question whether the result is a sum, whose answer is public.
bool decryption(sum_set id) {
  const auto& set = *find_set(id);
  const ring in(set, portable);
  auto parts = draw_key_parts(in, public_seed_of(set, {}), marked_seed(1));
  std::vector<std::uint64_t> opened(in.words(), 1), companion(in.words(), 2);
  in.multiply_add(opened.data(), companion.data(), parts.s);
  std::vector<std::uint32_t> slots(values_in_block(set));
  const auto met = in.decode(opened.data(), slots.data());
  const std::vector bounds{met.noise, met.slot, met.overflow};
  return is_marked(slots) && is_marked(bounds) && is_marked(parts.b);
}

/// A party's keys and its share of an opening.
bool threshold() {
  std::vector<threshold_party> parties;
  std::vector<bytes> shares, openings;
  std::vector<sha256_digest> commitments;
  for (std::uint16_t party = 0; party < 2; ++party) {
    parties.push_back(
        std::move(*threshold_party::create({{}, 2, party}, marked_seed(party), portable)));
    make_public(std::span(parties.back().key_share()));
    shares.push_back(parties.back().key_share());
    commitments.push_back(parties.back().commitment());
  }
  const auto key = std::move(*parties[0].join(shares, commitments));
  const auto scheme = make_additive_scheme(sum_set::rt8192a, {}, portable);
  const auto encryptor = std::move(*scheme->encryptor(key));
  auto sum = std::move(*encryptor->encrypt(marked_values(3), value_bits, 1, marked_seed(2)));
  make_public(std::span(sum.words));
  const auto opening = parties[0].open(sum, marked_seed(3));
  return opening && is_marked(*opening);
}

} // namespace

int main() {
  if (!RUNNING_ON_VALGRIND) {
    std::puts("only valgrind can tell: run it in valgrind");
    return 1;
  }
  const bool have_flown = keys_and_encryption(sum_set::rl4096a) &&
                          keys_and_encryption(sum_set::rk4096a) && decryption(sum_set::rl4096a) &&
                          decryption(sum_set::rt8192a) && threshold();
  std::puts(have_flown ? "secrets flowed through" : "the secrets' marks got lost on the way");
  return have_flown ? 0 : 1;
}
