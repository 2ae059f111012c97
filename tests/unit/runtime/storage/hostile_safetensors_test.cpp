// Is every lie that a .safetensors file can tell found out?
#include <cstdint>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "storage/model_file.hpp"
#include "support/scratch_folder.hpp"

using namespace godwit;

namespace {

std::string length_of(std::uint64_t value) {
  std::string text;
  for (int i = 0; i < 8; ++i)
    text += static_cast<char>(value >> (8 * i) & 0xFF);
  return text;
}

std::string file_of(const std::string& header, std::size_t data_bytes) {
  return length_of(header.size()) + header + std::string(data_bytes, '\0');
}

struct answer {
  failure_code code{};
  std::string detail;
};

/// What reading a file of this content says; an empty detail: it is accepted.
answer read_content(const std::string& content) {
  scratch_folder folder;
  write_whole(folder / "m.safetensors", content);
  const auto model = read_model(folder / "m.safetensors");
  if (model)
    return {};
  CHECK(contains(model.why().detail, (folder / "m.safetensors").string()));
  return {model.why().code, model.why().detail};
}

std::string tensor(const std::string& name, const std::string& shape, const std::string& offsets,
                   const std::string& dtype = "F32") {
  return "\"" + name + R"(":{"dtype":")" + dtype + R"(","shape":)" + shape + R"(,"data_offsets":)" +
         offsets + "}";
}

/// A file of 8 data bytes whose header is this, expected to be corrupt.
std::string broken(const std::string& header, std::size_t data_bytes = 8) {
  const auto said = read_content(file_of(header, data_bytes));
  CHECK(said.code == failure_code::corrupt);
  return said.detail;
}

} // namespace

TEST_CASE("an honest file is accepted, also with spaces behind its header") {
  CHECK(read_content(file_of(std::string("{") + tensor("a", "[2]", "[0,8]") + "}", 8)).detail ==
        "");
  CHECK(
      read_content(file_of(std::string("{") + tensor("a", "[2]", "[0,8]") + "}     ", 8)).detail ==
      "");
  CHECK(read_content(file_of("{}", 0)).detail == "");
}

TEST_CASE("a header that is longer than the file, the limit or any memory is not read") {
  CHECK(contains(read_content("").detail, "too few"));
  CHECK(contains(read_content("1234567").detail, "too few"));
  for (const std::uint64_t length :
       {std::uint64_t{3}, std::uint64_t{1} << 32, ~std::uint64_t{0}, ~std::uint64_t{7}}) {
    const auto said = read_content(length_of(length) + "{}");
    CHECK(said.code == failure_code::corrupt);
    CHECK(contains(said.detail, "announces a header of " + std::to_string(length)));
  }
  const std::size_t above = (std::size_t{16} << 20) + 1;
  CHECK(contains(read_content(file_of("{}" + std::string(above - 2, ' '), 0)).detail,
                 "at most 16 MiB"));
  CHECK(contains(read_content(length_of(0) + "{}").detail, "does not begin with {"));
}

TEST_CASE("a header that is not the JSON of the format is refused") {
  CHECK(contains(broken("[]"), "does not begin with {"));
  CHECK(contains(broken(" {}"), "does not begin with {"));
  CHECK(contains(broken("{"), "not a JSON object"));
  CHECK(contains(broken("{}{}"), "not a JSON object"));
  CHECK(contains(broken("{\"a\":\xFF}"), "not a JSON object"));
  CHECK(contains(broken("{\"\xC3\":1}"), "not a JSON object"));
  CHECK(contains(broken(R"({"a":{"b":{"c":{"d":1}}}})"), "nested too deeply"));
  CHECK(contains(broken("{\"a\":" + std::string(1'000'000, '[')), "nested too deeply"));
}

TEST_CASE("doubled names are refused, on every level") {
  const auto one = tensor("a", "[2]", "[0,8]");
  CHECK(contains(broken(std::string("{") + one + "," + one + "}"), "'a' twice"));
  CHECK(contains(broken(R"({"a":{"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]}})"),
                 "'dtype' twice"));
  CHECK(contains(broken(R"({"__metadata__":{"k":"1","k":"2"},)" + one + "}"), "'k' twice"));
  CHECK(read_content(file_of(std::string("{") + tensor("a", "[1]", "[0,4]") + "," +
                                 tensor("b", "[1]", "[4,8]") + "}",
                             8))
            .detail == "");
}

TEST_CASE("a tensor needs exactly its three facts, of the right kinds") {
  CHECK(contains(broken(R"({"a":1})"), "exactly"));
  CHECK(contains(broken(R"({"a":{"dtype":"F32","shape":[2]}})"), "exactly"));
  CHECK(contains(broken(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"x":1}})"),
                 "exactly"));
  CHECK(contains(broken(R"({"a":{"dtype":7,"shape":[2],"data_offsets":[0,8]}})"), "exactly"));
  CHECK(contains(broken(std::string("{") + tensor("", "[2]", "[0,8]") + "}"), "exactly"));
  for (const char* shape :
       {"2", "[-2]", "[2.0]", "[\"2\"]", "[null]", "[18446744073709551616]", "{}"}) {
    CAPTURE(shape);
    CHECK(contains(broken(std::string("{") + tensor("a", shape, "[0,8]") + "}"), "whole numbers"));
  }
  CHECK(contains(broken(std::string("{") + tensor("a", "[[2]]", "[0,8]") + "}"), "too deeply"));
  for (const char* offsets : {"8", "[0]", "[0,8,8]", "[-8,0]", "[0,8.0]"}) {
    CAPTURE(offsets);
    CHECK(contains(broken(std::string("{") + tensor("a", "[2]", offsets) + "}"), "whole numbers"));
  }
}

