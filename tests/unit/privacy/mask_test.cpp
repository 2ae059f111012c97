// Are masks the standards' streams, whichever kernel makes them, wherever they begin, added and
// subtracted?
#include <godwit/privacy/mask.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <random>
#include <string_view>
#include <vector>

#include <botan/stream_cipher.h>

using namespace godwit;

namespace {

std::vector<key_stream> available_streams(const stream_nonce& nonce) {
  std::vector<key_stream> streams;
  for (auto suite : {mask_suite::aes256_ctr, mask_suite::chacha20})
    for (auto kernel : {mask_kernel::portable, mask_kernel::aes_ni, mask_kernel::vaes_512,
                        mask_kernel::avx2, mask_kernel::avx512, mask_kernel::neon})
      if (is_available(suite, kernel))
        streams.push_back({suite, nonce, kernel});
  return streams;
}

bytes from_hex(std::string_view digits) {
  bytes content;
  for (std::size_t i = 0; i < digits.size(); i += 2)
    content.push_back(
        static_cast<std::byte>(std::stoi(std::string(digits.substr(i, 2)), nullptr, 16)));
  return content;
}

mask_key as_key(const bytes& content) {
  REQUIRE(content.size() == mask_key_bytes);
  return mask_key(content.data(), mask_key_bytes);
}

stream_nonce as_nonce(std::string_view digits) {
  const auto content = from_hex(digits);
  stream_nonce nonce{};
  REQUIRE(content.size() == nonce.size());
  std::ranges::copy(content, nonce.begin());
  return nonce;
}

bytes random_bytes_of(std::size_t count, std::mt19937_64& random) {
  bytes content(count);
  for (auto& one : content)
    one = static_cast<std::byte>(random());
  return content;
}

/// What Botan's own counter mode and ChaCha20 write.
bytes stream_of_botan(const key_stream& stream, mask_key key, std::uint64_t first,
                      std::size_t count) {
  const bool is_aes = stream.suite == mask_suite::aes256_ctr;
  const auto cipher = Botan::StreamCipher::create_or_throw(is_aes ? "CTR-BE(AES-256)" : "ChaCha20");
  cipher->set_key(reinterpret_cast<const std::uint8_t*>(key.data()), key.size());
  std::array<std::uint8_t, 16> counter_block{};
  std::memcpy(counter_block.data(), stream.nonce.data(), stream.nonce.size());
  cipher->set_iv(counter_block.data(), is_aes ? 16 : stream.nonce.size());
  cipher->seek(first);
  bytes content(count);
  cipher->cipher1(reinterpret_cast<std::uint8_t*>(content.data()), count);
  return content;
}

/// The lanes that the text says, one by one.
template <class Lane>
void add_slowly(std::vector<Lane>& lanes, const mask_term& term, const key_stream& stream,
                std::uint64_t first_lane) {
  const auto made =
      stream_of_botan(stream, term.key, first_lane * sizeof(Lane), lanes.size() * sizeof(Lane));
  for (std::size_t i = 0; i < lanes.size(); ++i) {
    Lane mask;
    std::memcpy(&mask, made.data() + i * sizeof(Lane), sizeof mask);
    lanes[i] = static_cast<Lane>(term.is_subtracted ? lanes[i] - mask : lanes[i] + mask);
  }
}

template <class Lane>
std::vector<Lane> random_lanes(std::size_t count, std::mt19937_64& random) {
  std::vector<Lane> lanes(count);
  for (auto& lane : lanes)
    lane = static_cast<Lane>(random());
  return lanes;
}

} // namespace

