// The simulated server: the actors of production over a simulated disk and network.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "node.hpp"

namespace godwit {
struct server_roles;
struct server_setup;
} // namespace godwit

namespace godwit::faults {

class clockwork;

class server_node final : public node {
public:
  server_node(clockwork& time, world& in);
  ~server_node() override;

  /// Its disk holds what no server goes on with, and why.
  const std::optional<std::string>& refusal_to_start() const noexcept { return refused_; }
  std::shared_ptr<disk> files() const noexcept { return disk_; }
  /// To be called when a round has been opened.
  void watch_deadline();

private:
  struct process;

  attempt<done> raise() override;
  void end_actors(exit_kind) override;
  void set_frozen(bool) override;
  void refused(const failure& why) override { refused_ = why.detail; }

  attempt<checkpoint> first_or_last(checkpoint_store& to, const std::optional<checkpoint>& kept,
                                    bool journal_is_empty);
  server_setup setup_of(std::shared_ptr<process_journal> door, process& next);
  void enlist(process& next, std::shared_ptr<const server_roles> roles);
  void check_deadline(round_id);

  clockwork& time_;
  std::unique_ptr<process> process_;
  instant began_at_{}, started_at_{}; ///< the process: by the server's time, and by the world's
  std::optional<std::string> refused_;
};

} // namespace godwit::faults
