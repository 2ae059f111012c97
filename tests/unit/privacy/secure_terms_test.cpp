// Are terms taken that keep to every bound, and refused one step beyond?
#include <godwit/privacy/secure_terms.hpp>

#include <functional>
#include <limits>

#include <doctest/doctest.h>

using namespace godwit;
using namespace godwit::secure_sum;

namespace {

terms good() {
  terms x;
  x.job = "hub";
  x.round = {3};
  x.clients_min = 2;
  x.clients_max = 1'000;
  x.fractions = {100, 100};
  x.streams = {{10, -1.0, 1.0, 16}};
  x.modulus_bits = modulus_bits_for(x.clients_max, x.weight_max, x.streams);
  x.lane_bits = lane_bits_for(x.modulus_bits);
  return x;
}

bool is_taken(const std::function<void(terms&)>& change) {
  auto x = good();
  change(x);
  const auto decoded = decode_terms(encode(x));
  CHECK(decoded.has_value() == check(x).has_value());
  if (!decoded)
    CHECK(decoded.why() == refusal::wrong_terms);
  return decoded.has_value();
}

void fit(terms& x) {
  x.modulus_bits = modulus_bits_for(x.clients_max, x.weight_max, x.streams);
  x.lane_bits = lane_bits_for(x.modulus_bits);
}

} // namespace

