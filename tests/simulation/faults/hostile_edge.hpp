// An edge that lies: a script in the place of actors, with a valid certificate and bad intentions.
#pragma once

#include <map>
#include <string>

#include "world.hpp"

namespace godwit::faults {

class hostile_edge {
public:
  hostile_edge(world& in, std::string name);
  hostile_edge(const hostile_edge&) = delete;
  hostile_edge& operator=(const hostile_edge&) = delete;

  void start();
  /// From now on it keeps silent.
  void stop();

private:
  void hear(const link_event&);
  void hear(const server_message&);
  void accept(const invitation&);
  void offer(round_id, const bytes& update, std::uint64_t example_count);
  void upload(round_id);
  void babble();
  void say(edge_message, bytes body = {});
  stamp next_letter();
  bytes content();

  world& world_;
  const std::string name_;
  chance draws_;
  std::string token_;
  mailbox_id mailbox_ = 0;
  bool is_mute_ = false; ///< takes each task, and is not heard of again
  std::uint64_t link_ = 0, letters_ = 0;
  std::map<round_id, bytes> offered_;
  bool is_stopped_ = false;
};

} // namespace godwit::faults
