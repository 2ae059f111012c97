// Does every data source give its data, and say what to do where it cannot?
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <numeric>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "data/folder.hpp"
#include "data/load.hpp"
#include "data/partition.hpp"
#include "support/scratch_folder.hpp"

using namespace godwit;

namespace {

/// Sets an environment variable for as long as it lives.
class environment_variable {
public:
  environment_variable(const char* name, const std::string& value) : name_(name) {
    if (const char* old = std::getenv(name))
      old_ = old;
    ::setenv(name, value.c_str(), 1);
  }
  environment_variable(const environment_variable&) = delete;
  environment_variable& operator=(const environment_variable&) = delete;
  ~environment_variable() {
    if (old_)
      ::setenv(name_, old_->c_str(), 1);
    else
      ::unsetenv(name_);
  }

private:
  const char* name_;
  std::optional<std::string> old_;
};

/// `size` images of `side` x `side`, whose pixels are their number.
examples images(std::size_t size, std::uint32_t side) {
  auto data = std::make_shared<dataset>();
  data->shape = {side, side};
  data->class_count = 10;
  for (std::size_t i = 0; i < size; ++i) {
    data->pixels.insert(data->pixels.end(), side * side, static_cast<std::uint8_t>(i));
    data->labels.push_back(static_cast<std::uint8_t>(i % 3));
  }
  return all_examples(data);
}

data_config source(std::string name, std::filesystem::path folder = {}) {
  data_config config;
  config.source = std::move(name);
  config.folder = std::move(folder);
  return config;
}

failure failed(const data_config& config, split which = split::train) {
  const auto data = load_dataset(config, which);
  REQUIRE_FALSE(data);
  return data.why();
}

} // namespace

TEST_CASE("mnist is found where get-data puts it, and the failure names the command to get it") {
  scratch_folder home;
  environment_variable moved("XDG_DATA_HOME", home.path().string());
  const auto missing = failed(source("mnist"));
  CHECK(missing.code == failure_code::not_found);
  CHECK(contains(missing.detail, "deploy/get-data mnist"));
  CHECK(contains(missing.detail, (home.path() / "godwit" / "mnist").string()));
  REQUIRE(save_examples(images(5, 28), home.path() / "godwit" / "mnist", split::train));
  const auto data = load_dataset(source("mnist"), split::train);
  REQUIRE(data);
  CHECK((*data)->size() == 5);
  CHECK((*data)->class_count == 10);
  CHECK(failed(source("mnist"), split::test).code == failure_code::not_found);
}

TEST_CASE("a data home that is unset or relative means ~/.local/share") {
  scratch_folder home;
  environment_variable moved("HOME", home.path().string());
  environment_variable relative("XDG_DATA_HOME", "not/absolute");
  const auto folders = dataset_folders("fashion-mnist");
  REQUIRE(folders.size() == 2);
  CHECK(folders[0] == "/usr/share/datasets/fashion-mnist");
  CHECK(folders[1] == home.path() / ".local/share/godwit/fashion-mnist");
}

TEST_CASE("a configured folder is the only one that is looked into") {
  scratch_folder home, other;
  environment_variable moved("XDG_DATA_HOME", home.path().string());
  REQUIRE(save_examples(images(5, 28), home.path() / "godwit" / "mnist", split::train));
  CHECK(failed(source("mnist", other.path())).code == failure_code::not_found);
  REQUIRE(save_examples(images(7, 28), other.path(), split::train));
  CHECK((*load_dataset(source("mnist", other.path()), split::train))->size() == 7);
}

TEST_CASE("a named data set of another image size is refused") {
  scratch_folder folder;
  REQUIRE(save_examples(images(5, 27), folder.path(), split::train));
  const auto why = failed(source("fashion-mnist", folder.path()));
  CHECK(why.code == failure_code::corrupt);
  CHECK(contains(why.detail, "27 x 27"));
}