TEST_CASE("offsets outside the data, backwards, overlapping or with holes are refused") {
  CHECK(contains(broken(std::string("{") + tensor("a", "[3]", "[0,12]") + "}"),
                 "the data has 8 bytes"));
  CHECK(contains(broken(std::string("{") + tensor("a", "[2]", "[8,0]") + "}"),
                 "the data has 8 bytes"));
  CHECK(contains(broken(std::string("{") +
                        tensor("a", "[2]", "[18446744073709551608,18446744073709551615]") + "}"),
                 "the data has 8 bytes"));
  CHECK(contains(broken(std::string("{") + tensor("a", "[2]", "[0,8]") + "," +
                        tensor("b", "[1]", "[4,8]") + "}"),
                 "begins at 4"));
  CHECK(contains(broken(std::string("{") + tensor("a", "[2]", "[0,8]") + "," +
                        tensor("b", "[2]", "[0,8]") + "}"),
                 "begins at 0"));
  CHECK(contains(broken(std::string("{") + tensor("a", "[1]", "[4,8]") + "}"), "begins at 4"));
  CHECK(contains(broken(std::string("{") + tensor("a", "[1]", "[0,4]") + "," +
                            tensor("b", "[1]", "[8,12]") + "}",
                        12),
                 "begins at 8"));
  CHECK(contains(broken(std::string("{") + tensor("a", "[1]", "[0,4]") + "}"), "end at 4"));
  CHECK(contains(broken("{}"), "end at 0"));
}

TEST_CASE("sizes that do not fit their shape, or shapes that overflow, are refused") {
  CHECK(contains(broken(std::string("{") + tensor("a", "[1]", "[0,8]") + "}"), "F32 [1] has 4"));
  CHECK(contains(broken(std::string("{") + tensor("a", "[3]", "[0,8]") + "}"), "F32 [3] has 12"));
  CHECK(contains(broken(std::string("{") + tensor("a", "[2]", "[0,8]", "F64") + "}"),
                 "F64 [2] has 16"));
  CHECK(contains(broken(std::string("{") + tensor("a", "[0]", "[0,8]") + "}"), "F32 [0] has 0"));
  CHECK(contains(broken(std::string("{") + tensor("a", "[4294967296]", "[0,8]") + "}"),
                 "beyond all bounds"));
  // 2^31 x 2^31 x 2^2 wraps to 0 elements, 2^62 x 4 bytes to 0 bytes.
  CHECK(contains(broken(std::string("{") + tensor("a", "[2147483648,2147483648,4]", "[0,0]") + "}"),
                 "beyond all bounds"));
  CHECK(contains(broken(std::string("{") + tensor("a", "[4294967295,4294967295]", "[0,4]") + "}"),
                 "beyond all bounds"));
  CHECK(contains(broken(std::string("{") + tensor("a", "[1,1,1,1,1,1,1,1,2]", "[0,8]") + "}"),
                 "beyond all bounds"));
  // An extent of zero does not hide an overflow.
  CHECK(contains(broken(std::string("{") + tensor("a", "[4294967295,4294967295,0]", "[0,0]") + "}"),
                 "beyond all bounds"));
}

TEST_CASE("types that are no floats are refused as unsupported, with what is read instead") {
  for (const char* dtype : {"I64", "U8", "BOOL", "F8_E4M3", "f32", ""}) {
    CAPTURE(dtype);
    const auto said =
        read_content(file_of(std::string("{") + tensor("a", "[2]", "[0,8]", dtype) + "}", 8));
    CHECK(said.code == failure_code::unsupported);
    CHECK(contains(said.detail, "convert it to F32"));
  }
}

TEST_CASE("metadata is texts and nothing else") {
  const auto one = tensor("a", "[2]", "[0,8]");
  CHECK(contains(broken(R"({"__metadata__":[],)" + one + "}"), "__metadata__"));
  CHECK(contains(broken(R"({"__metadata__":{"k":1},)" + one + "}"), "__metadata__ 'k'"));
  CHECK(contains(broken(R"({"__metadata__":{"k":{}},)" + one + "}"), "__metadata__ 'k'"));
}

TEST_CASE("more tensors than a model has are refused") {
  std::string header = "{";
  for (int i = 0; i < 5000; ++i)
    header.append(i > 0 ? "," : "").append(tensor(std::to_string(i), "[0]", "[0,0]"));
  CHECK(contains(broken(header + "}", 0), "5000 tensors"));
}

TEST_CASE("a file cut off anywhere is refused") {
  const auto whole = file_of(std::string("{") + tensor("a", "[2]", "[0,8]") + "}", 8);
  for (std::size_t length = 0; length < whole.size(); ++length)
    CHECK(read_content(whole.substr(0, length)).code == failure_code::corrupt);
  CHECK(read_content(whole + "x").code == failure_code::corrupt);
}
