// Do encrypted sums agree byte for byte with the second implementation (tests/vectors/rlwe.py)?
#include <cstdint>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <godwit/privacy/digest.hpp>
#include <godwit/privacy/encrypted_sum.hpp>
#include <godwit/privacy/threshold_sum.hpp>

#include "available_kernels.hpp"
#include "rlwe/modular.hpp"
#include "rlwe/parameters.hpp"
#include "rlwe/ring.hpp"
#include "unit/privacy/vector_file.hpp"

using namespace godwit;

namespace {

std::vector<vector_record> records_of(std::string_view kind) {
  std::vector<vector_record> chosen;
  for (auto& record : read_vectors("rlwe.vec"))
    if (record.at("kind") == kind)
      chosen.push_back(record);
  REQUIRE_FALSE(chosen.empty());
  return chosen;
}

std::vector<std::uint64_t> numbers(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::uint64_t> read;
  for (std::uint64_t number = 0; in >> number;)
    read.push_back(number);
  return read;
}

sum_set set_named(const std::string& text) {
  for (const auto set : {sum_set::rl4096a, sum_set::rk4096a, sum_set::rt8192a,
                         sum_set::paillier2048, sum_set::paillier3072})
    if (name(set) == text)
      return set;
  FAIL("no set is called " << text);
  return {};
}

/// As long bytes stand in the vectors: length, the first and last 64 bytes, SHA-256.
std::string shortened(bytes_view content) {
  return std::to_string(content.size()) + ' ' + hex(content.first(64)) + ' ' +
         hex(content.last(64)) + ' ' + hex(sha256(content));
}

std::string shortened(const std::vector<std::uint32_t>& sums) {
  bytes content;
  for (const auto sum : sums)
    for (unsigned shift = 0; shift < 32; shift += 8)
      content.push_back(static_cast<std::byte>(sum >> shift));
  return shortened(content);
}

secret seed_of(const vector_record& record, const std::string& key) {
  return secret(from_hex(record.at(key)));
}

/// The values of one client, by the vectors' formula.
std::vector<std::uint32_t> values_of(const vector_record& record, std::uint32_t client) {
  std::vector<std::uint32_t> values(std::stoul(record.at("value_count")));
  const auto bits = static_cast<unsigned>(std::stoul(record.at("value_bits")));
  for (std::uint32_t i = 0; i < values.size(); ++i)
    values[i] = ((i + 1) * 2654435761U * (client + 1)) >> (32 - bits);
  return values;
}

encrypted_values encrypted(const vector_record& record, sum_encryptor& with, std::uint32_t client) {
  const auto bits = static_cast<std::uint8_t>(std::stoul(record.at("value_bits")));
  auto made = with.encrypt(values_of(record, client), bits, std::stoull(record.at("round")),
                           seed_of(record, "seed_" + std::to_string(client)));
  REQUIRE(made);
  return std::move(*made);
}

/// Adds the record's clients, each checked on its way over the wire, and checks the sum.
encrypted_values summed(const vector_record& record, const additive_scheme& scheme,
                        const std::vector<sum_encryptor*>& encryptors, bytes_view public_key) {
  std::unique_ptr<sum_accumulator> adder;
  const auto weights = numbers(record.at("weights"));
  for (std::uint32_t client = 0; client < weights.size(); ++client) {
    const auto item = encrypted(record, *encryptors[client % encryptors.size()], client);
    if (!adder)
      adder = std::move(*scheme.accumulator(item.label, public_key));
    const auto wire = scheme.encode(item);
    CHECK(shortened(wire) == record.at("ciphertext_" + std::to_string(client)));
    const auto read = scheme.decode(wire);
    REQUIRE(read);
    REQUIRE(adder->add(*read, static_cast<std::uint32_t>(weights[client])));
  }
  auto sum = adder->sum();
  CHECK(shortened(scheme.encode(sum)) == record.at("sum"));
  return sum;
}

} // namespace

TEST_CASE("products in the ring are the second implementation's") {
  for (const auto& record : records_of("product")) {
    const auto degree = std::stoul(record.at("degree"));
    const auto& prime = rlwe::primes[std::stoul(record.at("prime"))];
    for (const auto kernels : available_kernels()) {
      const auto& set = rlwe::kernels_of(kernels);
      const auto t = rlwe::make_transform(prime, degree, set.quotient_bits);
      auto a = numbers(record.at("a")), b = numbers(record.at("b"));
      set.forward(t, a.data());
      set.forward(t, b.data());
      std::vector<std::uint64_t> product(degree);
      for (std::size_t i = 0; i < degree; ++i)
        product[i] = rlwe::slow_multiply(a[i], b[i], t.q);
      set.inverse(t, product.data());
      CHECK(product == numbers(record.at("product")));
    }
  }
}

