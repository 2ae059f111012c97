// Are shares, uploads and sums those of privacy/SHARED_SUM.md, and do they say nothing to who holds
// too few?
#include <godwit/privacy/shared_sum.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <random>
#include <string>
#include <type_traits>
#include <utility>

#include <doctest/doctest.h>

#include <godwit/privacy/entropy.hpp>

#include "support/shared_sum_terms.hpp"
#include "vector_file.hpp"

using namespace godwit;
using namespace godwit::shared_sum;

namespace {

secret seed_of(int number) {
  bytes content(32, std::byte{0x5E});
  content[0] = static_cast<std::byte>(number);
  return secret(std::move(content));
}

terms terms_of(shared_sum::scheme how, unsigned servers, unsigned bits, std::uint64_t length) {
  return {.suite = mask_suite::aes256_ctr,
          .scheme = how,
          .server_count = servers,
          .lane_bits = bits,
          .job = "a sum",
          .round = {7},
          .nonce = {},
          .clients_min = 2,
          .clients_max = 100,
          .length = length,
          .meaning = {}};
}

template <class Lane>
std::vector<Lane> numbers(const std::string& text) {
  std::vector<Lane> out;
  std::istringstream in(text);
  for (std::uint64_t one = 0; in >> one;)
    out.push_back(static_cast<Lane>(one));
  return out;
}

/// Calls act with a number of the terms' width.
void with_lane(const terms& t, auto&& act) {
  if (t.lane_bits == 16)
    act(std::uint16_t{});
  else if (t.lane_bits == 32)
    act(std::uint32_t{});
  else
    act(std::uint64_t{});
}

template <class Lane>
bytes content_of(const std::vector<Lane>& lanes) {
  const auto view = std::as_bytes(std::span(lanes));
  return {view.begin(), view.end()};
}

/// Pearson's statistic of the bytes of `content` against the uniform law, as a number of standard
/// deviations from its mean (255 degrees of freedom).
double chi_square_of_bytes(bytes_view content) {
  std::array<double, 256> seen{};
  for (const auto octet : content)
    ++seen[static_cast<std::size_t>(octet)];
  const double expected = static_cast<double>(content.size()) / 256;
  double sum = 0;
  for (const double count : seen)
    sum += (count - expected) * (count - expected) / expected;
  return (sum - 255) / std::sqrt(2 * 255.0);
}

} // namespace

TEST_CASE("terms, uploads and shares are, byte for byte, those of the second implementation") {
  int client_count = 0;
  std::vector<vector_record> clients;
  for (const auto& record : read_vectors("shared_sum.vec")) {
    if (record.at("item") == "client") {
      clients.push_back(record);
      continue;
    }
    if (record.at("item") != "round")
      continue;
    const auto t = terms_of_record(record);
    CAPTURE(t.job);
    CHECK(check(t));
    CHECK(hex(encode(t)) == record.at("terms"));
    CHECK(hex(hash_of(t)) == record.at("h_o"));
    for (const auto& client : clients)
      with_lane(t, [&]<class Lane>(Lane) {
        const auto made =
            split(t, secret(from_hex(client.at("seed"))), numbers<Lane>(client.at("entries")));
        std::string heads;
        for (const auto& head : made.heads)
          heads += (heads.empty() ? "" : " ") + hex(head);
        CHECK(heads == client.at("heads"));
        CHECK(hex(content_of(made.lanes)) == client.at("lanes"));
        ++client_count;
      });
    clients.clear();
  }
  CHECK(client_count > 10);
}

TEST_CASE("the shares' sums are the sum of the vectors") {
  std::mt19937_64 random(11);
  for (const auto& [how, servers] :
       {std::pair{scheme::additive, 2U}, {scheme::additive, 3U}, {scheme::replicated, 3U}})
    for (const unsigned bits : {16U, 32U, 64U})
      with_lane(
          terms_of(how, servers, bits, 1), [&, servers = servers, how = how]<class Lane>(Lane) {
            const auto t = terms_of(how, servers, bits, 4096 + 77);
            std::vector<Lane> plain(t.length);
            std::vector<std::vector<upload>> held(servers);
            for (int client = 0; client < 5; ++client) {
              std::vector<Lane> entries(t.length);
              for (std::size_t i = 0; i < entries.size(); ++i) {
                entries[i] = static_cast<Lane>(random());
                plain[i] = static_cast<Lane>(plain[i] + entries[i]);
              }
              const auto made = split(t, seed_of(client), std::move(entries));
              for (unsigned server = 1; server <= servers; ++server)
                held[server - 1].push_back(read_upload(t, server, made.heads[server - 1],
                                                       holds_lanes(t, server)
                                                           ? shared_bytes(content_of(made.lanes))
                                                           : shared_bytes())
                                               .value());
            }
            std::vector<bytes> sums;
            for (unsigned server = 1; server <= servers; ++server) {
              std::vector<const upload*> all;
              for (const auto& one : held[server - 1])
                all.push_back(&one);
              sums.push_back(sum_of_share(t, server, server, all));
              if (how == scheme::replicated && server > 1) { // the server before it holds it too
                std::vector<const upload*> before;
                for (const auto& one : held[server - 2])
                  before.push_back(&one);
                CHECK(sum_of_share(t, server - 1, server, before) == sums.back());
              }
            }
            const std::vector<bytes_view> views(sums.begin(), sums.end());
            CHECK(sum_of_lanes(t, views) == content_of(plain));
          });
}

