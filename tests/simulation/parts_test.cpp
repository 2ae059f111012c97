// Do the parts of a simulation keep their word: clock, devices, threads, and the order of
// trainings?
#include <algorithm>
#include <atomic>
#include <memory>
#include <vector>

#include <doctest/doctest.h>

#include "data/load.hpp"
#include "data/partition.hpp"
#include "simulation/devices.hpp"
#include "simulation/side_by_side.hpp"
#include "simulation/timeline.hpp"
#include "simulation/trainings.hpp"
#include "simulation/worker_pool.hpp"

using namespace godwit;
using namespace godwit::simulated;
using namespace std::chrono_literals;

namespace {

std::vector<std::unique_ptr<model>> workspaces(std::size_t count) {
  std::vector<std::unique_ptr<model>> made;
  for (std::size_t i = 0; i < count; ++i)
    made.push_back(make_model("softmax", {60}, 10).value());
  return made;
}

std::vector<examples> thirty_clients() {
  data_config config;
  config.source = "synthetic";
  partition_config how;
  how.scheme = "natural";
  how.clients = 30;
  return partition(load_dataset(config, split::train).value(), how, 1).value();
}

} // namespace

TEST_CASE("events come by time, those of one time in the order in which they were foreseen") {
  timeline time;
  time.add(3s, happening::trained, 1);
  time.add(1s, happening::invited, 2);
  time.add(3s, happening::uploaded, 3);
  time.add(2s, happening::downloaded, 4);
  std::vector<std::uint32_t> order;
  while (!time.is_empty())
    order.push_back(time.next().client);
  CHECK(order == std::vector<std::uint32_t>{2, 4, 1, 3});
  CHECK(time.now() == 3s);
}

TEST_CASE(
    "the clock does not go back for an event that is late, and cleared events do not happen") {
  timeline time;
  time.add(5s, happening::trained);
  time.next();
  time.add(1s, happening::deadline);
  CHECK(time.next().when == 5s);
  time.add(9s, happening::deadline);
  time.clear();
  CHECK(time.is_empty());
  CHECK(time.now() == 5s);
}

TEST_CASE("devices differ within their bounds, and are the same for the same seed") {
  const devices some(1, 199'210, 0);
  const devices again(1, 199'210, 0);
  double slowest = 1e30, fastest = 0;
  for (std::uint32_t i = 0; i < 1000; ++i) {
    const auto one = some.of(i);
    CHECK(one.bytes_per_second == again.of(i).bytes_per_second);
    CHECK(some.transfer(one) > 0s);
    CHECK(some.transfer(one) < 10s); // 800 kB at 5 Mbit/s, two sigmas slower
    CHECK(some.training(one, 600, 1) < 1s);
    CHECK(some.training(one, 600, 5) > some.evaluating(one, 600));
    slowest = std::min(slowest, one.operations_per_second);
    fastest = std::max(fastest, one.operations_per_second);
  }
  CHECK(fastest > 5 * slowest);
  CHECK(devices(2, 199'210, 0).of(0).bytes_per_second != some.of(0).bytes_per_second);
}

TEST_CASE("as many clients vanish as the configuration says, each round others") {
  const devices some(1, 610, 0.3);
  int vanished = 0, twice = 0;
  for (std::uint32_t i = 0; i < 2000; ++i) {
    const auto first = some.vanishes_after(i, round_id{1});
    const auto second = some.vanishes_after(i, round_id{2});
    vanished += first ? 1 : 0;
    twice += first && second ? 1 : 0;
    if (first)
      CHECK((*first >= 0 && *first < 1));
  }
  CHECK(vanished > 520); // 600 expected, sigma 20
  CHECK(vanished < 680);
  CHECK(twice > 120); // 180 expected, sigma 13
  CHECK(twice < 240);
  CHECK_FALSE(devices(1, 610, 0).vanishes_after(3, round_id{1}));
}

TEST_CASE("a pool does each piece of work once, however many threads there are") {
  for (const std::size_t threads : {1U, 2U, 5U}) {
    worker_pool pool(workspaces(threads));
    std::vector<std::atomic<int>> done(200);
    std::vector<worker_pool::handle> tasks;
    for (auto& each : done)
      tasks.push_back(pool.submit([&each](model&) { ++each; }));
    for (auto task = tasks.rbegin(); task != tasks.rend(); ++task)
      pool.complete(*task);
    for (const auto& each : done)
      CHECK(each == 1);
  }
}

TEST_CASE(
    "work that was dropped before it was begun is not done, and a pool ends with work waiting") {
  bool is_done = false;
  {
    worker_pool pool(workspaces(1));
    const auto unwanted = pool.submit([&](model&) { is_done = true; });
    const auto forgotten = pool.submit([&](model&) { is_done = true; });
    pool.drop(unwanted);
  }
  CHECK_FALSE(is_done);
}

TEST_CASE("a training gives the same update, computed early or when it is asked for") {
  const auto clients = thirty_clients();
  worker_pool one(workspaces(1)), three(workspaces(3));
  const auto start = std::make_shared<std::vector<float>>(one.workspace().size(), 0.01F);
  std::vector<std::vector<float>> deltas;
  for (auto* pool : {&one, &three}) {
    trainings work(*pool, clients.size(), 6);
    work.begin_round(start, 20);
    for (std::uint32_t i = 0; i < clients.size(); ++i)
      work.expect(i, duration(i * 7 % 30), std::make_shared<examples>(clients[i]), {.seed = i});
    work.start_some();
    work.forget(3);
    for (std::uint32_t i = 4; i < 24; ++i) {
      auto result = work.take(i);
      REQUIRE(result.outcome);
      CHECK(result.outcome->example_count == clients[i].size());
      if (pool == &one)
        deltas.push_back(result.delta);
      else
        CHECK(result.delta == deltas[i - 4]);
      work.recycle(std::move(result.delta));
    }
  }
}

TEST_CASE("examples that lie side by side are the same ones in the same order") {
  auto clients = thirty_clients();
  std::swap(clients[0], clients[29]);
  const auto packed = side_by_side(clients);
  REQUIRE(packed.size() == clients.size());
  std::uint32_t next = 0;
  for (std::size_t i = 0; i < clients.size(); ++i) {
    REQUIRE(packed[i].size() == clients[i].size());
    const auto& old = *clients[i].data;
    const auto& made = *packed[i].data;
    for (std::size_t k = 0; k < packed[i].size(); ++k) {
      const auto row = packed[i].rows[k];
      REQUIRE(row == next++);
      REQUIRE(made.labels[row] == old.labels[clients[i].rows[k]]);
      REQUIRE(std::equal(made.values.begin() + row * 60, made.values.begin() + (row + 1) * 60,
                         old.values.begin() + clients[i].rows[k] * 60));
    }
  }
}
