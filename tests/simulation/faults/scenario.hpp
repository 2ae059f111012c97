// What can go wrong with a flock, how often and for how long? Scenarios are data, and compose.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <godwit/messages/result.hpp>

#include "chance.hpp"

namespace godwit::faults {

enum class fault : std::uint8_t {
  kill,    ///< a process ends, or its machine loses power, and starts again after a while
  full,    ///< a disk takes nothing more for a while
  fail,    ///< a disk fails for a while
  block,   ///< nothing comes through for a while: in one direction, or both
  snap,    ///< a connection breaks
  clog,    ///< a connection is slow for a while
  jump,    ///< the clock that tokens go by is set to another time
  suspend, ///< a process stands still for a while
  scatter, ///< all connections break at once
};

/// Whom a fault meets.
enum class target : std::uint8_t { server, edge, all_edges };

/// One kind of fault that comes again and again.
struct fault_rule {
  fault what{};
  target who = target::edge;
  range every_seconds{30, 60}; ///< from one to the next
  range lasts_seconds{1, 20};
  double power_cut = 0.5;  ///< kill: so many lose power, the others only their process
  double in_a_write = 0.5; ///< of those that lose power: in the middle of a write
};

struct scenario {
  std::string name;
  range edges{3, 8};   ///< honest ones
  range hostile{0, 0}; ///< edges that lie
  range rounds{3, 6};  ///< to be committed
  range training_seconds{1, 20};
  range faults_for_seconds{120, 300}; ///< then nothing goes wrong any more
  double failing_share = 0;           ///< of trainings
  bool lies_about_sync = false;       ///< all disks do
  std::vector<fault_rule> faults;
};

/// Reads NAME.yml of a folder, or the file of that path, and what it includes. Fails with the file
/// and what is wrong in it.
attempt<scenario> load_scenario(const std::filesystem::path& folder, const std::string& name);

/// The names of all scenarios of a folder, sorted.
std::vector<std::string> scenario_names(const std::filesystem::path& folder);

} // namespace godwit::faults
