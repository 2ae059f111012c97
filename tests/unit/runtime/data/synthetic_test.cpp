// Is the generated data FedProx's Synthetic(alpha, beta), and the same bits every time?
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <set>
#include <vector>

#include <doctest/doctest.h>

#include "data/synthetic.hpp"

using namespace godwit;

namespace {

/// FNV-1a over the features' bits, labels and keys.
std::uint64_t hash_of(const dataset& data) {
  std::uint64_t hash = 0xCBF29CE484222325;
  const auto take = [&](std::uint32_t x) { hash = (hash ^ x) * 0x100000001B3; };
  for (const float value : data.values)
    take(std::bit_cast<std::uint32_t>(value));
  for (const auto label : data.labels)
    take(label);
  for (const auto key : data.keys)
    take(key);
  return hash;
}

std::vector<std::size_t> sizes_by_device(const dataset& data) {
  std::vector<std::size_t> sizes(30);
  for (const auto key : data.keys)
    ++sizes.at(key);
  return sizes;
}

/// [device][feature]: the mean.
std::vector<std::vector<double>> means_by_device(const dataset& data) {
  const auto sizes = sizes_by_device(data);
  std::vector<std::vector<double>> means(30, std::vector<double>(60));
  for (std::size_t i = 0; i < data.size(); ++i)
    for (std::size_t j = 0; j < 60; ++j)
      means[data.keys[i]][j] += data.values[i * 60 + j] / static_cast<double>(sizes[data.keys[i]]);
  return means;
}

double variance(const std::vector<double>& numbers) {
  double sum = 0, squares = 0;
  for (const double x : numbers) {
    sum += x;
    squares += x * x;
  }
  const auto count = static_cast<double>(numbers.size());
  return squares / count - (sum / count) * (sum / count);
}

} // namespace

TEST_CASE("the generated bits are pinned") {
  CHECK(hash_of(synthetic({.alpha = 1, .beta = 1}, split::train)) == 0xa6b947247c6bef2d);
  CHECK(hash_of(synthetic({.alpha = 1, .beta = 1}, split::test)) == 0x632f50620a07f8ad);
  CHECK(hash_of(synthetic({.alpha = 0.5, .beta = 0.5}, split::train)) == 0x8ad0ed7aaf046a1a);
  CHECK(hash_of(synthetic({.iid = true}, split::train)) == 0x5a993d225b42bdaf);
  CHECK(hash_of(synthetic({.seed = 1}, split::train)) !=
        hash_of(synthetic({.seed = 2}, split::train)));
}

TEST_CASE(
    "there are 30 devices of at least 50 examples, 60 features and 10 classes, split 90 to 10") {
  const auto train = synthetic({}, split::train);
  const auto test = synthetic({}, split::test);
  CHECK(train.shape == std::vector<std::uint32_t>{60});
  CHECK(train.class_count == 10);
  CHECK(train.pixels.empty());
  CHECK(train.values.size() == train.size() * 60);
  CHECK(train.keys.size() == train.size());
  CHECK(std::all_of(train.values.begin(), train.values.end(),
                    [](float x) { return std::isfinite(x); }));
  const auto train_sizes = sizes_by_device(train), test_sizes = sizes_by_device(test);
  for (std::size_t k = 0; k < 30; ++k) {
    const auto size = train_sizes[k] + test_sizes[k];
    CHECK(size >= 50);
    CHECK(train_sizes[k] == size * 9 / 10);
  }
  CHECK(*std::max_element(train_sizes.begin(), train_sizes.end()) >
        10 * *std::min_element(train_sizes.begin(), train_sizes.end())); // lognormal(4, 2)
}

TEST_CASE("sizes are fifty and a lognormal of mean 4 and deviation 2") {
  std::vector<double> logs;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const auto data = synthetic({.iid = true, .seed = seed}, split::test);
    for (const auto size : sizes_by_device(data))
      logs.push_back(std::log(std::max(1.0, static_cast<double>(size) * 10 - 50)));
  }
  std::sort(logs.begin(), logs.end());
  CHECK(std::abs(logs[logs.size() / 2] - 4.0) < 0.3); // the median of 600
}

TEST_CASE("feature j deviates by j to the power of -0.6 within a device") {
  const auto data = synthetic({}, split::train);
  const auto means = means_by_device(data);
  std::vector<double> squares(60);
  for (std::size_t i = 0; i < data.size(); ++i)
    for (std::size_t j = 0; j < 60; ++j) {
      const double off = data.values[i * 60 + j] - means[data.keys[i]][j];
      squares[j] += off * off / static_cast<double>(data.size());
    }
  for (std::size_t j = 0; j < 60; ++j) {
    const double expected = std::pow(static_cast<double>(j + 1), -1.2);
    CHECK(std::abs(squares[j] / expected - 1.0) < 0.1);
  }
}

TEST_CASE("beta moves the devices' inputs apart, and the iid variant leaves them together") {
  const auto spread = [](const synthetic_options& options) {
    std::vector<double> centers;
    for (const auto& device : means_by_device(synthetic(options, split::train))) {
      double sum = 0;
      for (const double mean : device)
        sum += mean / 60;
      centers.push_back(sum);
    }
    return variance(centers);
  };
  CHECK(spread({.iid = true}) < 0.01);
  CHECK(spread({.alpha = 0, .beta = 0}) < 0.1); // 1/60 of v's own
  CHECK(spread({.alpha = 0, .beta = 3}) > 3.0); // 9 in the mean
}

TEST_CASE("devices differ in which labels they hold, and in the iid variant they do not") {
  const auto top_share = [](const synthetic_options& options) {
    const auto data = synthetic(options, split::train);
    std::vector<std::vector<double>> counts(30, std::vector<double>(10));
    for (std::size_t i = 0; i < data.size(); ++i)
      ++counts[data.keys[i]][data.labels[i]];
    double sum = 0;
    std::set<std::size_t> tops;
    for (const auto& device : counts) {
      const auto top = std::max_element(device.begin(), device.end());
      double all = 0;
      for (const double count : device)
        all += count;
      sum += *top / all / 30;
      tops.insert(static_cast<std::size_t>(top - device.begin()));
    }
    return std::pair(sum, tops.size());
  };
  const auto [uneven, tops] = top_share({.alpha = 1, .beta = 1});
  CHECK(uneven > 0.5);
  CHECK(tops >= 5);
  CHECK(top_share({.iid = true}).second <= 2);
}
