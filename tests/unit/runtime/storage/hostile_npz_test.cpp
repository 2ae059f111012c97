// Is every lie that an .npz file can tell found out?
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "storage/model_file.hpp"
#include "support/scratch_folder.hpp"

using namespace godwit;

namespace {

struct answer {
  failure_code code{};
  std::string detail;
};

answer read_content(const std::string& content) {
  scratch_folder folder;
  write_whole(folder / "m.npz", content);
  const auto model = read_model(folder / "m.npz");
  if (model)
    return {};
  CHECK(contains(model.why().detail, (folder / "m.npz").string()));
  return {model.why().code, model.why().detail};
}

/// A file of ours with two arrays: a of two floats, b of one.
std::string honest() {
  scratch_folder folder;
  REQUIRE(write_model(folder / "m.npz", {{{"a", {2}}, {"b", {1}}}, {1, 2, 3}, {{"k", "v"}}}));
  return read_whole(folder / "m.npz");
}

void put(std::string& into, std::size_t at, std::uint64_t value, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i)
    into.at(at + i) = static_cast<char>(value >> (8 * i) & 0xFF);
}

std::size_t nth(const std::string& text, const std::string& part, int n) {
  std::size_t at = text.find(part);
  while (n-- > 0 && at != std::string::npos)
    at = text.find(part, at + 1);
  REQUIRE(at != std::string::npos);
  return at;
}

const std::string local_mark("PK\x03\x04");
const std::string central_mark("PK\x01\x02");
const std::string end_mark("PK\x05\x06");

/// The honest file with a number of `count` bytes changed, `offset` behind the n-th mark.
answer changed(const std::string& mark, int n, std::size_t offset, std::uint64_t value,
               std::size_t count) {
  auto content = honest();
  put(content, nth(content, mark, n) + offset, value, count);
  return read_content(content);
}

/// The honest file with the first array's header text replaced by one of the same length (and no
/// check sum to match).
answer with_header(const std::string& text) {
  auto content = honest();
  const auto at = content.find("{'descr'");
  const auto end = content.find('\n', at);
  REQUIRE(text.size() <= end - at);
  content.replace(at, end - at, text + std::string(end - at - text.size(), ' '));
  return read_content(content);
}

} // namespace

TEST_CASE("the honest file is accepted, and so is a foreign comment") {
  CHECK(read_content(honest()).detail == "");
  auto other = honest();
  other.replace(other.find("{\"k\":\"v\"}"), 9, "not  json");
  CHECK(read_content(other).detail == "");
}

TEST_CASE("an archive cut off anywhere, or with bytes behind it, is refused") {
  const auto whole = honest();
  for (std::size_t length = 0; length < whole.size(); ++length)
    CHECK(read_content(whole.substr(0, length)).code == failure_code::corrupt);
  CHECK(read_content(whole + "x").code == failure_code::corrupt);
  CHECK(read_content("x" + whole).code == failure_code::corrupt);
}

TEST_CASE("any single damaged byte is refused or changes no number and no name") {
  const auto whole = honest();
  for (std::size_t at = 0; at < whole.size(); ++at) {
    auto damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x11);
    scratch_folder folder;
    write_whole(folder / "m.npz", damaged);
    const auto model = read_model(folder / "m.npz");
    if (!model)
      continue;
    CAPTURE(at);
    CHECK(model->parameters == std::vector<float>{1, 2, 3});
    CHECK(parameter_count(model->layout) == 3);
  }
}

TEST_CASE("an end record that does not fit the file is refused") {
  CHECK(changed(end_mark, 0, 4, 1, 2).code == failure_code::corrupt);           // another disk
  CHECK(changed(end_mark, 0, 8, 1, 2).code == failure_code::corrupt);           // counts differ
  CHECK(changed(end_mark, 0, 12, 10, 4).code == failure_code::corrupt);         // directory size
  CHECK(changed(end_mark, 0, 16, 0, 4).code == failure_code::corrupt);          // its offset
  CHECK(changed(end_mark, 0, 16, 0xFFFFFFF0, 4).code == failure_code::corrupt); // beyond the file
  CHECK(changed(end_mark, 0, 16, 0xFFFFFFFF, 4).code == failure_code::unsupported);
  auto content = honest();
  const auto at = nth(content, end_mark, 0);
  put(content, at + 8, 3, 2);
  put(content, at + 10, 3, 2);
  CHECK(contains(read_content(content).detail, "directory is broken"));
  put(content, at + 8, 1, 2);
  put(content, at + 10, 1, 2);
  CHECK(contains(read_content(content).detail, "more in it"));
}

