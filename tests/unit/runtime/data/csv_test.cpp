// Are tables read as they are written, and errors reported with their line?
#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "data/csv.hpp"
#include "support/scratch_folder.hpp"

using namespace godwit;

namespace {

attempt<dataset> read_text(const std::string& text, const csv_columns& columns = {}) {
  scratch_folder folder;
  write_whole(folder / "table.csv", text);
  return read_csv(folder / "table.csv", columns);
}

std::string complaint(const std::string& text, const csv_columns& columns = {}) {
  const auto data = read_text(text, columns);
  if (data)
    return "";
  CHECK(data.why().code == failure_code::corrupt);
  CHECK(contains(data.why().detail, "table.csv, line "));
  return data.why().detail;
}

} // namespace

TEST_CASE("features, labels and keys are found by the names of their columns") {
  const auto data = read_text("speaker,a,label,b\nanna,1,2,0.5\nbert,-3e2,0,+4\nanna,0,1,7\n",
                              {.label = "label", .key = "speaker"});
  REQUIRE(data);
  CHECK(data->shape == std::vector<std::uint32_t>{2});
  CHECK(data->values == std::vector<float>{1, 0.5F, -300, 4, 0, 7});
  CHECK(data->labels == std::vector<std::uint8_t>{2, 0, 1});
  CHECK(data->keys == std::vector<std::uint32_t>{0, 1, 0});
  CHECK(data->class_count == 3);
}

TEST_CASE(
    "quotes, blank lines, carriage returns, spaces and a byte order mark are taken in stride") {
  const auto data = read_text("\xEF\xBB\xBF\"a, b\", \"label\" \r\n\"1.5\", 1 \r\n\r\n 2 ,0");
  REQUIRE(data);
  CHECK(data->values == std::vector<float>{1.5F, 2});
  CHECK(data->labels == std::vector<std::uint8_t>{1, 0});
  CHECK(data->keys.empty());
}

TEST_CASE("errors name the line, the column and what was found") {
  CHECK(complaint("a,label\n1,0\n") == "");
  const auto word = complaint("a,label\n1,0\n\nx1,1\n");
  CHECK(contains(word, "line 4"));
  CHECK(contains(word, "column 'a' holds 'x1'"));
  for (const char* value : {"nan", "inf", "-inf", "1e999", "", "1.5x", "0x10", "1 2"}) {
    CAPTURE(value);
    CHECK(contains(complaint("a,label\n" + std::string(value) + ",0\n"), "a finite number"));
  }
  for (const char* label : {"256", "-1", "1.0", "x", ""}) {
    CAPTURE(label);
    CHECK(contains(complaint("a,label\n1," + std::string(label) + "\n"), "0 to 255"));
  }
  CHECK(contains(complaint("a,label\n1,0\n1\n"), "line 3: has 1 fields; expected 2"));
  CHECK(contains(complaint("a,label\n1,0,3\n"), "has 3 fields"));
  CHECK(contains(complaint("a,label\n\"1,0\n"), "quote"));
}

TEST_CASE("tables that lack what they need are refused, and say which setting names it") {
  CHECK(contains(complaint(""), "is empty"));
  CHECK(contains(complaint("a,label\n"), "no examples"));
  CHECK(contains(complaint("a,b\n1,2\n"), "data.label_column"));
  CHECK(contains(complaint("a,label\n1,2\n", {.label = "label", .key = "who"}), "data.key_column"));
  CHECK(contains(complaint("label\n1\n"), "no columns for features"));
  CHECK(contains(complaint("a,a,label\n1,1,1\n"), "two columns named 'a'"));
  scratch_folder folder;
  const auto missing = read_csv(folder / "no.csv", {});
  REQUIRE_FALSE(missing);
  CHECK(missing.why().code == failure_code::not_found);
}

TEST_CASE("written floats come back with the same bits") {
  auto data = std::make_shared<dataset>();
  data->shape = {3};
  data->class_count = 5;
  data->values = {0.1F,
                  -0.0F,
                  std::numeric_limits<float>::denorm_min(),
                  std::numeric_limits<float>::max(),
                  1.0F / 3,
                  16777217.0F,
                  1e-20F,
                  -7,
                  0};
  data->labels = {4, 0, 2};
  data->keys = {9, 9, 8};
  scratch_folder folder;
  REQUIRE(write_csv({.data = data, .rows = {0, 2, 1}}, folder / "t.csv"));
  const auto back = read_csv(folder / "t.csv", {});
  REQUIRE(back);
  CHECK(back->labels == std::vector<std::uint8_t>{4, 2, 0});
  CHECK(std::vector<float>(back->values.begin(), back->values.begin() + 3) ==
        std::vector<float>(data->values.begin(), data->values.begin() + 3));
  CHECK(std::signbit(back->values[1]));
  CHECK(std::vector<float>(back->values.begin() + 6, back->values.end()) ==
        std::vector<float>(data->values.begin() + 3, data->values.begin() + 6));
}

TEST_CASE("pixels are not written as a table, and a full path is not invented") {
  auto data = std::make_shared<dataset>();
  data->shape = {1};
  data->class_count = 1;
  data->pixels = {1};
  data->labels = {0};
  scratch_folder folder;
  const auto pixels = write_csv({.data = data, .rows = {0}}, folder / "t.csv");
  REQUIRE_FALSE(pixels);
  CHECK(pixels.why().code == failure_code::unsupported);
  auto floats = std::make_shared<dataset>(*data);
  floats->pixels.clear();
  floats->values = {1};
  const auto nowhere = write_csv({.data = floats, .rows = {0}}, folder / "no" / "t.csv");
  REQUIRE_FALSE(nowhere);
  CHECK(nowhere.why().code == failure_code::io);
}

TEST_CASE(
    "where no label is asked for, each row has label 0 and a column of that name is a feature") {
  const auto data = read_text("a,label\n1,7\n2,300\n", {.label = {}, .key = {}});
  REQUIRE(data);
  CHECK(data->values == std::vector<float>{1, 7, 2, 300});
  CHECK(data->labels == std::vector<std::uint8_t>{0, 0});
  CHECK(data->class_count == 1);
}

TEST_CASE("a table is asked for a column by its first line alone") {
  const scratch_folder folder;
  write_whole(folder / "t.csv", "a, \"label\" \nno number, at all\n");
  CHECK(*has_csv_column(folder / "t.csv", "label"));
  CHECK_FALSE(*has_csv_column(folder / "t.csv", "b"));
  const auto missing = has_csv_column(folder / "none.csv", "b");
  REQUIRE_FALSE(missing);
  CHECK(missing.why().code == failure_code::not_found);
}
