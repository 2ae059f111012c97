// What did a checkpoint hold before its clip norm? As versions before 0.3 wrote it.
#pragma once

#include <utility>

#include <godwit/messages/checkpoint.hpp>

namespace godwit::history {

struct checkpoint_v2 {
  static constexpr std::uint16_t schema = 2;
  std::string job;
  std::string model;
  std::uint64_t seed = 0;
  round_id round;
  std::uint64_t committed_count = 0;
  std::uint64_t elapsed_ns = 0;
  std::uint64_t bytes_up = 0, bytes_down = 0;
  std::uint64_t server_time_ns = 0;
  std::uint32_t abandoned_in_a_row = 0;
  std::uint32_t present_count = 0;
  mailbox_id mailbox = 0;
  std::vector<client_mail> mail;
  std::vector<member> members;
  model_layout layout;
  std::vector<float> parameters;
  static auto fields(auto& self, auto&& visit) {
    return visit(self.job, self.model, self.seed, self.round, self.committed_count, self.elapsed_ns,
                 self.bytes_up, self.bytes_down, self.server_time_ns, self.abandoned_in_a_row,
                 self.present_count, self.mailbox, self.mail, self.members, self.layout,
                 self.parameters);
  }
};

inline checkpoint upgrade(checkpoint_v2 old) {
  checkpoint state;
  state.job = std::move(old.job);
  state.model = std::move(old.model);
  state.seed = old.seed;
  state.round = old.round;
  state.committed_count = old.committed_count;
  state.elapsed_ns = old.elapsed_ns;
  state.bytes_up = old.bytes_up;
  state.bytes_down = old.bytes_down;
  state.server_time_ns = old.server_time_ns;
  state.abandoned_in_a_row = old.abandoned_in_a_row;
  state.present_count = old.present_count;
  state.mailbox = old.mailbox;
  state.mail = std::move(old.mail);
  state.members = std::move(old.members);
  state.layout = std::move(old.layout);
  state.parameters = std::move(old.parameters);
  return state;
}

} // namespace godwit::history
