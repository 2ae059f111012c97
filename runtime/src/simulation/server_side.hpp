// What does the server of a simulation do? The machines of the real one; this performs what they
// ask for.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <godwit/actors/machines/job.hpp>
#include <godwit/actors/machines/membership.hpp>
#include <godwit/actors/machines/privacy_budget.hpp>
#include <godwit/actors/machines/private_sum.hpp>
#include <godwit/actors/machines/round.hpp>
#include <godwit/actors/machines/selection.hpp>
#include <godwit/aggregation/fixed_point.hpp>
#include <godwit/aggregation/strategy.hpp>
#include <godwit/messages/node.hpp>
#include <godwit/runtime/simulation.hpp>

#include "recording/run_recorder.hpp"
#include "simulation/bare_sum.hpp"
#include "simulation/census.hpp"
#include "simulation/central_evaluation.hpp"
#include "simulation/daily_life.hpp"
#include "simulation/flock.hpp"
#include "simulation/timeline.hpp"

namespace godwit::simulated {

/// What a simulated server is made of.
struct server_setup {
  const simulation_config& config;
  const simulation_options& options;
  selection::rule how = selection::rule::random;
  std::unique_ptr<server_step> step;
  std::vector<float> parameters; ///< the initial model
};

/// All references outlive the server.
class server_side {
public:
  server_side(server_setup setup, timeline& time, flock& clients, central_evaluation& judge,
              run_recorder& recorder, event_log& log);

  /// Runs the job to its end.
  void run();

  const std::string& reason() const noexcept { return reason_; }
  const std::vector<float>& parameters() const noexcept { return *current_; }
  const model_id& current() const noexcept { return current_id_; }
  const round_record& last() const noexcept { return last_; }
  std::uint64_t update_count() const noexcept { return update_count_; }
  double wall_seconds() const;
  /// Empty where all are always there, on mains.
  const std::vector<presence_count>& presence() const noexcept { return census_.counts(); }

private:
  void enrol(std::uint32_t client);
  bool is_hopeless() const;
  void listen();
  void on(const event&);
  void feed(const job::input&);
  void feed(const round::input&);
  void end_round(round::finish);

  // -- the devices' own lives (server_lives.cpp)
  void begin_lives();
  void on_life(const event&);
  void come(std::uint32_t client);
  void go(std::uint32_t client);
  void tell_eligibility(std::uint32_t client);
  void count();

  /// What is left of the round is told to nobody but as the mean that was released.
  void make_private(round::finish&);
  job::edges_present edges_present() const;
  traffic take_traffic();
  void show_round();
  void show_now_and_then();
  status_reply status() const;

  void perform(const job::open_round&);
  void perform(const job::wake_at&);
  void perform(const job::finish&);
  void perform(const round::invite&);
  void perform(const round::wake_at&);
  void perform(const round::grant&);
  void perform(const round::watch&);
  void perform(const round::revoke&);
  void perform(const round::add&);
  void perform(const round::call&);
  void perform(const round::acknowledge&);
  void perform(const round::refuse&);
  void perform(const round::release&);
  void perform(const round::ask_to_evaluate&);
  void perform(const round::tell&);
  void perform(round::finish&);

  server_setup setup_;
  timeline& time_;
  flock& clients_;
  central_evaluation& judge_;
  run_recorder& recorder_;
  event_log& log_;

  membership::machine members_;
  std::optional<daily_life> lives_; ///< nothing: all are always there, on mains
  census census_;
  job::machine job_;
  round::machine round_;
  fixed_point_sum sum_;
  std::optional<private_sum> private_sum_; ///< in its place, where the mean is to be private
  std::optional<bare_sum> bare_sum_;       ///< likewise, where a server could not look into it
  privacy_budget budget_;
  std::optional<privacy_release> last_in_tree_; ///< where the noise is a tree's
  std::optional<double> clip_norm_; ///< of the open round's updates, where it adapts itself
  parameters_ptr current_, made_;   ///< the last committed model; the open round's
  model_id current_id_, made_id_;
  std::optional<evaluation> central_;
  std::optional<round::finish> ended_; ///< the round that is over, until the job knows

  instant last_end_{}; ///< of a round
  traffic counted_;    ///< up to the round before
  round_record last_;
  status_reply shown_; ///< what does not change from moment to moment
  std::string reason_;
  std::uint64_t update_count_ = 0;
  std::chrono::steady_clock::time_point started_, ended_at_, shown_at_;
};

} // namespace godwit::simulated
