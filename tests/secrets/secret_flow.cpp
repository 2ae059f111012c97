// Does any branch or address in the kernels depend on a key, or on a value that is masked? Run in
// valgrind, which takes what is marked here as undefined and reports where it decides something.
#include <array>
#include <cstdio>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

#include <valgrind/memcheck.h>

#include <godwit/aggregation/packing.hpp>
#include <godwit/aggregation/quantiser.hpp>
#include <godwit/privacy/mask.hpp>

using namespace godwit;

namespace {

constexpr std::size_t count = 5003; // some whole steps of every kernel, and a part of one

void make_secret(auto& content) {
  const auto memory = std::as_writable_bytes(std::span(content));
  VALGRIND_MAKE_MEM_UNDEFINED(memory.data(), memory.size());
}

void make_public(auto& content) {
  const auto memory = std::as_writable_bytes(std::span(content));
  VALGRIND_MAKE_MEM_DEFINED(memory.data(), memory.size());
}

/// Sign and fraction of each value are secret. Its exponent is not: whether it is a number at all
/// is what the quantiser answers.
void make_secret_but_for_exponents(std::vector<float>& values) {
  const std::vector<std::uint32_t> secret_bits(values.size(), 0x807fffff);
  VALGRIND_SET_VBITS(values.data(), secret_bits.data(), values.size() * sizeof(float));
}

template <class Lane>
void mask_lanes(const key_stream& stream) {
  std::vector<Lane> lanes(count);
  std::array<std::byte, mask_key_bytes> one{std::byte{1}}, other{std::byte{2}};
  make_secret(lanes);
  make_secret(one);
  make_secret(other);
  const mask_term terms[] = {{one, false}, {other, true}};
  add_masks(std::span(lanes), terms, stream, 3);
}

template <class Lane>
void quantise_and_pack(lane_kernel kernel) {
  std::vector<float> values(count);
  for (std::size_t i = 0; i < count; ++i)
    values[i] = static_cast<float>(i % 100) / 40 - 1.25F;
  bytes rounding(count * rounding_bytes_each);
  std::vector<Lane> entries(count), sums(count);
  make_secret_but_for_exponents(values);
  make_secret(rounding);
  if (!quantise(values, {-1.0, 1.0, 8}, 3, rounding, std::span(entries), kernel))
    std::puts("the quantiser refused numbers");
  bytes body(packed_bytes(count, 13));
  pack(std::span(entries), 13, body, kernel);
  add_packed(std::span(sums), body, 13, 0, kernel);
}

template <class Lane>
void run_all() {
  for (auto suite : {mask_suite::aes256_ctr, mask_suite::chacha20})
    for (auto kernel : {mask_kernel::portable, mask_kernel::aes_ni, mask_kernel::vaes_512,
                        mask_kernel::avx2, mask_kernel::avx512, mask_kernel::neon})
      if (is_available(suite, kernel)) {
        std::printf("suite %d, %s\n", static_cast<int>(suite), name(kernel).data());
        mask_lanes<Lane>({suite, mask_nonce(round_id{1}), kernel});
      }
  for (auto kernel : {lane_kernel::portable, lane_kernel::avx2, lane_kernel::avx512})
    if (is_available(kernel)) {
      std::printf("quantiser and packing, %s\n", name(kernel).data());
      quantise_and_pack<Lane>(kernel);
    }
}

/// What mistakes would look like: a branch on a key, and an address made of one.
void plant(std::string_view mistake) {
  static constexpr std::array<char, 256> table{"planted"};
  std::array<std::byte, mask_key_bytes> key{};
  make_secret(key);
  if (mistake == "branch" && key[0] == std::byte{0})
    std::puts(table.data());
  if (mistake == "index")
    std::putchar(table[std::to_integer<std::size_t>(key[0])]);
}

/// Whether masks come out right from marked memory too.
bool gives_the_stream() {
  std::array<std::byte, mask_key_bytes> key{std::byte{1}};
  std::vector<std::uint32_t> lanes(count), expected(count);
  const key_stream stream{mask_suite::chacha20, mask_nonce(round_id{1})};
  write_stream(std::as_writable_bytes(std::span(expected)), key, stream);
  make_secret(key);
  const mask_term term[] = {{key, false}};
  add_masks(std::span(lanes), term, stream);
  make_public(lanes);
  return lanes == expected;
}

} // namespace

int main(int argc, char** argv) {
  if (!RUNNING_ON_VALGRIND) {
    std::puts("only valgrind can tell: run it in valgrind");
    return 1;
  }
  if (argc > 1)
    plant(argv[1]);
  run_all<std::uint16_t>();
  run_all<std::uint32_t>();
  run_all<std::uint64_t>();
  return gives_the_stream() ? 0 : 1;
}
