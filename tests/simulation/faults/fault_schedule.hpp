// What goes wrong, and when? Draws it from the seed by the rules of a scenario.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "node.hpp"

namespace godwit::faults {

/// Everything that faults can meet.
struct fault_ground {
  world& in;
  node& server;
  std::vector<node*> edges;            ///< honest ones
  std::vector<std::string> edge_names; ///< all
};

class fault_schedule {
public:
  /// Faults begin now and are over at `end`.
  fault_schedule(fault_ground ground, instant end);
  fault_schedule(const fault_schedule&) = delete;
  fault_schedule& operator=(const fault_schedule&) = delete;

private:
  void wait(const fault_rule&);
  void strike(const fault_rule&);
  void block(const std::string& edge, int kind, duration lasts);
  void clog(const std::string& edge, duration lasts);
  node& victim(const fault_rule&);
  std::vector<std::string> names(const fault_rule&);

  fault_ground ground_;
  chance draws_;
  instant end_;
};

} // namespace godwit::faults
