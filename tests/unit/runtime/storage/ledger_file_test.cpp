// Does a privacy ledger on a disk ever say less than what was released?
#include <cstdint>
#include <memory>
#include <random>

#include <doctest/doctest.h>

#include "storage/ledger_file.hpp"
#include "support/simulated_disk.hpp"

using namespace godwit;

namespace {

signing_key key_of(std::uint8_t seed) {
  auto made = signing_key::from_seed(secret(bytes(signing_seed_bytes, std::byte{seed})));
  REQUIRE(made);
  return std::move(*made);
}

privacy_release release_of(std::uint64_t round) {
  sha256_digest result{};
  result[0] = std::byte(round);
  result[1] = std::byte(round >> 8);
  return {.round = {round}, .noise_multiplier = 1, .result = result, .clients = {{"a"}, {"b"}}};
}

} // namespace

TEST_CASE("a ledger begins once, and is there when it is opened again") {
  const auto on = std::make_shared<simulated_disk>();
  const auto key = key_of(1);
  auto begun = ledger_file::open(on, "birds", key, {});
  REQUIRE(begun);
  const auto line = begun->ledger.add(release_of(1), key);
  REQUIRE(line);
  REQUIRE(begun->file->append(*line));
  on->crash(7);
  const auto again = ledger_file::open(on, "birds", key, sha256_digest{std::byte{1}});
  REQUIRE(again);
  CHECK(again->ledger.head() == begun->ledger.head());
  CHECK(again->torn_bytes == 0);
}

TEST_CASE("another population's ledger, another key's and a changed one are refused by name") {
  const auto on = std::make_shared<simulated_disk>();
  REQUIRE(ledger_file::open(on, "birds", key_of(1), {}));
  const auto other = ledger_file::open(on, "fishes", key_of(1), {});
  REQUIRE_FALSE(other);
  CHECK(other.why().code == failure_code::bad_config);
  const auto foreign = ledger_file::open(on, "birds", key_of(2), {});
  REQUIRE_FALSE(foreign);
  CHECK(foreign.why().code == failure_code::bad_key);
  on->content(ledger_name)[10] ^= std::byte{1};
  const auto changed = ledger_file::open(on, "birds", key_of(1), {});
  REQUIRE_FALSE(changed);
  CHECK(changed.why().code == failure_code::corrupt);
  CHECK(changed.why().detail.find(std::string(ledger_name)) != std::string::npos);
}

TEST_CASE("what was acknowledged is in the ledger after any failure of the disk and any crash") {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    CAPTURE(seed);
    std::mt19937_64 chance(seed);
    const auto on = std::make_shared<simulated_disk>();
    const auto key = key_of(1);
    auto now = ledger_file::open(on, "birds", key, {});
    REQUIRE(now);
    std::uint64_t released = 0;
    for (std::uint64_t round = 1; round <= 20; ++round) {
      const auto fault = chance() % 4;
      if (fault == 0)
        on->fail(1 + chance() % 2, chance() % 3);
      if (fault == 1)
        on->lose_power(chance() % 4);
      if (fault == 2)
        on->fill_at(on->used_bytes() + chance() % 300);
      const auto line = now->ledger.add(release_of(round), key);
      REQUIRE(line);
      bool is_kept = now->file->append(*line).has_value();
      on->fill_at(~std::uint64_t{0});
      if (fault != 1 && !is_kept) { // the keeper tries again until it goes well
        on->fail(0);
        is_kept = now->file->append(*line).has_value();
        REQUIRE(is_kept);
      }
      if (is_kept)
        released = round;
      if (fault == 1 || chance() % 5 == 0) {
        on->crash(chance());
        now = ledger_file::open(on, "birds", key, {});
        REQUIRE(now);
        CHECK(now->ledger.head().release_count >= released);
        round = now->ledger.head().release_count; // a result that was not kept never left
        released = round;
      }
    }
  }
}
