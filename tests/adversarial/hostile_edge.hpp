// How does an edge attack that has a good certificate? It speaks the protocol by hand, and says
// what no edge would say.
#pragma once

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <godwit/messages/link.hpp>
#include <godwit/privacy/identity.hpp>
#include <godwit/runtime/config.hpp>

#include "adversarial/recorded_log.hpp"
#include "transport/dialler.hpp"

namespace godwit::adversarial {

/// softmax over 28 x 28 pixels and 10 classes.
inline constexpr std::uint64_t parameter_count = 28 * 28 * 10 + 10;

/// One connection, made once: it does not dial again. Also plays the person, who has the same kind
/// of link.
class hostile_edge {
public:
  hostile_edge(std::uint16_t port, const tls_config& files);

  const peer_identity& who() const noexcept { return who_; }
  /// What an honest edge of this name would say.
  hello greeting() const;
  /// Says hello as an honest edge would, and keeps the token.
  welcome enrol();
  /// The token of all that is said from now on.
  void present(std::string token) { token_ = std::move(token); }
  const std::string& token() const noexcept { return token_; }

  /// Says that it may not work, and waits until the server knows: no round will wait for it.
  void sit_out();
  /// Asks for a fresh token with the one that it presents. True: granted; false: refused, which is
  /// still to be heard.
  bool renews_token();

  void say(const edge_message& message, bytes body = {});
  void say(const person_message& message);
  void say_frame(std::uint16_t kind, bytes head, bytes body = {});

  /// The oldest message of this type that was not heard yet; waits for it.
  template <class Message>
  Message hear() {
    std::unique_lock lock(mutex_);
    std::optional<Message> found;
    const bool came =
        changed_.wait_for(lock, patience, [&] { return (found = take<Message>()).has_value(); });
    if (!came)
      fail_missing(std::move(lock));
    return std::move(*found);
  }
  /// Why the oldest refusal that was not heard yet was said.
  std::string hear_refusal() { return std::string(name(hear<refused>().why)); }
  /// How many messages of this type wait to be heard.
  template <class Message>
  std::size_t count() {
    std::scoped_lock lock(mutex_);
    return count_in<Message>(heard_);
  }
  /// Waits until what was not heard yet is as it should be.
  bool wait_until(const std::function<bool(const std::deque<server_message>&)>& is_so) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, patience, [&] { return is_so(heard_); });
  }
  /// Waits for the end of the connection, or of the attempt to make one: the reason as the edge
  /// hears it.
  std::string hear_end();

private:
  template <class Message>
  static std::size_t count_in(const std::deque<server_message>& heard) {
    return static_cast<std::size_t>(
        std::count_if(heard.begin(), heard.end(), [](const auto& message) {
          return std::holds_alternative<Message>(message);
        }));
  }
  template <class Message>
  std::optional<Message> take() {
    for (auto at = heard_.begin(); at != heard_.end(); ++at)
      if (auto* it = std::get_if<Message>(&*at)) {
        Message found = std::move(*it);
        heard_.erase(at);
        return found;
      }
    return {};
  }
  void wait_for_link();
  [[noreturn]] void fail_missing(std::unique_lock<std::mutex> lock);
  void take_in(transport::incoming&& frame);

  peer_identity who_;
  std::string token_;
  std::mutex mutex_;
  std::condition_variable changed_;
  transport::link_id link_ = 0;
  std::optional<std::string> end_;
  std::deque<server_message> heard_;
  std::unique_ptr<transport::dialler> dialler_; ///< last: no event comes after it
};

/// A whole update of one value everywhere.
bytes update_of(float value, std::uint64_t count = parameter_count);

/// The offer of `update` as an honest edge makes it.
update_offer offer_of(round_id round, bytes_view update);

} // namespace godwit::adversarial
