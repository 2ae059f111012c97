// Are IDX files read exactly, and every lie in them found before it costs anything?
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>
#include <zlib.h>

#include "data/idx.hpp"
#include "support/scratch_folder.hpp"

using namespace godwit;

namespace {

std::string number(std::uint32_t value) {
  std::string text;
  for (const int shift : {24, 16, 8, 0})
    text += static_cast<char>(value >> shift & 0xFF);
  return text;
}

const std::string pixels = std::string("\x00\x01\x02\xFF\x10\x11\x12\x13\x20\x21\x22\x23", 12);
const std::string labels = std::string("\x03\x00\x01", 3);

std::string images_file(std::uint32_t count = 3, std::uint32_t rows = 2, std::uint32_t columns = 2,
                        std::uint32_t magic = 0x803) {
  return number(magic) + number(count) + number(rows) + number(columns) + pixels;
}

std::string labels_file(std::uint32_t count = 3, std::uint32_t magic = 0x801) {
  return number(magic) + number(count) + labels;
}

std::string packed(const std::string& content) {
  scratch_folder folder;
  const auto path = (folder / "packed").string();
  gzFile out = gzopen(path.c_str(), "wb9");
  REQUIRE(out != nullptr);
  REQUIRE(gzwrite(out, content.data(), static_cast<unsigned>(content.size())) ==
          static_cast<int>(content.size()));
  REQUIRE(gzclose(out) == Z_OK);
  return read_whole(path);
}

/// What reading says about these two files; empty: they are fine.
std::string complaint(const std::string& images, const std::string& label_file,
                      std::uint32_t class_count = 10, std::string_view suffix = "") {
  scratch_folder folder;
  write_whole(folder / ("train-images-idx3-ubyte" + std::string(suffix)), images);
  write_whole(folder / ("train-labels-idx1-ubyte" + std::string(suffix)), label_file);
  const auto data = read_idx(folder.path(), "train", class_count);
  if (data) {
    CHECK(std::string(data->pixels.begin(), data->pixels.end()) == pixels);
    return "";
  }
  CHECK(data.why().code == failure_code::corrupt);
  CHECK(contains(data.why().detail, folder.path().string()));
  return data.why().detail;
}

} // namespace

TEST_CASE("raw and gzip files give the same images and labels") {
  for (const bool is_packed : {false, true}) {
    CAPTURE(is_packed);
    scratch_folder folder;
    const std::string suffix = is_packed ? ".gz" : "";
    write_whole(folder / ("t10k-images-idx3-ubyte" + suffix),
                is_packed ? packed(images_file()) : images_file());
    write_whole(folder / ("t10k-labels-idx1-ubyte" + suffix),
                is_packed ? packed(labels_file()) : labels_file());
    CHECK(has_idx(folder.path(), "t10k"));
    CHECK_FALSE(has_idx(folder.path(), "train"));
    const auto data = read_idx(folder.path(), "t10k", 10);
    REQUIRE(data);
    CHECK(data->shape == std::vector<std::uint32_t>{2, 2});
    CHECK(data->class_count == 10);
    CHECK(data->labels == std::vector<std::uint8_t>{3, 0, 1});
    CHECK(std::string(data->pixels.begin(), data->pixels.end()) == pixels);
    CHECK(data->values.empty());
  }
}

TEST_CASE("files that are not there are reported as such, not as broken") {
  scratch_folder folder;
  const auto data = read_idx(folder.path(), "train", 10);
  REQUIRE_FALSE(data);
  CHECK(data.why().code == failure_code::not_found);
  CHECK(contains(data.why().detail, "train-images-idx3-ubyte"));
}

TEST_CASE("a wrong magic number is refused with what was found and what is expected") {
  CHECK(complaint(images_file(), labels_file()) == "");
  const auto swapped = complaint(labels_file(), images_file());
  CHECK(contains(swapped, "0x00000801"));
  CHECK(contains(swapped, "0x00000803"));
  CHECK(contains(complaint(images_file(3, 2, 2, 0x03080000), labels_file()), "0x03080000"));
  CHECK(contains(complaint(images_file(), labels_file(3, 0x0D01)), "0x00000d01"));
}

TEST_CASE("a truncated file is refused wherever it ends") {
  const auto whole = images_file();
  for (std::size_t length = 0; length < whole.size(); ++length)
    CHECK(complaint(whole.substr(0, length), labels_file()) != "");
  const auto whole_labels = labels_file();
  for (std::size_t length = 0; length < whole_labels.size(); ++length)
    CHECK(complaint(images_file(), whole_labels.substr(0, length)) != "");
}

TEST_CASE("bytes behind the announced content are refused") {
  CHECK(contains(complaint(images_file() + "x", labels_file()), "goes on after"));
  CHECK(contains(complaint(images_file(), labels_file() + "x"), "goes on after"));
}

