// The privacy ledger: what was released is never less than what it says, whatever is done to it.
#include <algorithm>
#include <cmath>

#include <doctest/doctest.h>

#include <godwit/privacy/privacy_ledger.hpp>

namespace {

using namespace godwit;

signing_key key_of(std::uint8_t seed) {
  auto made = signing_key::from_seed(secret(bytes(signing_seed_bytes, std::byte{seed})));
  REQUIRE(made);
  return std::move(*made);
}

privacy_release release_of(std::uint64_t round, double noise_multiplier,
                           std::vector<client_id> clients) {
  sha256_digest result{};
  result[0] = std::byte(round);
  return {.round = {round},
          .noise_multiplier = noise_multiplier,
          .result = result,
          .clients = std::move(clients)};
}

/// A ledger of three releases, and its file with the places where its lines end.
struct written {
  privacy_ledger ledger;
  bytes file;
  std::vector<std::size_t> ends;
};

written three_releases() {
  const auto key = key_of(1);
  written made{privacy_ledger::begin("birds", key, {}), {}, {}};
  const auto append = [&made](const bytes& line) {
    made.file.insert(made.file.end(), line.begin(), line.end());
    made.ends.push_back(made.file.size());
  };
  append(made.ledger.opening_line());
  append(*made.ledger.add(release_of(1, 2, {{"a"}, {"b"}}), key));
  append(*made.ledger.add(release_of(2, 1, {{"b"}}), key));
  append(*made.ledger.add(release_of(3, 4, {{"a"}, {"c"}}), key));
  return made;
}

/// Whether it ever stood there: an older copy of the ledger has not.
bool was_at(const privacy_ledger& ledger, const ledger_head& remembered) {
  return remembered.release_count <= ledger.head().release_count &&
         ledger.head_behind(remembered.release_count) == remembered;
}

TEST_CASE("a ledger that is read again says what each client's releases amount to") {
  const auto written = three_releases();
  const auto read = privacy_ledger::read(written.file, "birds");
  REQUIRE(read);
  CHECK(read->torn_bytes == 0);
  CHECK(read->ledger.releases() == written.ledger.releases());
  CHECK(read->ledger.head() == written.ledger.head());
  CHECK(read->ledger.spent().at({"a"}).rho * 2 == doctest::Approx(1. / 4 + 1. / 16));
  CHECK(read->ledger.spent().at({"b"}).rho * 2 == doctest::Approx(1. / 4 + 1));
  CHECK(read->ledger.spent().at({"c"}).rho * 2 == doctest::Approx(1. / 16));
}

TEST_CASE("the same result of a round costs once, another one again") {
  auto written = three_releases();
  const auto key = key_of(1);
  const auto before = written.ledger.head();
  const auto again = written.ledger.add(release_of(3, 4, {{"a"}, {"c"}}), key);
  REQUIRE(again);
  CHECK(again->empty());
  CHECK(written.ledger.head() == before);
  auto other = release_of(3, 4, {{"a"}, {"c"}});
  other.result[1] = std::byte{9};
  const auto more = written.ledger.add(other, key);
  REQUIRE(more);
  CHECK_FALSE(more->empty());
  CHECK(written.ledger.spent().at({"c"}).rho * 2 == doctest::Approx(2. / 16));
}

TEST_CASE("what cannot have been released is refused, and nothing is counted") {
  auto written = three_releases();
  const auto key = key_of(1);
  for (const auto& bad :
       {release_of(4, 0, {{"a"}}), release_of(4, -1, {{"a"}}), release_of(4, INFINITY, {{"a"}}),
        release_of(4, NAN, {{"a"}}), release_of(4, 1, {}), release_of(4, 1, {{"b"}, {"a"}}),
        release_of(4, 1, {{"a"}, {"a"}}), release_of(4, 1, {{"No Name"}})}) {
    const auto refused = written.ledger.add(bad, key);
    REQUIRE_FALSE(refused);
    CHECK(refused.why() == refusal::malformed);
  }
  CHECK(written.ledger.head().release_count == 3);
}

TEST_CASE("a file that was cut anywhere holds every whole line, and says how much is torn") {
  const auto written = three_releases();
  for (std::size_t size = written.ends[0]; size <= written.file.size(); ++size) {
    const auto read = privacy_ledger::read(bytes_view(written.file).first(size), "birds");
    REQUIRE(read);
    const auto whole = static_cast<std::size_t>(
        std::upper_bound(written.ends.begin(), written.ends.end(), size) - written.ends.begin());
    CHECK(read->ledger.head().release_count == whole - 1);
    CHECK(read->torn_bytes == size - written.ends[whole - 1]);
    CHECK(was_at(written.ledger, read->ledger.head()));
  }
  for (std::size_t size = 0; size < written.ends[0]; ++size)
    CHECK_FALSE(privacy_ledger::read(bytes_view(written.file).first(size), "birds"));
}

TEST_CASE("a flipped byte is found; in the last line's content it looks like a torn end, which the "
          "head then tells") {
  const auto written = three_releases();
  const std::size_t last_line = written.ends[2];
  for (std::size_t i = 0; i < written.file.size(); ++i)
    for (const auto flip : {std::byte{1}, std::byte{0x80}}) {
      auto changed = written.file;
      changed[i] ^= flip;
      const auto read = privacy_ledger::read(changed, "birds");
      CAPTURE(i);
      if (i < last_line + sizeof(std::uint32_t)) {
        CHECK_FALSE(read);
        continue;
      }
      REQUIRE(read);
      CHECK(read->torn_bytes == written.file.size() - last_line);
      CHECK_FALSE(was_at(read->ledger, written.ledger.head()));
    }
}

TEST_CASE("lines that were left out, put in or exchanged are found") {
  const auto written = three_releases();
  const auto line = [&written](std::size_t i) {
    return bytes_view(written.file)
        .subspan(i == 0 ? 0 : written.ends[i - 1],
                 written.ends[i] - (i == 0 ? 0 : written.ends[i - 1]));
  };
  const auto file_of = [&line](std::vector<std::size_t> order) {
    bytes made;
    for (const auto i : order)
      made.insert(made.end(), line(i).begin(), line(i).end());
    return made;
  };
  CHECK(privacy_ledger::read(file_of({0, 1, 2, 3}), "birds"));
  for (const auto& order : std::vector<std::vector<std::size_t>>{
           {0, 2, 3}, {0, 1, 3}, {0, 1, 1, 2}, {0, 2, 1, 3}, {1, 2, 3}, {0, 0, 1}, {0, 1, 0}}) {
    const auto read = privacy_ledger::read(file_of(order), "birds");
    if (read) { // the last line is none: it looks like a torn end
      CHECK(read->torn_bytes > 0);
      CHECK_FALSE(was_at(read->ledger, written.ledger.head()));
    } else {
      CHECK(read.why().code == failure_code::corrupt);
      CHECK(read.why().detail.find("line ") == 0);
    }
  }
}

TEST_CASE("a line of another key counts nothing, and another population's ledger is refused") {
  const auto written = three_releases();
  auto forger = privacy_ledger::begin("birds", key_of(2), {});
  auto mixed = written.ledger.opening_line();
  const auto foreign = *forger.add(release_of(1, 2, {{"a"}}), key_of(2));
  mixed.insert(mixed.end(), foreign.begin(), foreign.end());
  const auto last = privacy_ledger::read(mixed, "birds");
  REQUIRE(last);
  CHECK(last->ledger.head().release_count == 0);
  CHECK(last->torn_bytes == foreign.size());
  mixed.insert(mixed.end(), foreign.begin(), foreign.end());
  CHECK_FALSE(privacy_ledger::read(mixed, "birds"));
  const auto read = privacy_ledger::read(written.file, "fishes");
  REQUIRE_FALSE(read);
  CHECK(read.why().code == failure_code::bad_config);
}

TEST_CASE("an older copy was never where the newer one stands") {
  const auto written = three_releases();
  const auto old = privacy_ledger::read(bytes_view(written.file).first(written.ends[1]), "birds");
  REQUIRE(old);
  CHECK_FALSE(was_at(old->ledger, written.ledger.head()));
  CHECK(was_at(written.ledger, old->ledger.head()));
}

TEST_CASE("a release whose clients added the noise stands as what it was, and costs that") {
  const auto key = key_of(1);
  auto gaussian = release_of(1, 2, {{"a"}, {"b"}});
  gaussian.shared = accounting::discrete_gaussian{
      .sigma = 200, .l2_norm = 800, .l1_norm = 8000, .dimension = 100, .client_count = 64};
  auto skellam = release_of(2, 2, {{"b"}});
  skellam.shared = accounting::skellam{.variance = 1600.0 * 1600, .l2_norm = 800, .l1_norm = 8000};
  const auto central = release_of(3, 2, {{"c"}});
  auto ledger = privacy_ledger::begin("birds", key, {});
  auto file = ledger.opening_line();
  for (const auto& each : {gaussian, skellam, central}) {
    const auto line = ledger.add(each, key);
    REQUIRE(line);
    file.insert(file.end(), line->begin(), line->end());
  }
  const auto read = privacy_ledger::read(file, "birds");
  REQUIRE(read);
  CHECK(read->ledger.releases() == std::vector{gaussian, skellam, central});
  CHECK(read->ledger.head() == ledger.head());
  const auto& spent = read->ledger.spent();
  CHECK(spent.at({"a"}) == accounting::cost_of(event_of(gaussian)).value());
  CHECK(spent.at({"a"}).rho == doctest::Approx(1. / 8)); // of the multiplier 2
  CHECK(spent.at({"b"}).rho > 2. / 8);
  CHECK(spent.at({"b"}).rho < 2.01 / 8);
  CHECK_FALSE(spent.at({"a"}).is_gaussian);
  CHECK(spent.at({"c"}).is_gaussian);

  for (const std::size_t size : {file.size() - 1, file.size() / 2})
    if (const auto part = privacy_ledger::read(bytes_view(file).first(size), "birds"))
      CHECK_FALSE(was_at(part->ledger, ledger.head()));
  auto impossible = gaussian;
  std::get<accounting::discrete_gaussian>(*impossible.shared).sigma = 0;
  CHECK_FALSE(ledger.add(impossible, key));
  std::get<accounting::skellam>(*skellam.shared).l1_norm = 1; // less than the L2 norm
  skellam.round = {9};
  CHECK_FALSE(ledger.add(skellam, key));
}

TEST_CASE("releases of a tree are read again at their places, and cost what a client's nodes do") {
  const auto key = key_of(1);
  auto ledger = privacy_ledger::begin("birds", key, {});
  auto file = ledger.opening_line();
  const auto add = [&](std::uint64_t round, const tree_place& at, std::vector<client_id> clients) {
    auto release = release_of(round, 2, std::move(clients));
    release.place = at;
    const auto line = ledger.add(release, key);
    REQUIRE(line);
    REQUIRE_FALSE(line->empty());
    file.insert(file.end(), line->begin(), line->end());
  };
  CHECK(ledger.last_in_tree() == nullptr);
  add(1, {0, 0, 4}, {{"a"}, {"b"}});
  add(2, {0, 1, 4}, {{"a"}});
  add(4, {1, 0, 4}, {{"a"}});
  const auto read = privacy_ledger::read(file, "birds");
  REQUIRE(read);
  REQUIRE(read->torn_bytes == 0);
  CHECK(read->ledger.releases() == ledger.releases());
  REQUIRE(read->ledger.last_in_tree());
  CHECK(read->ledger.last_in_tree()->place == tree_place{1, 0, 4});
  CHECK(read->ledger.spent().at({"a"}).rho * 2 == doctest::Approx((3. + 6 + 3) / 4));
  CHECK(read->ledger.spent().at({"b"}).rho * 2 == doctest::Approx(3. / 4));
}

TEST_CASE("a place in a tree is taken once, in their order, and must be one") {
  const auto key = key_of(1);
  auto ledger = privacy_ledger::begin("birds", key, {});
  const auto add = [&](std::uint64_t round, const tree_place& at) {
    auto release = release_of(round, 2, {{"a"}});
    release.place = at;
    return ledger.add(release, key);
  };
  REQUIRE(add(1, {1, 2, 4}));
  for (const auto& bad :
       {tree_place{1, 2, 4}, tree_place{1, 1, 4}, tree_place{0, 3, 4}, tree_place{2, 4, 4},
        tree_place{2, 0, 0}, tree_place{2, 0, tree_rounds_max + 1}}) {
    const auto refused = add(2, bad);
    REQUIRE_FALSE(refused);
    CHECK(refused.why() == refusal::malformed);
  }
  CHECK(ledger.head().release_count == 1);
  REQUIRE(add(2, {1, 3, 4}));
  auto both = release_of(3, 2, {{"a"}});
  both.place = tree_place{2, 0, 4};
  both.shared = accounting::skellam{.variance = 100};
  CHECK_FALSE(ledger.add(both, key));
}

} // namespace
