// Does a simulation's part about its devices take what it should, and refuse all else at once?
#include <string>

#include "config/effective.hpp"
#include "config_support.hpp"

using namespace config_test;
using namespace godwit;
using namespace godwit::config;

TEST_CASE("without the part devices are phones that are always there, on mains") {
  const auto read = read_simulation_config("seed: 1\n", "job.yml", no_files);
  REQUIRE(read);
  CHECK(read->devices == devices_config{});
  CHECK(read->devices.profile == "phones");
  CHECK(read->devices.availability == "always");
  CHECK(read->devices.battery == "none");
  CHECK(read->devices.model_scale == 1);
}

TEST_CASE("each word and each bound of the part is taken, and reads back from the effective "
          "configuration") {
  for (const std::string profile : {"phones", "uniform", "iot", "workstations"})
    for (const std::string availability : {"always", "diurnal"})
      for (const std::string battery : {"none", "phones", "unplugged"})
        for (const std::string scale : {"1", "100000"}) {
          const auto read = read_simulation_config(
              "devices: {profile: " + profile + ", availability: " + availability +
                  ", battery: " + battery + ", model_scale: " + scale + "}\n",
              "job.yml", no_files);
          REQUIRE(read);
          CHECK(read->devices.profile == profile);
          CHECK(read->devices.availability == availability);
          CHECK(read->devices.battery == battery);
          const auto again = read_simulation_config(to_yaml(*read), "job.yml", no_files);
          REQUIRE(again);
          CHECK(*again == *read);
        }
}

TEST_CASE("what no device is like is refused, all of it at once") {
  const auto read = read_simulation_config("devices:\n"
                                           "  profile: tablets\n"
                                           "  availability: sometimes\n"
                                           "  battery: 40\n"
                                           "  model_scale: 0.5\n"
                                           "  speed: 3\n",
                                           "job.yml", no_files);
  REQUIRE_FALSE(read);
  const auto all = text(read.why());
  for (const std::string part :
       {"job.yml:2: devices.profile: found \"tablets\"; accepted: ",
        "job.yml:3: devices.availability: found \"sometimes\"; accepted: ",
        "job.yml:4: devices.battery: found \"40\"; accepted: ",
        "job.yml:5: devices.model_scale: found \"0.5\"; accepted: an integer from 1 to 100000",
        "job.yml:6: devices.speed"}) {
    INFO(all);
    CHECK(all.find(part) != std::string::npos);
  }
}

TEST_CASE("the example of five thousand phones can be used") {
  const auto read = load_simulation_config(project_root() / "deploy/config/phones.yml");
  REQUIRE(read);
  CHECK(read->partition.clients == 5000);
  CHECK(read->devices.availability == "diurnal");
}
