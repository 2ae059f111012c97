// How can a trainer that throws, or never returns, hold up nobody but itself?
#pragma once

#include <chrono>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <thread>
#include <utility>

#include <godwit/actors/ports.hpp>
#include <godwit/messages/result.hpp>

namespace godwit {

/// The one thread in which a trainer is called. It is no actor's, so that a trainer that never
/// returns can be left behind: it then keeps its thread, and shares the ownership of all that its
/// call uses.
class engine_thread {
public:
  /// `patience`: how long a call may go on after it was asked to stop.
  engine_thread(std::shared_ptr<trainer>, std::chrono::nanoseconds patience);
  /// Ends the thread, or leaves it behind where a call still goes on.
  ~engine_thread();
  engine_thread(const engine_thread&) = delete;
  engine_thread& operator=(const engine_thread&) = delete;

  /// Has `work` done in the thread, and waits for it. It owns what it uses; what it throws becomes
  /// a failure. Fails where it was asked to stop before it began, where it has not ended
  /// within the patience after it was asked to, and at once while an earlier one still goes on.
  template <class T>
  attempt<T> call(std::function<attempt<T>(trainer&)> work, const std::stop_token& stop) {
    auto outcome = std::make_shared<std::optional<attempt<T>>>();
    auto ended = hand_over([outcome, work = std::move(work)](
                               trainer& engine) { outcome->emplace(answer_of(work, engine)); },
                           stop);
    if (!ended)
      return ended.why();
    return std::move(**outcome);
  }

private:
  class desk;

  template <class T>
  static attempt<T> answer_of(const std::function<attempt<T>(trainer&)>& work, trainer& engine) {
    try {
      return work(engine);
    } catch (const std::exception& e) {
      return failure{.code = failure_code::training, .detail = e.what()};
    } catch (...) {
      return failure{.code = failure_code::training,
                     .detail = "the trainer threw what is no exception"};
    }
  }
  attempt<done> hand_over(std::function<void(trainer&)> work, const std::stop_token& stop);

  std::shared_ptr<desk> desk_;
  std::chrono::nanoseconds patience_;
  std::thread thread_;
};

} // namespace godwit
