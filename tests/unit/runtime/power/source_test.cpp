// Does each configured power source come into being, and does a wrong one say what to write
// instead?
#include "power/source.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <utility>

#include <stdlib.h>
#include <unistd.h>

using namespace godwit;

namespace {

power_config config_of(std::string source) {
  power_config config;
  config.source = std::move(source);
  return config;
}

power_config config_of_script(const std::string& file) {
  power_config config = config_of("scripted");
  config.script = file;
  return config;
}

} // namespace

TEST_CASE("none is a device on mains that knows nothing") {
  auto source = make_power_source(config_of("none"));
  REQUIRE(source);
  auto reading = (*source)->read();
  REQUIRE(reading);
  CHECK(*reading == power_reading{});
}

TEST_CASE("sysfs reads this machine, and needs its sysroot to be a folder") {
  auto source = make_power_source(config_of("sysfs"));
  REQUIRE(source);
  CHECK((*source)->read());
  power_config elsewhere = config_of("sysfs");
  elsewhere.sysroot = "/nonexistent-sysroot";
  auto nowhere = make_power_source(elsewhere);
  REQUIRE_FALSE(nowhere);
  CHECK(nowhere.why().code == failure_code::bad_config);
  CHECK(nowhere.why().detail.find("/nonexistent-sysroot") != std::string::npos);
}

TEST_CASE("scripted plays its file, and fails if that is missing or broken") {
  std::string name = (std::filesystem::temp_directory_path() / "godwit-script-XXXXXX").string();
  const int file = ::mkstemp(name.data());
  REQUIRE(file >= 0);
  ::close(file);
  std::ofstream(name) << "0 33 no 20\n";
  auto source = make_power_source(config_of_script(name));
  REQUIRE(source);
  auto reading = (*source)->read();
  REQUIRE(reading);
  CHECK(reading->battery_percent == 33);

  std::ofstream(name) << "0 33 no\n";
  auto broken = make_power_source(config_of_script(name));
  std::filesystem::remove(name);
  REQUIRE_FALSE(broken);
  CHECK(broken.why().code == failure_code::bad_config);
  CHECK(broken.why().detail.find(name) != std::string::npos);

  auto missing = make_power_source(config_of_script(name));
  REQUIRE_FALSE(missing);
  CHECK(missing.why().code == failure_code::not_found);
}

TEST_CASE("an unknown source fails and the failure lists those that exist") {
  auto source = make_power_source(config_of("solar"));
  REQUIRE_FALSE(source);
  CHECK(source.why().code == failure_code::bad_config);
  CHECK(source.why().detail == "power.source is \"solar\"; sysfs, scripted or none is accepted");
}
