// What do the clients of a simulation do? Each has the training machine of a real edge; its effects
// become events.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include <godwit/actors/log.hpp>
#include <godwit/actors/machines/round.hpp>
#include <godwit/actors/machines/training.hpp>

#include "simulation/devices.hpp"
#include "simulation/timeline.hpp"
#include "simulation/trainings.hpp"
#include "simulation/worker_pool.hpp"

namespace godwit::simulated {

/// A client as it is dealt.
struct member {
  client_id id;
  std::shared_ptr<const examples> train, held_out;
};

class flock {
public:
  /// `pool`, `time` and `log` outlive this. `window`: trainings whose results may be held at a
  /// time. `rules`: of each client, but for the number of its
  /// examples.
  flock(std::vector<member> members, const devices& speeds, std::size_t window,
        const training::plan& rules, worker_pool& pool, timeline& time, event_log& log);

  std::uint32_t size() const noexcept { return static_cast<std::uint32_t>(clients_.size()); }
  const client_id& name_of(std::uint32_t client) const { return clients_[client].who.id; }
  std::uint32_t index_of(const client_id& client) const { return places_.find(client)->second; }
  std::uint64_t example_count(std::uint32_t client) const {
    return clients_[client].who.train->size();
  }

  // -- what the server sends

  void begin_round(const parameters_ptr& model, std::uint32_t cohort);
  void invite(const client_id&, const invitation&);
  /// update_grant, receipt, refused or round_closed.
  template <class Message>
  void tell(const client_id& client, const Message& message) {
    feed(index_of(client), message);
  }
  void ask_to_evaluate(const client_id&, const evaluation_request&, const parameters_ptr& model);
  /// The server takes an upload's place back; what was under way does not arrive.
  void revoke(const client_id&);

  // -- what happens

  void on(const event&);
  /// The client is gone, with all that it was doing.
  void leave(std::uint32_t client);
  /// It is gone until the round ends.
  void vanish(std::uint32_t client);
  bool has_vanished(std::uint32_t client) const { return clients_[client].has_vanished; }
  /// Those that have vanished are back, as fresh as after a restart.
  std::vector<std::uint32_t> bring_back();
  void end_round();
  /// Keeps the threads busy.
  void start_some() { trainings_.start_some(); }

  // -- what the server gets

  /// What clients have said and uploaded, in order; the server takes it away.
  std::deque<round::input> said;
  /// The update that has arrived. Stands until it is taken back with recycle().
  trained_result& update_of(const client_id& client) {
    return *clients_[index_of(client)].uploaded;
  }
  void recycle(const client_id&);
  /// What the newest training of a client really did: known once its update has arrived.
  const training_outcome& outcome_of(const client_id& client) const {
    return clients_[index_of(client)].outcome;
  }
  /// Says what was told by the clients that have told most.
  void say_told() const;
  /// For how long the client has trained since this was asked last.
  duration take_trained(std::uint32_t client);
  std::uint64_t bytes_up() const noexcept { return bytes_up_; }
  std::uint64_t bytes_down() const noexcept { return bytes_down_; }

private:
  struct evaluating;
  struct seat {
    member who;
    device speeds;
    training::machine machine;
    training::accounts told; ///< outlives the machine
    std::uint32_t turn = 0;  ///< rises when something is given up: what was foreseen is void
    bool has_vanished = false;
    std::optional<instant> trains_since;
    duration has_trained{}; ///< before that, and not taken
    invitation task;
    training_outcome outcome;
    std::optional<trained_result> uploaded;
    std::shared_ptr<evaluating> evaluation;
  };

  void start_machine(seat&) const;
  void foresee(std::uint32_t index, duration after, happening what);
  void give_up(std::uint32_t index);
  void note_trained(std::uint32_t index);
  void feed(std::uint32_t index, const training::input&);
  void arrive(std::uint32_t index);
  void finish_evaluating(std::uint32_t index);
  duration work_ahead(const seat&, const training_plan&) const;

  void perform(std::uint32_t, const training::accept&);
  void perform(std::uint32_t, const training::decline&);
  void perform(std::uint32_t, const training::offer&);
  void perform(std::uint32_t, const training::report&);
  void perform(std::uint32_t, const training::need_model&);
  void perform(std::uint32_t, const training::forget_model&);
  void perform(std::uint32_t, const training::train&);
  void perform(std::uint32_t, const training::evaluate&);
  void perform(std::uint32_t, const training::stop_work&);
  void perform(std::uint32_t, const training::upload&);
  void perform(std::uint32_t, const training::stop_upload&);
  void perform(std::uint32_t, const training::watch_lease&);

  std::vector<seat> clients_;
  std::unordered_map<client_id, std::uint32_t> places_;
  devices devices_;
  training::plan rules_;
  worker_pool& pool_;
  timeline& time_;
  event_log& log_;
  trainings trainings_;
  parameters_ptr to_evaluate_;
  std::vector<std::uint32_t> vanished_;
  std::uint64_t bytes_up_ = 0, bytes_down_ = 0;
};

} // namespace godwit::simulated