TEST_CASE("a ChaCha20 stream is RFC 8439's") {
  const auto zero_key = bytes(mask_key_bytes);
  const auto zero_stream =
      from_hex("76b8e0ada0f13d90405d6ae55386bd28bdd219b8a08ded1aa836efcc8b770dc7"
               "da41597c5157488d7724e03fb8d84a376a43b8f41518a11cc387b669b2ee6586"
               "9f07e7be5551387a98ba977c732d080dcb0f29a048e3656912c6533e32ee7aed"
               "29b721769ce64e43d57133b074d839d531ed1f28510afb45ace10a1f4b794d6f"); // A.1, 1 and 2
  const auto counted_key =
      from_hex("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
  const auto counted_stream =
      from_hex("224f51f3401bd9e12fde276fb8631ded8c131f823d2c06e27e4fcaec9ef3cf78"
               "8a3b0aa372600a92b57974cded2b9334794cba40c63e34cdea212c4cf07d41b7"
               "69a6749f3f630f4122cafe28ec4dc47e26d4346d70b98c73f3e9c53ac40c5945"
               "398b6eda1a832c89c167eacd901d7e2bf363"); // 2.4.2, from block 1 on
  for (auto stream : available_streams({})) {
    if (stream.suite != mask_suite::chacha20)
      continue;
    CAPTURE(name(stream.kernel));
    bytes out(zero_stream.size());
    write_stream(out, as_key(zero_key), stream);
    CHECK(out == zero_stream);
    stream.nonce = as_nonce("000000000000004a00000000");
    out.resize(counted_stream.size());
    write_stream(out, as_key(counted_key), stream, 64);
    CHECK(out == counted_stream);
  }
}

TEST_CASE("an AES stream is the counter mode of SP 800-38A") {
  const auto key = from_hex("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4");
  const auto expected =
      from_hex("0bdf7df1591716335e9a8b15c860c5025a6e699d536119065433863c8f657b94"
               "1bc12c9c01610d5d0d8bd6a3378eca622956e1c8693536b1bee99c73a31576b6");
  for (const auto& stream : available_streams(as_nonce("f0f1f2f3f4f5f6f7f8f9fafb"))) { // F.5.5
    if (stream.suite != mask_suite::aes256_ctr)
      continue;
    CAPTURE(name(stream.kernel));
    bytes out(expected.size());
    write_stream(out, as_key(key), stream, std::uint64_t{0xfcfdfeff} * 16);
    CHECK(out == expected);
  }
}

TEST_CASE("a round's nonce is FLSA and the round, little endian") {
  const auto nonce = mask_nonce(round_id{0x0102030405060708});
  CHECK(bytes(nonce.begin(), nonce.end()) == from_hex("464c53410807060504030201"));
}

TEST_CASE("every kernel writes what Botan writes, from any byte on and of any length") {
  const std::uint64_t seed = 20261124;
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  const auto key = random_bytes_of(mask_key_bytes, random);
  for (const auto& stream : available_streams(mask_nonce(round_id{random()}))) {
    CAPTURE(name(stream.kernel));
    for (int i = 0; i < 60; ++i) {
      const std::uint64_t first = random() % 10000;
      const std::size_t count = random() % 5000;
      CAPTURE(first);
      CAPTURE(count);
      bytes out(count + 1, std::byte{0xa5});
      write_stream(std::span(out).first(count), as_key(key), stream, first);
      CHECK(out.back() == std::byte{0xa5});
      out.pop_back();
      CHECK(out == stream_of_botan(stream, as_key(key), first, count));
    }
  }
}

TEST_CASE("a stream goes up to its last block and not round to its first") {
  const auto key = bytes(mask_key_bytes, std::byte{9});
  for (const auto& stream : available_streams(mask_nonce(round_id{3}))) {
    CAPTURE(name(stream.kernel));
    for (std::size_t count : {1U, 15U, 16U, 63U, 64U, 65U, 1000U, 4096U, 4100U}) {
      bytes out(count);
      write_stream(out, as_key(key), stream, stream_bytes_max - count);
      CHECK(out == stream_of_botan(stream, as_key(key), stream_bytes_max - count, count));
    }
  }
}

TEST_CASE_TEMPLATE("lanes take in masks, plus or minus, at any place of the vector", Lane,
                   std::uint16_t, std::uint32_t, std::uint64_t) {
  const std::uint64_t seed = 7;
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  for (const auto& stream : available_streams(mask_nonce(round_id{5}))) {
    CAPTURE(name(stream.kernel));
    for (int i = 0; i < 25; ++i) {
      const std::uint64_t first = i < 5 ? 0 : random() % 20000;
      const std::size_t count = i % 5 == 4 ? 40000 : random() % 3000; // the last over some tiles
      CAPTURE(first);
      CAPTURE(count);
      std::vector<bytes> keys;
      std::vector<mask_term> terms;
      for (int k = 0; k < 3; ++k)
        keys.push_back(random_bytes_of(mask_key_bytes, random));
      for (const auto& key : keys)
        terms.push_back({as_key(key), random() % 2 == 0});
      auto lanes = random_lanes<Lane>(count, random);
      auto expected = lanes;
      for (const auto& term : terms)
        add_slowly(expected, term, stream, first);
      add_masks(std::span(lanes), terms, stream, first);
      CHECK(lanes == expected);
    }
  }
}

TEST_CASE("more keys than are expanded at once are added all") {
  std::mt19937_64 random(11);
  std::vector<bytes> keys;
  std::vector<mask_term> terms;
  for (int k = 0; k < 300; ++k)
    keys.push_back(random_bytes_of(mask_key_bytes, random));
  for (const auto& key : keys)
    terms.push_back({as_key(key), random() % 2 == 0});
  for (const auto& stream : available_streams(mask_nonce(round_id{5}))) {
    CAPTURE(name(stream.kernel));
    std::vector<std::uint32_t> lanes(100), expected(100);
    for (const auto& term : terms)
      add_slowly(expected, term, stream, 0);
    add_masks(std::span(lanes), terms, stream);
    CHECK(lanes == expected);
  }
}

TEST_CASE("ranges of a vector make the whole, and what was added can be taken out") {
  std::mt19937_64 random(13);
  const auto key = random_bytes_of(mask_key_bytes, random);
  const mask_term plus[] = {{as_key(key), false}}, minus[] = {{as_key(key), true}};
  for (const auto& stream : available_streams(mask_nonce(round_id{6}))) {
    CAPTURE(name(stream.kernel));
    const auto before = random_lanes<std::uint32_t>(50001, random);
    auto whole = before;
    add_masks(std::span(whole), plus, stream);
    CHECK(whole != before);
    auto parts = before;
    for (std::size_t first = 0; first < parts.size(); first += 12345)
      add_masks(std::span(parts).subspan(first, std::min<std::size_t>(12345, parts.size() - first)),
                plus, stream, first);
    CHECK(parts == whole);
    add_masks(std::span(whole), minus, stream);
    CHECK(whole == before);
  }
}

TEST_CASE("no mask, and no lane, changes nothing") {
  const auto key = bytes(mask_key_bytes);
  const mask_term term[] = {{as_key(key), false}};
  const key_stream stream{mask_suite::aes256_ctr, mask_nonce(round_id{1})};
  std::vector<std::uint64_t> lanes{1, 2, 3};
  add_masks(std::span(lanes), {}, stream);
  CHECK(lanes == std::vector<std::uint64_t>{1, 2, 3});
  add_masks(std::span<std::uint64_t>(), term, stream);
}

TEST_CASE("a kernel serves its own suite only, and there is always one") {
  for (auto suite : {mask_suite::aes256_ctr, mask_suite::chacha20}) {
    CHECK(is_available(suite, mask_kernel::portable));
    CHECK(is_available(suite, best_mask_kernel(suite)));
  }
  CHECK_FALSE(is_available(mask_suite::chacha20, mask_kernel::aes_ni));
  CHECK_FALSE(is_available(mask_suite::chacha20, mask_kernel::vaes_512));
  CHECK_FALSE(is_available(mask_suite::aes256_ctr, mask_kernel::avx2));
  CHECK_FALSE(is_available(mask_suite::aes256_ctr, mask_kernel::avx512));
}
