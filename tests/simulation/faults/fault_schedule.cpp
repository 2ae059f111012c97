#include "fault_schedule.hpp"

#include <algorithm>

namespace godwit::faults {

fault_schedule::fault_schedule(fault_ground ground, instant end)
    : ground_(std::move(ground)), draws_(ground_.in.draws.number(), "faults"), end_(end) {
  for (const auto& rule : ground_.in.plan.faults)
    wait(rule);
}

void fault_schedule::wait(const fault_rule& rule) {
  const auto next = ground_.in.time.now() + draws_.span(rule.every_seconds);
  if (next >= end_)
    return;
  ground_.in.time.at(next, [this, rule] {
    strike(rule);
    wait(rule);
  });
}

node& fault_schedule::victim(const fault_rule& rule) {
  return rule.who == target::server ? ground_.server
                                    : *ground_.edges[draws_.below(ground_.edges.size())];
}

std::vector<std::string> fault_schedule::names(const fault_rule& rule) {
  if (rule.who == target::all_edges)
    return ground_.edge_names;
  return {ground_.edge_names[draws_.below(ground_.edge_names.size())]};
}

void fault_schedule::strike(const fault_rule& rule) {
  auto& in = ground_.in;
  const auto lasts = std::min(draws_.span(rule.lasts_seconds), end_ - in.time.now());
  switch (rule.what) {
  case fault::kill: {
    auto& who = victim(rule);
    const bool loses_power = draws_.is(rule.power_cut);
    if (loses_power && draws_.is(rule.in_a_write))
      return who.lose_power_within(draws_.below(12), lasts);
    return who.kill(loses_power, lasts);
  }
  case fault::full:
    return victim(rule).fill_disk(lasts);
  case fault::fail:
    return victim(rule).fail_disk(lasts);
  case fault::suspend:
    return victim(rule).suspend(lasts);
  case fault::jump: {
    const std::int64_t jumps[] = {-86'400, -400, 200, 400, 86'400};
    in.note("jump");
    in.clock_jump += std::chrono::seconds(jumps[draws_.below(5)]);
    return;
  }
  case fault::block: {
    const auto kind = static_cast<int>(draws_.below(3));
    for (const auto& name : names(rule))
      block(name, kind, lasts);
    return;
  }
  case fault::clog:
    for (const auto& name : names(rule))
      clog(name, lasts);
    return;
  case fault::snap:
  case fault::scatter:
    for (const auto& name : names(rule))
      in.net.break_link(name);
    return;
  }
}

/// `kind`: 0 nothing goes up, 1 nothing comes down, 2 neither.
void fault_schedule::block(const std::string& edge, int kind, duration lasts) {
  auto& net = ground_.in.net;
  ground_.in.note("block " + edge);
  const auto add = [&net, edge, kind](int count) {
    net.up(edge).blocks += kind != 1 ? count : 0;
    net.down(edge).blocks += kind != 0 ? count : 0;
    net.refresh(edge);
  };
  add(1);
  ground_.in.time.after(lasts, [add] { add(-1); });
}

void fault_schedule::clog(const std::string& edge, duration lasts) {
  auto& net = ground_.in.net;
  const auto before = way{};
  const double rate = 100 * static_cast<double>(1 + draws_.below(50));
  const double latency = 4 * draws_.real();
  for (auto* each : {&net.up(edge), &net.down(edge)}) {
    each->bytes_per_second = rate;
    each->latency_seconds = {latency / 2, latency};
  }
  ground_.in.time.after(lasts, [&net, edge, before] {
    for (auto* each : {&net.up(edge), &net.down(edge)}) {
      each->bytes_per_second = before.bytes_per_second;
      each->latency_seconds = before.latency_seconds;
    }
  });
}

} // namespace godwit::faults