TEST_CASE("huge, overflowing and empty extents are refused before memory is taken") {
  CHECK(contains(complaint(images_file(0xFFFFFFFF), labels_file()), "holds at most"));
  CHECK(contains(complaint(images_file(0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF), labels_file()),
                 "dimension 1"));
  CHECK(contains(complaint(images_file(0xFFFFFFFF, 65'536, 65'536), labels_file()), "dimension"));
  CHECK(contains(complaint(images_file(3, 0, 2), labels_file()), "announces 0"));
  CHECK(contains(complaint(images_file(0), labels_file()), "announces 0"));
  CHECK(contains(complaint(images_file(), labels_file(0x7FFFFFFF)), "holds at most"));
  CHECK(contains(complaint(packed(images_file(0x0FFFFFFF)), packed(labels_file()), 10, ".gz"),
                 "holds at most"));
}

TEST_CASE("unlike counts of images and labels, and labels beyond the classes, are refused") {
  CHECK(contains(complaint(images_file(), number(0x801) + number(2) + "\x01\x02"),
                 "3 train images but 2 labels"));
  CHECK(contains(complaint(images_file(), labels_file(), 3), "label 3 at position 0"));
  CHECK(complaint(images_file(), labels_file(), 4) == "");
}

TEST_CASE("damaged gzip data is refused, whichever byte is hit or missing") {
  const auto good = packed(images_file());
  const auto good_labels = packed(labels_file());
  CHECK(complaint(good, good_labels, 10, ".gz") == "");
  for (std::size_t length = 0; length < good.size(); ++length) {
    CAPTURE(length);
    CHECK(complaint(good.substr(0, length), good_labels, 10, ".gz") != "");
  }
  std::size_t harmless_count = 0; // the last byte before the check sum has bits that mean nothing
  for (std::size_t at = 10; at < good.size(); ++at) { // behind the gzip header's fields
    auto damaged = good;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x40);
    harmless_count += complaint(damaged, good_labels, 10, ".gz").empty();
  }
  CHECK(harmless_count <= 1);
}

TEST_CASE("without a told number of classes, the class_count file or both splits' labels decide") {
  scratch_folder folder;
  write_whole(folder / "train-images-idx3-ubyte", images_file());
  write_whole(folder / "train-labels-idx1-ubyte", labels_file());
  CHECK(read_idx(folder.path(), "train", 0)->class_count == 4);
  write_whole(folder / "t10k-labels-idx1-ubyte",
              number(0x801) + number(2) + std::string("\x08\x02", 2));
  CHECK(read_idx(folder.path(), "train", 0)->class_count == 9);
  write_whole(folder / "class_count", "10\n");
  CHECK(read_idx(folder.path(), "train", 0)->class_count == 10);
  for (const char* lie : {"", "0", "257", "-1", "ten", "10 11"}) {
    CAPTURE(lie);
    write_whole(folder / "class_count", lie);
    const auto data = read_idx(folder.path(), "train", 0);
    REQUIRE_FALSE(data);
    CHECK(data.why().code == failure_code::corrupt);
  }
}

TEST_CASE("written examples are read back, and only those that were to be written") {
  auto data = std::make_shared<dataset>();
  data->shape = {2, 3};
  data->class_count = 10;
  for (std::uint8_t i = 0; i < 30; ++i)
    data->pixels.push_back(static_cast<std::uint8_t>(i * 7));
  data->labels = {1, 0, 4, 2, 9};
  scratch_folder folder;
  const auto edge = folder.path() / "edges" / "e1";
  REQUIRE(write_idx({.data = data, .rows = {4, 1}}, edge, "train"));
  const auto back = read_idx(edge, "train", 0);
  REQUIRE(back);
  CHECK(back->shape == data->shape);
  CHECK(back->class_count == 10);
  CHECK(back->labels == std::vector<std::uint8_t>{9, 0});
  CHECK(back->pixels ==
        std::vector<std::uint8_t>{168, 175, 182, 189, 196, 203, 42, 49, 56, 63, 70, 77});
}

TEST_CASE("examples that are no images, or have nowhere to go, are not written") {
  auto data = std::make_shared<dataset>();
  data->shape = {2};
  data->class_count = 2;
  data->values = {1.0F, 2.0F};
  data->labels = {1};
  scratch_folder folder;
  const auto floats = write_idx({.data = data, .rows = {0}}, folder.path(), "train");
  REQUIRE_FALSE(floats);
  CHECK(floats.why().code == failure_code::unsupported);
  auto images = std::make_shared<dataset>();
  images->shape = {1, 1};
  images->class_count = 2;
  images->pixels = {1};
  images->labels = {1};
  write_whole(folder / "taken", "a file, not a folder");
  const auto nowhere = write_idx({.data = images, .rows = {0}}, folder / "taken", "train");
  REQUIRE_FALSE(nowhere);
  CHECK(nowhere.why().code == failure_code::io);
}
