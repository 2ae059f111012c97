// A simulated honest edge: the actors of production over a simulated disk and network, and a worker
// that trains in virtual time.
#pragma once

#include <memory>
#include <string>

#include "node.hpp"

namespace godwit::faults {

class clockwork;

class edge_node final : public node {
public:
  /// `slowness` multiplies the length of its trainings.
  edge_node(clockwork& time, world& in, std::string name, std::uint64_t example_count,
            double slowness);
  ~edge_node() override;

  std::uint64_t trained_count() const noexcept { return trained_count_; }

private:
  struct process;

  attempt<done> raise() override;
  void end_actors(exit_kind) override;
  void set_frozen(bool) override;
  void refused(const failure&) override;

  clockwork& time_;
  std::unique_ptr<process> process_;
  const std::uint64_t example_count_;
  const double slowness_;
  std::uint64_t trained_count_ = 0;
};

} // namespace godwit::faults