TEST_CASE("the modulus holds the largest sum and no less") {
  CHECK(modulus_bits_for(1'024, 1, {{1, 0, 1, 16}}) == 26);
  CHECK(modulus_bits_for(1'025, 1, {{1, 0, 1, 16}}) == 27);
  CHECK(modulus_bits_for(2, 1, {{1, 0, 1, 1}}) == 8); // never less
  CHECK(modulus_bits_for(1'024, 1, {{1, 0, 1, 3}, {1, 0, 1, 16}, {1, 0, 1, 5}}) == 26);
  CHECK(modulus_bits_for(1'000'000, 0xffffffff, {{1, 0, 1, 24}}) == 0); // 76 bits
  CHECK(lane_bits_for(8) == 16);
  CHECK(lane_bits_for(16) == 16);
  CHECK(lane_bits_for(17) == 32);
  CHECK(lane_bits_for(32) == 32);
  CHECK(lane_bits_for(33) == 64);
}

TEST_CASE("terms are taken at each bound and refused beyond it") {
  CHECK(is_taken([](terms&) {}));
  CHECK(is_taken([](terms& x) { x.suite = mask_suite::chacha20; }));
  CHECK_FALSE(is_taken([](terms& x) { x.suite = static_cast<mask_suite>(0); }));
  CHECK_FALSE(is_taken([](terms& x) { x.suite = static_cast<mask_suite>(3); }));
  CHECK(is_taken([](terms& x) { x.profile = profile::malicious; }));
  CHECK_FALSE(is_taken([](terms& x) { x.profile = static_cast<profile>(3); }));
  CHECK_FALSE(is_taken([](terms& x) { x.job = "a hub"; }));
  CHECK_FALSE(is_taken([](terms& x) { x.job.clear(); }));
  CHECK_FALSE(is_taken([](terms& x) { x.round = {}; }));
  CHECK_FALSE(is_taken([](terms& x) { x.clients_min = 1; }));
  CHECK(is_taken([](terms& x) { x.clients_min = x.clients_max; }));
  CHECK_FALSE(is_taken([](terms& x) { x.clients_min = x.clients_max + 1; }));
  CHECK_FALSE(is_taken([](terms& x) { x.fractions.corrupt = 1'000; }));
  CHECK_FALSE(is_taken([](terms& x) { x.fractions.dropped = 1'000; }));
  CHECK_FALSE(is_taken([](terms& x) { x.weight_max = 0; }));
  CHECK(is_taken([](terms& x) {
    x.clients_max = graph_count_max;
    fit(x);
  }));
  CHECK_FALSE(is_taken([](terms& x) {
    x.clients_max = graph_count_max + 1;
    fit(x);
  }));
}

TEST_CASE("a modulus in which a sum could wrap, or lanes of another width, are refused") {
  CHECK(is_taken([](terms& x) { ++x.modulus_bits; }));
  CHECK_FALSE(is_taken([](terms& x) { --x.modulus_bits; }));
  CHECK_FALSE(is_taken([](terms& x) { x.weight_max = 2; }));
  CHECK_FALSE(is_taken([](terms& x) { x.lane_bits = 64; }));
  CHECK_FALSE(is_taken([](terms& x) { x.lane_bits = 16; }));
  CHECK(is_taken([](terms& x) {
    x.modulus_bits = 62;
    x.lane_bits = 64;
  }));
  CHECK_FALSE(is_taken([](terms& x) {
    x.modulus_bits = 63;
    x.lane_bits = 64;
  }));
}

TEST_CASE("a stream has values, a range and a resolution") {
  constexpr double infinite = std::numeric_limits<double>::infinity();
  constexpr double largest = std::numeric_limits<double>::max();
  const auto with = [](stream_terms stream) {
    return [stream](terms& x) {
      x.streams = {stream};
      fit(x);
    };
  };
  CHECK(is_taken(with({1, -0.5, 0.25, 24})));
  CHECK_FALSE(is_taken(with({0, -1, 1, 16})));
  CHECK_FALSE(is_taken(with({1, -1, 1, 0})));
  CHECK_FALSE(is_taken(with({1, -1, 1, 25})));
  CHECK_FALSE(is_taken(with({1, 1, 1, 16})));
  CHECK_FALSE(is_taken(with({1, 1, -1, 16})));
  CHECK_FALSE(is_taken(with({1, -infinite, 1, 16})));
  CHECK_FALSE(is_taken(with({1, 0, std::numeric_limits<double>::quiet_NaN(), 16})));
  CHECK_FALSE(is_taken(with({1, -largest, largest, 16})));
  CHECK_FALSE(is_taken(with({1, 0, std::numeric_limits<double>::denorm_min(), 16})));
  CHECK(is_taken(with({(1ULL << 32) - 1, -1, 1, 16})));
  CHECK_FALSE(is_taken(with({1ULL << 32, -1, 1, 16})));
  CHECK_FALSE(is_taken(with({~0ULL, -1, 1, 16})));
  CHECK_FALSE(is_taken([](terms& x) { x.streams.clear(); }));
  CHECK(is_taken([](terms& x) { x.streams.resize(stream_count_max, x.streams.front()); }));
}

TEST_CASE("terms that are cut off, longer, or of another kind decode to nothing") {
  const auto encoded = encode(good());
  for (std::size_t i = 0; i < encoded.size(); ++i) {
    const auto decoded = decode_terms(bytes_view(encoded).first(i));
    REQUIRE_FALSE(decoded);
    REQUIRE(decoded.why() == refusal::malformed);
  }
  auto longer = encoded;
  longer.push_back(std::byte{0});
  CHECK_FALSE(decode_terms(longer));
  auto other = encoded;
  other[4] = std::byte{'2'};
  CHECK(decode_terms(other).why() == refusal::malformed);
  auto many = good();
  many.streams.resize(stream_count_max + 1, many.streams.front());
  CHECK(decode_terms(encode(many)).why() == refusal::malformed);
}

TEST_CASE("the weight of a sum lies between the survivors and the survivors' most") {
  auto x = good();
  x.weight_max = 10;
  CHECK_FALSE(is_possible_weight(x, 5, 4));
  CHECK(is_possible_weight(x, 5, 5));
  CHECK(is_possible_weight(x, 5, 50));
  CHECK_FALSE(is_possible_weight(x, 5, 51));
}

TEST_CASE(
    "terms of a carried vector are those of its key's sum, and are refused where they are not") {
  const auto carried = [](terms& x) {
    x.carried = {.set = sum_set::rk4096a, .weight_max = 1, .streams = std::move(x.streams)};
    x.streams = key_streams(sum_set::rk4096a);
    fit(x);
  };
  terms good_terms = good();
  carried(good_terms);
  const auto decoded = decode_terms(encode(good_terms));
  REQUIRE(decoded);
  CHECK(decoded->carried == good_terms.carried);
  CHECK(value_streams(*decoded).front().length == 10);
  CHECK(entry_count(*decoded) == 4097);
  CHECK(decoded->lane_bits == 16);
  CHECK(carried_bytes(*decoded->carried) == 51'200); // one block: 8,192 words of 50 bits

  const auto is_taken_with = [&](const std::function<void(terms&)>& change) {
    return is_taken([&](terms& x) {
      carried(x);
      change(x);
    });
  };
  CHECK(is_taken_with([](terms&) {}));
  CHECK_FALSE(is_taken_with([](terms& x) { x.carried->set = sum_set::rl4096a; }));
  CHECK_FALSE(is_taken_with([](terms& x) { x.carried->set = static_cast<sum_set>(77); }));
  CHECK_FALSE(is_taken_with([](terms& x) { x.carried->weight_max = 0; }));
  CHECK_FALSE(is_taken_with([](terms& x) { x.carried->streams.clear(); }));
  CHECK_FALSE(is_taken_with([](terms& x) { x.carried->streams.front().bits = 25; }));
  CHECK_FALSE(is_taken_with([](terms& x) { x.streams.front().high = 3; }));
  CHECK_FALSE(is_taken_with([](terms& x) { x.streams.front().length = 4095; }));
  CHECK_FALSE(is_taken_with([](terms& x) {
    x.weight_max = 2;
    fit(x);
  }));
}

TEST_CASE("no more clients carry vectors than a slot and the noise have room for") {
  const auto most = [](std::uint8_t bits, std::uint32_t weight_max) {
    return carried_clients_max({sum_set::rk4096a, weight_max, {{10, 0, 1, bits}}});
  };
  CHECK(most(16, 1) == 2'048);
  CHECK(most(8, 1) == 3'120); // here by the noise
  CHECK(most(16, 2'048) == 1);
  CHECK(most(16, 2'049) == 0);
  CHECK(most(24, 0xffff'ffff) == 0);
  auto x = good();
  x.carried = {.set = sum_set::rk4096a, .weight_max = 4, .streams = std::move(x.streams)};
  x.streams = key_streams(sum_set::rk4096a);
  x.clients_max = 512;
  fit(x);
  CHECK(check(x)); // 18 bits: 512 clients
  ++x.clients_max;
  fit(x);
  CHECK(check(x).why() == refusal::wrong_terms);
}

TEST_CASE("terms with half a carried vector, or something behind it, are malformed") {
  auto x = good();
  x.carried = {.set = sum_set::rk4096a, .weight_max = 1, .streams = std::move(x.streams)};
  x.streams = key_streams(sum_set::rk4096a);
  fit(x);
  const auto whole = encode(x);
  REQUIRE(decode_terms(whole));
  const auto masked = whole.size() - (2 + 4 + 4 + 25);
  for (auto size = masked + 1; size < whole.size(); ++size)
    CHECK(decode_terms(bytes_view(whole).first(size)).why() == refusal::malformed);
  auto longer = whole;
  longer.push_back(std::byte{0});
  CHECK(decode_terms(longer).why() == refusal::malformed);
}

TEST_CASE("noise is stated in one way, and what each client says with it fits its bits") {
  const auto with_noise = [](const std::function<void(terms&)>& change) {
    return is_taken([&change](terms& x) {
      x.noised = noised_terms{
          .law = noise_kind::skellam, .norm_max = 0.5, .step = 0x1p-11, .share_deviation = 100};
      x.streams = {noised_stream(*x.noised, 10)};
      change(x);
      fit(x);
    });
  };
  CHECK(with_noise([](terms&) {}));
  CHECK(with_noise([](terms& x) { x.noised->law = noise_kind::discrete_gaussian; }));
  CHECK_FALSE(with_noise([](terms& x) { x.noised->law = noise_kind::discrete_laplace; }));
  CHECK_FALSE(with_noise([](terms& x) { x.noised->law = static_cast<noise_kind>(9); }));
  CHECK_FALSE(with_noise([](terms& x) { x.weight_max = 2; }));
  CHECK_FALSE(with_noise([](terms& x) { x.streams.push_back(x.streams[0]); }));
  CHECK_FALSE(with_noise([](terms& x) { --x.streams[0].bits; }));
  CHECK_FALSE(with_noise([](terms& x) { x.streams[0].high += 1; }));
  CHECK_FALSE(with_noise([](terms& x) { x.noised->share_deviation = 1e6; }));
  const auto with = [&with_noise](const std::function<void(noised_terms&)>& change) {
    return with_noise([&change](terms& x) {
      change(*x.noised);
      x.streams = {{10, -1, 1, 16}};
      const auto& noised = *x.noised;
      if (noised.norm_max > 0 && noised.step > 0 && noised.norm_max / noised.step <= 0x1p23)
        x.streams = {noised_stream(noised, 10)};
    });
  };
  CHECK(with([](noised_terms& x) { x.share_deviation = 8; }));
  CHECK_FALSE(with([](noised_terms& x) { x.share_deviation = 7.99; }));
  CHECK(with([](noised_terms& x) { x.share_deviation = 4096; }));
  CHECK_FALSE(with([](noised_terms& x) { x.share_deviation = 4097; })); // Skellam
  CHECK(with([](noised_terms& x) {
    x.law = noise_kind::discrete_gaussian;
    x.share_deviation = 4097;
  }));
  CHECK_FALSE(with([](noised_terms& x) { x.norm_max = 0; }));
  CHECK_FALSE(with([](noised_terms& x) { x.step = 0; }));
  CHECK_FALSE(with([](noised_terms& x) { x.step = -x.step; }));
  CHECK_FALSE(with([](noised_terms& x) { x.step = 2 * x.norm_max; }));
  CHECK_FALSE(with([](noised_terms& x) { x.step = x.norm_max * 0x1p-24; }));
  for (const double bad :
       {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
    CHECK_FALSE(with_noise([bad](terms& x) { x.noised->norm_max = bad; }));
    CHECK_FALSE(with_noise([bad](terms& x) { x.noised->step = bad; }));
    CHECK_FALSE(with_noise([bad](terms& x) { x.noised->share_deviation = bad; }));
  }
}

TEST_CASE("what stands behind the streams is all there, in its order, and nothing more") {
  auto x = good();
  x.noised = noised_terms{.norm_max = 0.5, .step = 0x1p-11, .share_deviation = 100};
  x.streams = {noised_stream(*x.noised, 10)};
  x.carried = {.set = sum_set::rk4096a, .weight_max = 1, .streams = x.streams};
  x.streams = key_streams(x.carried->set);
  fit(x);
  const auto whole = encode(x);
  const auto read = decode_terms(whole);
  REQUIRE(read);
  CHECK(read->noised == x.noised);
  CHECK(read->carried == x.carried);
  CHECK(encode(*read) == whole);
  auto alone = x;
  alone.carried.reset();
  alone.noised.reset();
  alone.streams = {{10, -1.0, 1.0, 16}};
  fit(alone);
  const auto plain = encode(alone);
  for (const std::size_t more : {1U, 2U, 3U, 26U}) { // zeros stand for nothing
    auto longer = plain;
    longer.resize(plain.size() + more);
    CHECK_FALSE(decode_terms(longer));
  }
  const std::size_t noised_bytes = 2 + 3 * 8; // without which the terms are others, and whole
  for (std::size_t size = plain.size() + 1; size < whole.size(); ++size)
    CHECK(decode_terms(bytes_view(whole).first(size)).has_value() ==
          (size == whole.size() - noised_bytes));
  auto longer = whole;
  longer.push_back(std::byte{0});
  CHECK_FALSE(decode_terms(longer));
}
