// Do rows, samples and close decisions agree with the second implementation of privacy/NOISE.md?
#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <godwit/privacy/clipping.hpp>
#include <godwit/privacy/noise.hpp>
#include <godwit/privacy/noise_tree.hpp>
#include <godwit/privacy/randomised_response.hpp>

#include "noise/proposals.hpp"
#include "noise/rows.hpp"
#include "unit/privacy/vector_file.hpp"

using namespace godwit;

namespace {

template <class Number>
std::vector<Number> numbers(const vector_record& record, const std::string& key) {
  std::istringstream stream(record.at(key));
  std::vector<Number> found;
  for (Number number; stream >> number;)
    found.push_back(number);
  return found;
}

noise_kind kind_of(const vector_record& record) {
  return static_cast<noise_kind>(std::stoi(record.at("kind")));
}

/// Calls act(record) with each record of `item`.
void with_each(const std::string& item, auto&& act) {
  int count = 0;
  for (const auto& record : read_vectors("noise.vec"))
    if (record.at("item") == item) {
      CAPTURE(record.at("kind"));
      CAPTURE(record.at("scale"));
      act(record);
      ++count;
    }
  REQUIRE(count > 0);
}

} // namespace

TEST_CASE("a law's rows are those of the text") {
  with_each("rows", [](const vector_record& record) {
    const auto made = noise::make_rows({kind_of(record), std::stod(record.at("scale"))});
    CHECK(made.shift == std::stoul(record.at("shift")));
    CHECK(made.factor == std::stoull(record.at("factor")));
    const auto areas = numbers<std::uint32_t>(record, "areas");
    REQUIRE(areas.size() == made.count() + 1);
    for (std::uint32_t y = 0; y < areas.size(); ++y)
      CHECK(made.area(y) == areas[y]);
  });
}

TEST_CASE("a stream's samples are those of the text") {
  with_each("samples", [](const vector_record& record) {
    const auto sampler = noise_sampler::make(kind_of(record), std::stod(record.at("scale")));
    REQUIRE(sampler);
    const auto expected = numbers<std::int64_t>(record, "values");
    std::vector<std::int64_t> values(expected.size());
    sampler->draw(values, as_array<32>(from_hex(record.at("key"))),
                  std::stoull(record.at("block")));
    CHECK(values == expected);
  });
}

TEST_CASE("a decision that the first digits do not make is made by the others") {
  with_each("edges", [](const vector_record& record) {
    const auto made = noise::make_rows({kind_of(record), std::stod(record.at("scale"))});
    const auto edges = numbers<std::uint64_t>(record, "last_taken");
    REQUIRE(edges.size() % 7 == 0);
    for (std::size_t at = 0; at < edges.size(); at += 7) {
      const auto area = static_cast<std::uint32_t>(edges[at + 1]);
      noise::further_digits further;
      std::copy_n(edges.begin() + static_cast<std::ptrdiff_t>(at) + 3, 4, further.begin());
      CHECK(is_taken(made, edges[at], area, edges[at + 2], further));
      REQUIRE(further[3] != ~std::uint64_t{0});
      ++further[3];
      CHECK_FALSE(is_taken(made, edges[at], area, edges[at + 2], further));
    }
  });
}

TEST_CASE("the noise of a tree's prefixes is that of the text") {
  with_each("tree", [](const vector_record& record) {
    const auto noise =
        noise_sampler::make(noise_kind::discrete_gaussian, std::stod(record.at("scale")));
    const noise_tree tree(*noise, secret(from_hex(record.at("seed"))));
    const auto expected = numbers<std::int64_t>(record, "sums");
    std::vector<std::uint64_t> sums(expected.size());
    tree.add_to_prefix(sums, std::stoull(record.at("tree")), std::stoull(record.at("count")));
    CHECK(std::vector<std::int64_t>(sums.begin(), sums.end()) == expected);
  });
}

TEST_CASE("randomised answers are those of the text") {
  with_each("response", [](const vector_record& record) {
    const auto response =
        randomised_response::make(static_cast<std::uint32_t>(std::stoul(record.at("categories"))),
                                  std::stod(record.at("epsilon")));
    REQUIRE(response);
    auto answers = numbers<std::uint32_t>(record, "own");
    REQUIRE(response->answer(answers, as_array<32>(from_hex(record.at("key")))));
    CHECK(answers == numbers<std::uint32_t>(record, "answers"));
  });
}

TEST_CASE("vectors on a grid are those of the text") {
  with_each("rounding", [](const vector_record& record) {
    const auto entries =
        clip_to_grid(numbers<float>(record, "values"),
                     {std::stod(record.at("norm_max")), std::stod(record.at("step"))},
                     as_array<32>(from_hex(record.at("key"))));
    REQUIRE(entries);
    CHECK(*entries == numbers<std::int32_t>(record, "entries"));
  });
}
