#include "scenario.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

namespace godwit::faults {
namespace {

namespace fs = std::filesystem;

constexpr std::array<const char*, 9> fault_names{"kill", "full", "fail",    "block",  "snap",
                                                 "clog", "jump", "suspend", "scatter"};
constexpr std::array<const char*, 3> target_names{"server", "edge", "all_edges"};

template <class Enum, std::size_t Count>
Enum named(const std::array<const char*, Count>& names, const std::string& word) {
  for (std::size_t i = 0; i < Count; ++i)
    if (word == names[i])
      return static_cast<Enum>(i);
  throw std::invalid_argument(fmt::format("\"{}\" is not known", word));
}

range range_in(const YAML::Node& node) {
  range made{node[0].as<double>(), node[1].as<double>()};
  if (made.most < made.least || node.size() != 2)
    throw std::invalid_argument("a range is [least, most]");
  return made;
}

fault_rule rule_in(const YAML::Node& node) {
  fault_rule made;
  for (const auto& each : node) {
    const auto key = each.first.as<std::string>();
    if (key == "what")
      made.what = named<fault>(fault_names, each.second.as<std::string>());
    else if (key == "who")
      made.who = named<target>(target_names, each.second.as<std::string>());
    else if (key == "every_seconds")
      made.every_seconds = range_in(each.second);
    else if (key == "lasts_seconds")
      made.lasts_seconds = range_in(each.second);
    else if (key == "power_cut")
      made.power_cut = each.second.as<double>();
    else if (key == "in_a_write")
      made.in_a_write = each.second.as<double>();
    else
      throw std::invalid_argument(fmt::format("\"{}\" is not known", key));
  }
  return made;
}

void read(scenario& into, const fs::path& folder, const std::string& name, int depth);

void read_key(scenario& into, const fs::path& folder, const std::string& key,
              const YAML::Node& value, int depth) {
  if (key == "include")
    for (const auto& each : value)
      read(into, folder, each.as<std::string>(), depth + 1);
  else if (key == "edges")
    into.edges = range_in(value);
  else if (key == "hostile")
    into.hostile = range_in(value);
  else if (key == "rounds")
    into.rounds = range_in(value);
  else if (key == "training_seconds")
    into.training_seconds = range_in(value);
  else if (key == "faults_for_seconds")
    into.faults_for_seconds = range_in(value);
  else if (key == "failing_share")
    into.failing_share = value.as<double>();
  else if (key == "lies_about_sync")
    into.lies_about_sync = value.as<bool>();
  else if (key == "faults")
    for (const auto& each : value)
      into.faults.push_back(rule_in(each));
  else
    throw std::invalid_argument(fmt::format("\"{}\" is not known", key));
}

void read(scenario& into, const fs::path& folder, const std::string& name, int depth) {
  if (depth > 8)
    throw std::invalid_argument("it includes itself");
  const auto path =
      fs::path(name).extension() == ".yml" ? fs::path(name) : folder / (name + ".yml");
  const auto document = YAML::LoadFile(path.string());
  for (const auto& each : document)
    read_key(into, folder, each.first.as<std::string>(), each.second, depth);
}

} // namespace

attempt<scenario> load_scenario(const fs::path& folder, const std::string& name) {
  scenario made;
  made.name = name;
  try {
    read(made, folder, name, 0);
  } catch (const std::exception& why) {
    return failure{.code = failure_code::bad_config, .detail = name + ": " + why.what()};
  }
  return made;
}

std::vector<std::string> scenario_names(const fs::path& folder) {
  std::vector<std::string> names;
  for (const auto& each : fs::directory_iterator(folder))
    if (each.path().extension() == ".yml")
      names.push_back(each.path().stem().string());
  std::sort(names.begin(), names.end());
  return names;
}

} // namespace godwit::faults
