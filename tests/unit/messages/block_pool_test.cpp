// Is memory used again, within its bound, and never while somebody reads it?
#include <cstring>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include <godwit/messages/block_pool.hpp>

using namespace godwit;

TEST_CASE("a block comes back with its last owner and is used again") {
  block_pool pool(1000);
  auto first = pool.take(300);
  const auto* place = first.space().data();
  std::memset(first.space().data(), 7, first.size());
  auto shared = std::move(first).share();
  CHECK(shared.size() == 300);
  CHECK(first.size() == 0);
  auto part = shared.part(100, 10);
  shared = {};
  CHECK(pool.idle_bytes() == 0); // a part is still being read
  CHECK(pool.read_bytes() == 300);
  CHECK(pool.take(300).space().data() != place);
  CHECK(part.view()[0] == std::byte{7});
  part = {};
  CHECK(pool.idle_bytes() == 600);
  {
    auto smaller = pool.take(280);
    CHECK(smaller.size() == 280);
    CHECK(pool.read_bytes() == 0); // it is still being filled
    const auto filled = std::move(smaller).share();
    CHECK(pool.read_bytes() == 300); // what it takes, not what it shows
  }
  CHECK(pool.idle_bytes() == 600);
  CHECK(pool.read_bytes() == 0);
}

TEST_CASE("a block is not wasted on what is much smaller, and none is too small") {
  block_pool pool(10'000);
  const auto* place = pool.take(1000).space().data();
  CHECK(pool.take(1001).space().data() != place);
  block_pool other(10'000);
  place = other.take(1000).space().data();
  const auto small = other.take(10);
  CHECK(small.space().data() != place);
  CHECK(other.idle_bytes() == 1000);
}

TEST_CASE("idle memory stays below its bound, the oldest goes first") {
  block_pool pool(1000);
  { const auto a = pool.take(600), b = pool.take(500); }
  CHECK(pool.idle_bytes() <= 1000);
  CHECK(pool.idle_bytes() >= 500);
  { const auto huge = pool.take(5000); }
  CHECK(pool.idle_bytes() <= 1000);
}

TEST_CASE("a block may outlive its pool, and come back from another thread") {
  shared_bytes kept;
  {
    block_pool pool(1000);
    kept = pool.take(100).share();
    std::jthread([part = pool.take(200).share()]() mutable { part = {}; }).join();
    CHECK(pool.idle_bytes() == 200);
  }
  CHECK(kept.size() == 100);
}