TEST_CASE("Debian's Fashion-MNIST has its published counts") {
  if (!std::filesystem::exists("/usr/share/datasets/fashion-mnist")) {
    MESSAGE("skipped: the package dataset-fashion-mnist is not installed");
    return;
  }
  const auto test = load_dataset({}, split::test);
  REQUIRE(test);
  CHECK((*test)->size() == 10'000);
  CHECK((*test)->shape == std::vector<std::uint32_t>{28, 28});
  CHECK(label_counts(all_examples(*test)) == std::vector<std::uint64_t>(10, 1000));
  const auto train = load_dataset({}, split::train);
  REQUIRE(train);
  CHECK(label_counts(all_examples(*train)) == std::vector<std::uint64_t>(10, 6000));
  double sum = 0;
  for (const auto pixel : (*train)->pixels)
    sum += pixel;
  CHECK(sum / 255 / static_cast<double>((*train)->pixels.size()) ==
        doctest::Approx(0.2860).epsilon(0.001));
}

TEST_CASE("an edge's folder gives its examples back, images and floats alike") {
  scratch_folder folder;
  const auto all = images(20, 4);
  REQUIRE(save_examples({.data = all.data, .rows = {3, 17}}, folder.path(), split::train));
  REQUIRE(save_examples({.data = all.data, .rows = {2}}, folder.path(), split::test));
  const auto train = load_dataset(source("idx", folder.path()), split::train);
  REQUIRE(train);
  CHECK((*train)->labels == std::vector<std::uint8_t>{0, 2});
  CHECK((*train)->pixels[0] == 3);
  CHECK((*train)->pixels[16] == 17);
  CHECK((*train)->class_count == 10);
  CHECK((*load_dataset(source("idx", folder.path()), split::test))->pixels[0] == 2);

  const auto synthetic_data = load_dataset(source("synthetic"), split::train);
  REQUIRE(synthetic_data);
  const auto by_device = partition(*synthetic_data, {.scheme = "natural", .clients = 30}, 1);
  REQUIRE(by_device);
  scratch_folder device;
  REQUIRE(save_examples((*by_device)[4], device.path(), split::train));
  const auto back = load_dataset(source("idx", device.path()), split::train);
  REQUIRE(back);
  CHECK((*back)->size() == (*by_device)[4].size());
  CHECK((*back)->shape == std::vector<std::uint32_t>{60});
  CHECK((*back)->class_count == 10);
  const auto first_row = (*by_device)[4].rows[0];
  CHECK(std::equal((*back)->values.begin(), (*back)->values.begin() + 60,
                   (*synthetic_data)->values.begin() + first_row * 60));
  const auto no_test = failed(source("idx", device.path()), split::test);
  CHECK(no_test.code == failure_code::not_found);
  CHECK(contains(no_test.detail, "test.csv"));
}

TEST_CASE("csv takes a folder with two tables or one file, and counts the classes of both") {
  scratch_folder folder;
  write_whole(folder / "train.csv", "a,y\n1,0\n2,6\n");
  write_whole(folder / "test.csv", "a,y\n3,2\n");
  auto config = source("csv", folder.path());
  config.label_column = "y";
  CHECK((*load_dataset(config, split::train))->class_count == 7);
  CHECK((*load_dataset(config, split::test))->class_count == 7);
  write_whole(folder / "class_count", "11");
  CHECK((*load_dataset(config, split::test))->class_count == 11);
  write_whole(folder / "class_count", "6");
  CHECK(failed(config).code == failure_code::corrupt);
  config.folder = folder / "train.csv";
  CHECK((*load_dataset(config, split::train))->size() == 2);
  CHECK(contains(failed(config, split::test).detail, "test.csv"));
  config.folder = folder / "no.csv";
  CHECK(failed(config).code == failure_code::not_found);
}

TEST_CASE("a limit takes training examples evenly, whatever their kind, and no test examples") {
  scratch_folder folder;
  REQUIRE(save_examples(images(10, 2), folder.path(), split::train));
  REQUIRE(save_examples(images(10, 2), folder.path(), split::test));
  auto config = source("idx", folder.path());
  config.example_limit = 4;
  const auto data = load_dataset(config, split::train);
  REQUIRE(data);
  CHECK((*data)->size() == 4);
  CHECK((*data)->pixels ==
        std::vector<std::uint8_t>{0, 0, 0, 0, 2, 2, 2, 2, 5, 5, 5, 5, 7, 7, 7, 7});
  CHECK((*load_dataset(config, split::test))->size() == 10);
  config.example_limit = 11;
  CHECK((*load_dataset(config, split::train))->size() == 10);
  config = source("synthetic");
  config.example_limit = 100;
  const auto thin = load_dataset(config, split::train);
  CHECK((*thin)->size() == 100);
  CHECK((*thin)->keys.size() == 100);
  CHECK((*thin)->values.size() == 6000);
}

TEST_CASE("sources that are unknown or lack their settings are refused with what is accepted") {
  CHECK(contains(failed(source("cifar10")).detail, "fashion-mnist, mnist, synthetic"));
  CHECK(failed(source("none")).code == failure_code::bad_config);
  for (const char* name : {"idx", "csv"})
    CHECK(contains(failed(source(name)).detail, "data.folder"));
  auto negative = source("synthetic");
  negative.alpha = -1;
  CHECK(contains(failed(negative).detail, "data.alpha"));
  CHECK(load_dataset(source("synthetic_iid"), split::test));
}