TEST_CASE("entries that lie elsewhere, on each other or beyond the data are refused") {
  CHECK(contains(changed(central_mark, 0, 42, 0xFFFFFFF0, 4).detail, "behind the data"));
  CHECK(contains(changed(central_mark, 0, 42, 1, 4).detail, "not where the directory says"));
  CHECK(contains(changed(local_mark, 0, 28, 0xFFFF, 2).detail, "more than there are"));
  CHECK(contains(changed(central_mark, 1, 42, 0, 4).detail, "lies on another"));
  auto content = honest();
  const auto first = nth(content, central_mark, 0);
  put(content, first + 20, 0x10000000, 4);
  put(content, first + 24, 0x10000000, 4);
  CHECK(contains(read_content(content).detail, "more than there are"));
  // The first entry grows into the second one.
  content = honest();
  put(content, nth(content, central_mark, 0) + 20, 150, 4);
  put(content, nth(content, central_mark, 0) + 24, 150, 4);
  CHECK(contains(read_content(content).detail, "lies on another"));
}

TEST_CASE("lengths that packing cannot explain are refused before memory is taken") {
  CHECK(contains(changed(central_mark, 0, 24, 0xFFFFFFF0, 4).detail, "announces 4294967280"));
  auto content = honest();
  put(content, nth(content, central_mark, 0) + 10, 8, 2); // deflate
  put(content, nth(content, central_mark, 0) + 24, 0xFFFFFFF0, 4);
  CHECK(contains(read_content(content).detail, "announces 4294967280"));
  CHECK(changed(central_mark, 0, 20, 0xFFFFFFFF, 4).code == failure_code::unsupported);
}

TEST_CASE("encryption and unknown packing are refused as unsupported, false packing as corrupt") {
  CHECK(contains(changed(central_mark, 0, 8, 1, 2).detail, "encrypted"));
  CHECK(contains(changed(central_mark, 0, 10, 14, 2).detail, "method 14"));
  CHECK(contains(changed(central_mark, 0, 10, 8, 2).detail, "cannot be unpacked"));
  CHECK(contains(changed(central_mark, 0, 16, 0, 4).detail, "check sum"));
}

TEST_CASE("doubled names and entries that are no arrays are refused") {
  auto content = honest();
  content[nth(content, "b.npy", 0)] = 'a';
  content[nth(content, "b.npy", 0)] = 'a';
  CHECK(contains(read_content(content).detail, "two entries 'a.npy'"));
  content = honest();
  content.replace(nth(content, "b.npy", 0), 5, "b.txt");
  content.replace(nth(content, "b.npy", 0), 5, "b.txt");
  const auto said = read_content(content);
  CHECK(said.code == failure_code::unsupported);
  CHECK(contains(said.detail, "'b.txt'"));
}

TEST_CASE("an array whose header is not numpy's is refused") {
  for (const char* text :
       {"", "{", "{}", "[]", "{'descr': '<f4', 'fortran_order': False}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2,)} x",
        "{'descr': '<f4', 'fortran_order': 0, 'shape': (2,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': [2]}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (-2,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2 3)}",
        "{'descr': '<f4', 'descr': '<f4', 'shape': (2,)}",
        "{'descr': '<f4', 'fortran_order': False, 'other': (2,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2,",
        "{'descr': '<f4, 'fortran_order': False, 'shape': (2,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1,1,1,1,1,1,1,1,2)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (65536,65536,65536,65536)}"}) {
    CAPTURE(text);
    const auto said = with_header(text);
    CHECK(said.code == failure_code::corrupt);
    CHECK(contains(said.detail, "array 'a' has a broken header"));
  }
}

TEST_CASE("an array of the wrong size, type or order is refused with what to do") {
  CHECK(contains(with_header("{'descr': '<f4', 'fortran_order': False, 'shape': (3,)}").detail,
                 "has 8 bytes of data; its shape [3] has 12"));
  CHECK(contains(with_header("{'descr': '<f8', 'fortran_order': False, 'shape': (2,)}").detail,
                 "[2] has 16"));
  for (const char* type : {"<i8", ">f4", "|u1", "<c8", "|b1", "f4"}) {
    CAPTURE(type);
    const auto said = with_header("{'descr': '" + std::string(type) +
                                  "', 'fortran_order': False, 'shape': (2,)}");
    CHECK(said.code == failure_code::unsupported);
    CHECK(contains(said.detail, ".astype('<f4')"));
  }
  CHECK(contains(with_header("{'descr': '|O', 'fortran_order': False, 'shape': (2,)}").detail,
                 "run code"));
  CHECK(with_header("{'descr': [('x', '<f4')], 'fortran_order': False, 'shape': (2,)}").code ==
        failure_code::unsupported);
  CHECK(contains(with_header("{'descr': '<f4', 'fortran_order': True, 'shape': (2,1)}").detail,
                 "ascontiguousarray"));
}

TEST_CASE("an array with the wrong beginning, version or header length is refused") {
  const auto start = honest().find("\x93NUMPY");
  const auto with_byte = [&](std::size_t at, char value) {
    auto content = honest();
    content[start + at] = value;
    return read_content(content);
  };
  CHECK(contains(with_byte(1, 'M').detail, "does not begin"));
  CHECK(contains(with_byte(6, 0).detail, "does not begin"));
  CHECK(contains(with_byte(6, 4).detail, "does not begin"));
  CHECK(contains(with_byte(9, 0x7F).detail, "announces a header"));
  CHECK(contains(with_byte(6, 2).detail, "announces a header"));
}