TEST_CASE("an upload is as large as the vector and 32 bytes for each other server") {
  const auto t = terms_of(scheme::additive, 3, 32, 1000);
  const auto made = split(t, seed_of(1), std::vector<std::uint32_t>(1000));
  constexpr std::size_t named = 1 + 32 + 32; // server, H_o, upload id
  CHECK(made.heads[0].size() == named + 32);
  CHECK(made.heads[1].size() == named + 32);
  CHECK(made.heads[2].size() == named);
  CHECK(made.lanes.size() == 1000);
}

TEST_CASE("what all servers but the last hold does not depend on the vector at all") {
  const auto t = terms_of(scheme::replicated, 3, 32, 64);
  const auto zeros = split(t, seed_of(1), std::vector<std::uint32_t>(64));
  const auto ones = split(t, seed_of(1), std::vector<std::uint32_t>(64, 1));
  const auto others = split(t, seed_of(2), std::vector<std::uint32_t>(64));
  CHECK(zeros.heads == ones.heads);
  CHECK(zeros.heads != others.heads);
  // The last share is the vector less masks that its holder has no key of.
  for (std::size_t i = 0; i < 64; ++i)
    CHECK(ones.lanes[i] - zeros.lanes[i] == 1);
}

TEST_CASE("the last share alone is uniform, whatever the vector is") {
  for (const std::uint32_t value : {0U, 1U, 0xFFFFFFFFU}) {
    const auto t = terms_of(scheme::additive, 2, 32, 1 << 18);
    const auto made = split(t, seed_of(static_cast<int>(value & 0xFF)),
                            std::vector<std::uint32_t>(t.length, value));
    const auto content = content_of(made.lanes);
    CHECK(std::abs(chi_square_of_bytes(content)) < 5); // 6e-7 of the generators fail it
    CHECK(chi_square_of_bytes(content_of(std::vector<std::uint32_t>(t.length, value))) > 1000);
  }
}

TEST_CASE("an upload of another length, for another server or under other terms is refused") {
  const auto t = terms_of(scheme::replicated, 3, 16, 9);
  const auto made = split(t, seed_of(1), std::vector<std::uint16_t>(9));
  const shared_bytes lanes(content_of(made.lanes));
  CHECK(read_upload(t, 1, made.heads[0], {}));
  CHECK(read_upload(t, 2, made.heads[1], lanes));
  CHECK(read_upload(t, 1, made.heads[0], lanes).why() == refusal::wrong_shape);
  CHECK(read_upload(t, 2, made.heads[1], {}).why() == refusal::wrong_shape);
  CHECK(read_upload(t, 2, made.heads[1], lanes.part(0, 17)).why() == refusal::wrong_shape);
  CHECK(read_upload(t, 2, made.heads[0], lanes).why() == refusal::wrong_shape);
  CHECK(read_upload(t, 3, made.heads[1], lanes).why() == refusal::identity_mismatch);
  auto other = t;
  other.round = {8};
  CHECK(read_upload(other, 2, made.heads[1], lanes).why() == refusal::wrong_terms);
}

TEST_CASE("terms out of their bounds are refused") {
  const auto good = terms_of(scheme::replicated, 3, 32, 1);
  CHECK(check(good));
  const auto refuses = [&good](auto&& change) {
    auto t = good;
    change(t);
    return !check(t);
  };
  CHECK(refuses([](terms& t) { t.server_count = 2; }));
  CHECK(refuses([](terms& t) { t.scheme = scheme{3}; }));
  CHECK(refuses([](terms& t) { t.scheme = scheme::additive, t.server_count = 4; }));
  CHECK(refuses([](terms& t) { t.scheme = scheme::additive, t.server_count = 1; }));
  CHECK(refuses([](terms& t) { t.suite = mask_suite{3}; }));
  CHECK(refuses([](terms& t) { t.lane_bits = 24; }));
  CHECK(refuses([](terms& t) { t.length = 0; }));
  CHECK(refuses([](terms& t) { t.length = (std::uint64_t{1} << 32) + 1; }));
  CHECK(refuses([](terms& t) { t.clients_min = 1; }));
  CHECK(refuses([](terms& t) { t.clients_min = t.clients_max + 1; }));
  CHECK(refuses([](terms& t) { t.job = std::string(1025, 'x'); }));
}

TEST_CASE("fingerprints tell copies apart that differ in one byte anywhere, over tiles too") {
  const auto t = terms_of(scheme::replicated, 3, 16, 3);
  const auto coins = as_array<32>(random_bytes(32));
  for (const std::size_t size : {1U, 3U, 4U, 6U, 32U, 16383U, 16384U, 16386U, 40'001U}) {
    const bytes content = random_bytes(size);
    for (const std::size_t at : {std::size_t{0}, size / 2, size - 1}) {
      bytes other = content;
      other[at] ^= std::byte{0x01};
      const auto prints =
          fingerprints(t, coins, std::array<bytes_view, 3>{content, other, content});
      CHECK(prints[0] != prints[1]);
      CHECK(prints[0] == prints[2]);
    }
  }
}
