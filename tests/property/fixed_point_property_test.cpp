// Is the sum the same bits for every order, split over threads and shape of tiers, and near the
// true mean?
#include <godwit/aggregation/fixed_point.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <numeric>
#include <random>
#include <span>
#include <thread>
#include <vector>

using namespace godwit;

namespace {

constexpr std::size_t size = 257;
constexpr std::size_t client_count = 40;

struct client {
  std::vector<float> update;
  std::uint64_t weight;
};

std::vector<client> clients_of(std::uint32_t seed, float spread) {
  std::mt19937 random{seed};
  std::normal_distribution<float> normal{0.0F, spread};
  std::vector<client> clients(client_count);
  for (auto& one : clients) {
    one.weight = 1 + random() % 5000;
    one.update.resize(size);
    for (float& value : one.update)
      value = std::clamp(normal(random), -0.49F, 0.49F);
  }
  return clients;
}

std::vector<weighted_update> updates_of(const std::vector<client>& clients) {
  std::vector<weighted_update> updates;
  for (const auto& one : clients)
    updates.push_back({std::as_bytes(std::span(one.update)), one.weight});
  return updates;
}

/// FNV-1a over the words, weight and count: one number that changes if any bit does.
std::uint64_t hash_of(const fixed_point_sum& sum) {
  std::uint64_t hash = 14695981039346656037U;
  const auto mix = [&hash](std::uint64_t word) {
    for (int shift = 0; shift < 64; shift += 8)
      hash = (hash ^ (word >> shift & 0xFFU)) * 1099511628211U;
  };
  for (auto word : sum.words())
    mix(word);
  mix(sum.weight());
  mix(sum.count());
  return hash;
}

std::uint64_t reference_of(const std::vector<client>& clients) {
  fixed_point_sum sum{size};
  for (const auto& one : clients)
    REQUIRE(sum.add(one.update, one.weight));
  return hash_of(sum);
}

void on_threads(std::size_t part_count, const std::function<void(std::size_t)>& work) {
  std::vector<std::jthread> threads;
  for (std::size_t part = 0; part < part_count; ++part)
    threads.emplace_back([&work, part] { work(part); });
}

} // namespace

TEST_CASE("a thousand orders of arrival give one sum, one by one and folded") {
  const auto clients = clients_of(1, 0.1F);
  const auto expected = reference_of(clients);
  auto updates = updates_of(clients);
  std::mt19937 random{2};
  for (int order = 0; order < 1000; ++order) {
    std::ranges::shuffle(updates, random);
    fixed_point_sum sum{size};
    // some one by one, the rest folded in groups of random length
    std::span<const weighted_update> left = updates;
    while (!left.empty()) {
      const std::size_t count = std::min<std::size_t>(left.size(), 1 + random() % 12);
      if (count == 1) {
        REQUIRE(sum.add(left[0].values, left[0].weight));
      } else {
        for (const auto& verdict : sum.add_many(left.first(count)))
          REQUIRE(verdict);
      }
      left = left.subspan(count);
    }
    REQUIRE(hash_of(sum) == expected);
  }
}

TEST_CASE("tiers of any shape give the same sum") {
  const auto clients = clients_of(3, 0.1F);
  const auto expected = reference_of(clients);
  std::mt19937 random{4};
  for (int shape = 0; shape < 200; ++shape) {
    std::vector<fixed_point_sum> tiers(1 + random() % 8, fixed_point_sum{size});
    for (const auto& one : clients)
      REQUIRE(tiers[random() % tiers.size()].add(one.update, one.weight));
    while (tiers.size() > 1) { // two at random become one, until one is left
      const std::size_t gone = random() % tiers.size();
      std::swap(tiers[gone], tiers.back());
      const auto merged = std::move(tiers.back());
      tiers.pop_back();
      REQUIRE(tiers[random() % tiers.size()].merge(merged));
    }
    REQUIRE(hash_of(tiers.front()) == expected);
  }
}

TEST_CASE("any number of threads over the parameters gives the same sum and the same verdicts") {
  auto clients = clients_of(5, 0.1F);
  const auto expected = reference_of(clients);
  // one update with an unfit value in some range must be taken out of all the other ranges again
  auto with_bad = clients;
  with_bad.insert(with_bad.begin() + 3, client{std::vector<float>(size, 0.3F), 77});
  for (std::size_t threads : {1U, 2U, 3U, 7U, 16U, 40U}) {
    CAPTURE(threads);
    for (std::size_t at : {std::size_t{0}, size / 2, size - 1}) {
      with_bad[3].update.assign(size, 0.3F);
      with_bad[3].update[at] = 128.0F;
      fixed_point_sum sum{size};
      auto verdicts = sum.add_many(updates_of(with_bad), threads, on_threads);
      for (std::size_t i = 0; i < verdicts.size(); ++i)
        CHECK(verdicts[i].has_value() == (i != 3));
      CHECK(hash_of(sum) == expected);
    }
  }
}

TEST_CASE("the mean is within 2^-25 and one rounding of the mean in float64") {
  for (std::uint32_t seed = 10; seed < 40; ++seed) {
    const auto clients = clients_of(seed, seed % 2 ? 0.2F : 1e-6F);
    fixed_point_sum sum{size};
    double weight = 0;
    std::vector<double> exact(size, 0.0);
    for (const auto& one : clients) {
      REQUIRE(sum.add(one.update, one.weight));
      weight += static_cast<double>(one.weight);
      for (std::size_t i = 0; i < size; ++i)
        exact[i] += static_cast<double>(one.weight) * static_cast<double>(one.update[i]);
    }
    std::vector<float> mean(size);
    sum.mean(mean);
    double opened_error = 0, float_error = 0;
    for (std::size_t i = 0; i < size; ++i) {
      const double opened =
          static_cast<double>(static_cast<std::int64_t>(sum.words()[i])) / (weight * 0x1p24);
      opened_error = std::max(opened_error, std::fabs(opened - exact[i] / weight));
      float_error = std::max(float_error, std::fabs(static_cast<double>(mean[i]) - opened) /
                                              std::max(std::fabs(opened), 0x1p-126));
    }
    CAPTURE(seed);
    CHECK(opened_error <= 0x1p-25 * (1 + 1e-6));
    CHECK(opened_error > 0);
    CHECK(float_error <= 0x1p-24);
  }
}

TEST_CASE("refused updates in any place and number leave the sum of the good ones") {
  const auto clients = clients_of(6, 0.1F);
  const auto expected = reference_of(clients);
  std::mt19937 random{7};
  for (int trial = 0; trial < 200; ++trial) {
    auto mixed = clients;
    for (std::size_t bad = random() % 20; bad > 0; --bad) {
      client liar{std::vector<float>(size, 0.4F), 1 + random() % 5000};
      const float lies[] = {NAN, INFINITY, -INFINITY, 128.0F, -128.0F, 3e38F};
      liar.update[random() % size] = lies[random() % 6];
      mixed.insert(mixed.begin() + static_cast<std::ptrdiff_t>(random() % (mixed.size() + 1)),
                   liar);
    }
    fixed_point_sum sum{size};
    const auto verdicts = sum.add_many(updates_of(mixed));
    const auto refused = std::ranges::count_if(verdicts, [](const auto& one) { return !one; });
    REQUIRE(static_cast<std::size_t>(refused) == mixed.size() - clients.size());
    REQUIRE(hash_of(sum) == expected);
  }
}
