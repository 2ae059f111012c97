// Are durations, addresses and slips of the pen read as people write them?
#include <chrono>
#include <cstdint>
#include <string>

#include <doctest/doctest.h>

#include "config/address.hpp"
#include "config/amount.hpp"
#include "config/duration.hpp"
#include "config/nearest.hpp"
#include "config/problem.hpp"

using namespace godwit::config;
using namespace std::chrono_literals;

TEST_CASE("durations are read with their unit") {
  CHECK(parse_duration("500ms") == 500ms);
  CHECK(parse_duration("60s") == 60s);
  CHECK(parse_duration("2 min") == 2min);
  CHECK(parse_duration("24h") == 24h);
  CHECK(parse_duration("1d") == 24h);
  CHECK(parse_duration("0s") == 0ms);
}

TEST_CASE("amounts are read with their unit, and printed in the largest that says them exactly") {
  for (const auto& [text, bytes] : std::vector<std::pair<std::string, std::uint64_t>>{
           {"256MB", 256'000'000}, {"2 GB", 2'000'000'000}, {"1500kB", 1'500'000}, {"7B", 7}}) {
    CAPTURE(text);
    REQUIRE(parse_amount(text));
    CHECK(parse_amount(text)->bytes == bytes);
    CHECK(parse_amount(print_amount({bytes}))->bytes == bytes);
  }
  CHECK(print_amount({256'000'000}) == "256MB");
  CHECK(print_amount({1'500'000}) == "1500kB");
  CHECK(print_amount({0}) == "0B");
  for (const char* text : {"", "256", "MB", "-1MB", "1.5MB", "1MiB", "1mb", "99999999999999GB"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_amount(text));
  }
}

TEST_CASE("durations that are none are refused") {
  for (const std::string text :
       {"", "s", "5", "-5s", "-0s", "+5s", "1.5s", "5 s ", " 5s", "5m", "5S", "5sec", "5s5",
        "9223372036854775808ms", "9223372036854775807s", "0x5s"}) {
    INFO(text);
    CHECK_FALSE(parse_duration(text));
  }
}

TEST_CASE("a printed duration reads back, in the largest unit that is exact") {
  CHECK(print_duration(90s) == "90s");
  CHECK(print_duration(120s) == "2min");
  CHECK(print_duration(1500ms) == "1500ms");
  CHECK(print_duration(0ms) == "0s");
  for (std::int64_t count = 1; count < 100'000'000; count = count * 3 + 1)
    CHECK(parse_duration(print_duration(std::chrono::milliseconds(count))) ==
          std::chrono::milliseconds(count));
}

TEST_CASE("addresses are names or numbers with a port") {
  CHECK(parse_address("localhost:7443") == host_port{"localhost", 7443});
  CHECK(parse_address("a-b.example.org:1") == host_port{"a-b.example.org", 1});
  CHECK(parse_address("192.0.2.1:65535") == host_port{"192.0.2.1", 65535});
  CHECK(parse_address("[2001:db8::1]:0") == host_port{"2001:db8::1", 0});
}

TEST_CASE("addresses that are none are refused") {
  for (const std::string text :
       {"",        ":",       ":1",          "a",           "a:",    "a:x",
        "a:-1",    "a:65536", "a:1 ",        "a b:1",       "-a:1",  "a-:1",
        "a..b:1",  "1.2.3:1", "1.2.3.4.5:1", "256.1.1.1:1", "::1:1", "[::1]",
        "[::g]:1", "[]:1",    "[1.2.3.4]:1", "http://a:1",  "a/b:1"}) {
    INFO(text);
    CHECK_FALSE(parse_address(text));
  }
  CHECK_FALSE(parse_address(std::string(64, 'a') + ":1"));
  CHECK_FALSE(parse_address(std::string("[::1\0]:1", 8)));
}

TEST_CASE("the distance of words counts a swap of neighbours once") {
  CHECK(edit_distance("", "abc") == 3);
  CHECK(edit_distance("abc", "") == 3);
  CHECK(edit_distance("kitten", "sitting") == 3);
  CHECK(edit_distance("rounds", "ruonds") == 1);
  CHECK(edit_distance("same", "same") == 0);
}

TEST_CASE("a hint is given for a slip, not for a stranger") {
  CHECK(nearest_key(file_kind::server, "test_dat") == "did you mean test_data?");
  CHECK(nearest_key(file_kind::server, "tls.cert").empty());
  CHECK(nearest_key(file_kind::edge, "job") == "a key of a file of kind server");
  CHECK(nearest_key(file_kind::edge, std::string(100'000, 'x')).empty());
  CHECK(nearest_word("dirichlet", {"iid", "dirichlet_class"}).empty());
  CHECK(nearest_word("shard", {"iid", "shards"}) == "did you mean shards?");
}

TEST_CASE("a value is shown without its control characters and not at full length") {
  CHECK(shown("a\"b\\c\n\x1B") == "\"a\\\"b\\\\c\\x0a\\x1b\"");
  CHECK(shown(std::string(60, 'x')) == '"' + std::string(60, 'x') + '"');
  CHECK(shown(std::string(61, 'x')) == '"' + std::string(60, 'x') + "...\"");
  // Cut between characters, never inside one.
  CHECK(shown(std::string(59, 'x') + "\xC3\xBC") == '"' + std::string(59, 'x') + "...\"");
}
