// How does an edge attack that has a good certificate?
#include "adversarial/hostile_edge.hpp"

#include <chrono>
#include <cstring>
#include <stdexcept>

#include <godwit/privacy/digest.hpp>

#include "adversarial/keys.hpp"
#include "link_adapters.hpp"

namespace godwit::adversarial {

hostile_edge::hostile_edge(std::uint16_t port, const tls_config& files) : who_(identity_in(files)) {
  transport::dial_options how;
  how.port = port;
  how.certificate = files.certificate;
  how.key = files.key;
  how.authority = files.authority;
  how.identify = identify;
  how.backoff_min = how.backoff_max = std::chrono::hours(1); // once is enough
  transport::dialler_events events;
  events.connected = [this](transport::link_id link, const transport::peer&) {
    std::scoped_lock lock(mutex_);
    link_ = link;
    changed_.notify_all();
  };
  events.received = [this](transport::link_id, transport::incoming&& frame) {
    take_in(std::move(frame));
  };
  events.disconnected = [this](const transport::disconnection& end) {
    std::scoped_lock lock(mutex_);
    end_ = end.reason;
    changed_.notify_all();
  };
  auto started = transport::dialler::start(std::move(how), std::move(events));
  REQUIRE(started.has_value());
  dialler_ = std::move(*started);
}

hello hostile_edge::greeting() const {
  hello made;
  made.client = client_id{who_.name};
  made.model = "softmax";
  made.parameter_count = parameter_count;
  made.example_count = 100;
  return made;
}

welcome hostile_edge::enrol() {
  say(greeting());
  auto answer = hear<welcome>();
  token_ = answer.token;
  return answer;
}

void hostile_edge::sit_out() {
  say(edge_status{.eligible = 0, .reason = "up to no good", .power_mode = {}});
  CHECK(renews_token()); // the coordinator answers behind the status
}

bool hostile_edge::renews_token() {
  const auto refused_before = count<refused>();
  say(token_renewal{});
  bool is_granted = false;
  const bool came = wait_until([&](const auto& heard) {
    is_granted = count_in<token_grant>(heard) > 0;
    return is_granted || count_in<refused>(heard) > refused_before;
  });
  REQUIRE(came);
  if (is_granted)
    hear<token_grant>();
  return is_granted;
}

void hostile_edge::say(const edge_message& message, bytes body) {
  auto coded = encode(
      edge_envelope{std::holds_alternative<hello>(message) ? std::string() : token_, message});
  say_frame(coded.kind, std::move(coded.head), std::move(body));
}

void hostile_edge::say(const person_message& message) {
  auto coded = encode(message);
  say_frame(coded.kind, std::move(coded.head));
}

void hostile_edge::say_frame(std::uint16_t kind, bytes head, bytes body) {
  wait_for_link();
  dialler_->send(link_, {kind, std::move(head), shared_bytes(std::move(body))});
}

std::string hostile_edge::hear_end() {
  std::unique_lock lock(mutex_);
  if (!changed_.wait_for(lock, patience, [this] { return end_.has_value(); }))
    fail_missing(std::move(lock));
  return *end_;
}

void hostile_edge::wait_for_link() {
  std::unique_lock lock(mutex_);
  if (!changed_.wait_for(lock, patience, [this] { return link_ != 0; }))
    fail_missing(std::move(lock));
}

void hostile_edge::fail_missing(std::unique_lock<std::mutex> lock) {
  std::string seen = "waited in vain; the end: " + end_.value_or("not yet") + "; unheard:";
  for (const auto& message : heard_) {
    seen.append(" ").append(name(message));
    if (const auto* no = std::get_if<refused>(&message))
      seen.append("(").append(name(no->why)).append(")");
  }
  lock.unlock();
  FAIL(seen);
  throw std::runtime_error(seen);
}

void hostile_edge::take_in(transport::incoming&& frame) {
  auto message = decode_server_message(frame.kind, frame.head);
  if (!message)
    return;
  std::scoped_lock lock(mutex_);
  heard_.push_back(std::move(*message));
  changed_.notify_all();
}

bytes update_of(float value, std::uint64_t count) {
  bytes made(count * sizeof value);
  for (std::size_t i = 0; i < count; ++i)
    std::memcpy(made.data() + i * sizeof value, &value, sizeof value);
  return made;
}

update_offer offer_of(round_id round, bytes_view update) {
  update_offer made;
  made.round = round;
  made.example_count = 100;
  made.step_count = 1;
  made.loss = 0.5;
  made.update = {sha256(update), update.size()};
  return made;
}

} // namespace godwit::adversarial