TEST_CASE("levels are bounded as the second implementation bounds them") {
  for (const auto& record : records_of("bound")) {
    const auto scheme = make_additive_scheme(set_named(record.at("set")), {});
    const auto bits = static_cast<std::uint8_t>(std::stoul(record.at("value_bits")));
    const auto parties = static_cast<std::uint16_t>(std::stoul(record.at("parties")));
    CHECK(scheme->level_max(bits, parties) == std::stoull(record.at("level_max")));
  }
}

TEST_CASE("keys, ciphertexts and sums under one key or added keys are the same to the byte") {
  for (const auto& record : records_of("sum"))
    for (const auto kernels : available_kernels()) {
      const auto set = set_named(record.at("set"));
      const auto scheme =
          make_additive_scheme(set, as_array<32>(from_hex(record.at("context"))), kernels);
      std::vector<std::unique_ptr<sum_encryptor>> encryptors;
      std::vector<sum_encryptor*> borrowed;
      bytes decryption;
      if (set == sum_set::rl4096a) {
        const auto keys = scheme->make_keys(seed_of(record, "key_seed"));
        CHECK(shortened(keys->encryption.reveal()) == record.at("public_key"));
        encryptors.push_back(std::move(*scheme->encryptor(keys->encryption.reveal())));
        decryption = from_hex(record.at("key_seed"));
      } else {
        std::vector<std::uint32_t> key(4096);
        for (int client = 0; client < 3; ++client) {
          const auto keys =
              scheme->make_keys(seed_of(record, "key_seed_" + std::to_string(client)));
          encryptors.push_back(std::move(*scheme->encryptor(keys->encryption.reveal())));
          for (std::size_t i = 0; i < 4 * key.size(); ++i)
            key[i / 4] += std::to_integer<std::uint32_t>(keys->decryption.reveal()[i])
                          << (8 * (i % 4));
        }
        CHECK(shortened(key) == record.at("summed_key"));
        for (const auto term : key)
          for (unsigned shift = 0; shift < 32; shift += 8)
            decryption.push_back(static_cast<std::byte>(term >> shift));
      }
      for (const auto& encryptor : encryptors)
        borrowed.push_back(encryptor.get());
      const auto sum = summed(record, *scheme, borrowed, {});
      const auto decryptor = scheme->decryptor(secret(decryption));
      const auto sums = (*decryptor)->decrypt(sum);
      REQUIRE(sums);
      CHECK(shortened(*sums) == record.at("sums"));
    }
}

TEST_CASE("what parties make together is the same to the byte") {
  for (const auto& record : records_of("threshold"))
    for (const auto kernels : available_kernels()) {
      const auto context = as_array<32>(from_hex(record.at("context")));
      const auto parties = static_cast<std::uint16_t>(std::stoul(record.at("parties")));
      std::vector<threshold_party> seats;
      std::vector<bytes> shares;
      std::vector<sha256_digest> commitments;
      for (std::uint16_t party = 0; party < parties; ++party) {
        const auto number = std::to_string(party);
        seats.push_back(std::move(*threshold_party::create(
            {context, parties, party}, seed_of(record, "key_seed_" + number), kernels)));
        shares.push_back(seats.back().key_share());
        commitments.push_back(seats.back().commitment());
        CHECK(shortened(shares.back()) == record.at("key_share_" + number));
      }
      bytes public_key;
      for (auto& seat : seats)
        public_key = *seat.join(shares, commitments);
      CHECK(shortened(public_key) == record.at("public_key"));
      const auto scheme = make_additive_scheme(sum_set::rt8192a, context, kernels);
      const auto encryptor = std::move(*scheme->encryptor(public_key));
      const auto first = encrypted(record, *encryptor, 0);
      const auto adder = std::move(*scheme->accumulator(first.label, {}));
      REQUIRE(adder->add(first));
      REQUIRE(adder->add(encrypted(record, *encryptor, 1)));
      const auto sum = adder->sum();
      CHECK(shortened(scheme->encode(sum)) == record.at("sum"));
      std::vector<bytes> openings;
      for (std::uint16_t party = 0; party < parties; ++party) {
        const auto number = std::to_string(party);
        openings.push_back(*seats[party].open(sum, seed_of(record, "share_seed_" + number)));
        CHECK(shortened(openings.back()) == record.at("share_" + number));
      }
      const auto sums = open_threshold_sum(sum, openings, kernels);
      REQUIRE(sums);
      CHECK(shortened(*sums) == record.at("sums"));
    }
}

TEST_CASE("Paillier's ciphertexts and sums are the same to the byte") {
  for (const auto& record : records_of("paillier")) {
    const auto scheme = make_additive_scheme(set_named(record.at("set")), {});
    const auto public_key = from_hex(record.at("public_key"));
    const auto encryptor = std::move(*scheme->encryptor(public_key));
    const auto sum = summed(record, *scheme, {encryptor.get()}, public_key);
    const auto decryptor = scheme->decryptor(seed_of(record, "decryption_key"));
    REQUIRE(decryptor);
    const auto sums = (*decryptor)->decrypt(sum);
    REQUIRE(sums);
    CHECK(shortened(*sums) == record.at("sums"));
  }
}
