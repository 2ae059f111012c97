// What did a checkpoint hold before its letters and its server time? As versions before 0.2 wrote
// it.
#pragma once

#include <utility>

#include <godwit/messages/checkpoint.hpp>

namespace godwit::history {

struct checkpoint_v1 {
  static constexpr std::uint16_t schema = 1;
  std::string job;
  std::string model;
  std::uint64_t seed = 0;
  round_id round;
  std::uint64_t committed_count = 0;
  std::uint64_t elapsed_ns = 0;
  std::uint64_t bytes_up = 0, bytes_down = 0;
  std::vector<member> members;
  model_layout layout;
  std::vector<float> parameters;
  static auto fields(auto& self, auto&& visit) {
    return visit(self.job, self.model, self.seed, self.round, self.committed_count, self.elapsed_ns,
                 self.bytes_up, self.bytes_down, self.members, self.layout, self.parameters);
  }
};

inline checkpoint upgrade(checkpoint_v1 old) {
  checkpoint state;
  state.job = std::move(old.job);
  state.model = std::move(old.model);
  state.seed = old.seed;
  state.round = old.round;
  state.committed_count = old.committed_count;
  state.elapsed_ns = old.elapsed_ns;
  state.bytes_up = old.bytes_up;
  state.bytes_down = old.bytes_down;
  state.members = std::move(old.members);
  state.layout = std::move(old.layout);
  state.parameters = std::move(old.parameters);
  return state;
}

} // namespace godwit::history
