// Do the reference page and the effective configuration say what the table and the loader say?
#include <algorithm>
#include <set>
#include <string>
#include <type_traits>
#include <variant>

#include "config/effective.hpp"
#include "config/reference.hpp"
#include "config/schema.hpp"
#include "config/value.hpp"
#include "config_support.hpp"

using namespace config_test;
using namespace godwit;
using namespace godwit::config;

TEST_CASE("no more than eight settings concern time, and the reference page names them") {
  const auto settings = time_settings();
  CHECK(settings.size() >= 5);
  CHECK(settings.size() <= 8);
  for (const auto each : settings)
    CHECK(reference_page().find('`' + std::string(each) + '`') != std::string::npos);
}

TEST_CASE("the reference page in the tree is the one that the table makes") {
  const auto held = read_all(project_root() / "deploy/config/REFERENCE.md");
  CHECK_MESSAGE(held == reference_page(),
                "make it anew: godwit config reference > deploy/config/REFERENCE.md");
}

TEST_CASE("every key has one row, a sentence, and a default that it accepts itself") {
  for (const auto kind : {file_kind::server, file_kind::edge, file_kind::simulation}) {
    std::set<std::string_view> seen;
    auto config = defaults_of(kind);
    for (const auto& key : rows(kind)) {
      INFO(std::string(key.path));
      CHECK(seen.insert(key.path).second);
      CHECK(key.sentence.ends_with('.'));
      const auto target = key.sets(config);
      if (std::holds_alternative<std::monostate>(target) || key.required)
        continue;
      const auto value = value_text(target);
      if (value.empty() && std::holds_alternative<location>(key.accepts))
        continue;
      CHECK(set_value(key.accepts, value, target));
      CHECK(value_text(target) == value);
    }
  }
}

TEST_CASE("every condition names a choice of its own file, and words that this choice has") {
  for (const auto kind : {file_kind::server, file_kind::edge, file_kind::simulation}) {
    for (const auto& key : rows(kind)) {
      if (!key.condition)
        continue;
      INFO(std::string(key.path));
      const auto* chosen_by = find_row(kind, key.condition->key);
      REQUIRE(chosen_by != nullptr);
      const auto& names = std::get<choice>(chosen_by->accepts).names;
      for (const auto name : key.condition->names)
        CHECK(std::find(names.begin(), names.end(), name) != names.end());
    }
  }
}

TEST_CASE("no two keys set the same member") {
  for (const auto kind : {file_kind::server, file_kind::edge, file_kind::simulation}) {
    std::set<const void*> seen;
    auto config = defaults_of(kind);
    for (const auto& key : rows(kind)) {
      const void* at = std::visit(
          [](auto each) -> const void* {
            if constexpr (std::is_same_v<decltype(each), std::monostate>)
              return nullptr;
            else
              return each;
          },
          key.sets(config));
      INFO(std::string(key.path));
      CHECK(seen.insert(at).second);
    }
  }
}

TEST_CASE("an effective server configuration reads back as the same one") {
  const auto read =
      read_server_config(least_server + "job:\n  name: 'say \"hi\" \\ \xC3\xBC: #1'\n  client: "
                                        "{learning_rate: 0.1, momentum: 0.9}\n"
                                        "  round: {over_selection: 1.1, deadline: 90s}\n",
                         "/etc/server.yml", no_files);
  REQUIRE(read);
  const auto again = read_server_config(to_yaml(*read), "/elsewhere/effective.yml", no_files);
  INFO(to_yaml(*read));
  REQUIRE(again);
  CHECK(*again == *read);
}

TEST_CASE("an effective edge configuration reads back as the same one") {
  const auto read = read_edge_config(least_edge + "power: {source: scripted, script: s.yml}\n",
                                     "/etc/e.yml", no_files);
  REQUIRE(read);
  const auto again = read_edge_config(to_yaml(*read), "/elsewhere/effective.yml", no_files);
  INFO(to_yaml(*read));
  REQUIRE(again);
  CHECK(*again == *read);
}

TEST_CASE("an effective simulation reads back as the same one, for each scheme and each source") {
  for (const std::string scheme : {"iid", "shards", "label_quantity", "dirichlet_class",
                                   "dirichlet_client", "similarity", "powerlaw2", "quantity"})
    for (const std::string source : {"mnist", "synthetic", "synthetic_iid"}) {
      const auto read =
          read_simulation_config("seed: 3\ndrop_out: 0.07\npartition: {scheme: " + scheme +
                                     "}\ndata: {source: " + source + "}\n",
                                 "/etc/s.yml", no_files);
      REQUIRE(read);
      const auto again =
          read_simulation_config(to_yaml(*read), "/elsewhere/effective.yml", no_files);
      INFO(to_yaml(*read));
      REQUIRE(again);
      CHECK(*again == *read);
    }
}

TEST_CASE("an effective configuration lists what is in use, and nothing else") {
  simulation_config config;
  const auto yaml = to_yaml(config);
  CHECK(yaml.starts_with("kind: simulation\nseed: 1\nthreads: 0\nout: "
                         "\"runs/simulation\"\ndrop_out: 0\nevaluation_percent: 10\njob:\n  name: "
                         "\"first-flight\"\n"));
  CHECK(yaml.ends_with("partition:\n  scheme: iid\n  clients: 10\n"));
  CHECK(yaml.find("alpha") == std::string::npos);
  config.partition.scheme = "dirichlet_client";
  CHECK(to_yaml(config).ends_with(
      "partition:\n  scheme: dirichlet_client\n  clients: 10\n  alpha: 0.5\n"));
}
