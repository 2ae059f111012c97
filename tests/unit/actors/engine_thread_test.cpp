// Does a call of a trainer end for its caller, whatever the trainer does?
#include <chrono>
#include <future>
#include <memory>
#include <stdexcept>
#include <stop_token>
#include <thread>

#include <doctest/doctest.h>

#include "engine_thread.hpp"

using namespace godwit;
using namespace std::chrono_literals;

namespace {

class idle_trainer final : public trainer {
public:
  const model_layout& layout() const override { return layout_; }
  std::uint64_t example_count() const override { return 1; }
  attempt<training_outcome> train(std::span<float>, const training_plan&,
                                  const std::stop_token&) override {
    return training_outcome{};
  }
  attempt<evaluation> evaluate(std::span<const float>) override { return evaluation{}; }

private:
  model_layout layout_;
};

using work = std::function<attempt<int>(trainer&)>;

/// A call that has begun and does not look at its stop token.
struct stuck_call {
  std::shared_ptr<std::promise<void>> may_end = std::make_shared<std::promise<void>>();
  std::shared_ptr<std::promise<void>> has_ended = std::make_shared<std::promise<void>>();

  /// Asks to stop as soon as it has begun.
  attempt<int> happen_in(engine_thread& engine) {
    std::stop_source stop;
    return engine.call<int>(work([this, stop, end = may_end->get_future().share(),
                                  ended = has_ended](trainer&) mutable -> attempt<int> {
                              stop.request_stop();
                              end.wait();
                              ended->set_value();
                              return 1;
                            }),
                            stop.get_token());
  }
  void let_end() {
    may_end->set_value();
    has_ended->get_future().wait();
  }
};

} // namespace

TEST_CASE("a call is answered from one thread, which is not the caller's") {
  engine_thread engine(std::make_shared<idle_trainer>(), 0ns);
  const auto where = [](trainer&) -> attempt<std::thread::id> {
    return std::this_thread::get_id();
  };
  const auto first = engine.call<std::thread::id>(where, {});
  const auto second = engine.call<std::thread::id>(where, {});
  REQUIRE(first);
  REQUIRE(second);
  CHECK(*first == *second);
  CHECK(*first != std::this_thread::get_id());
}

TEST_CASE("what a call throws is a failure, and the next call is answered") {
  engine_thread engine(std::make_shared<idle_trainer>(), 0ns);
  const auto thrown = engine.call<int>(
      work([](trainer&) -> attempt<int> { throw std::runtime_error("out of luck"); }), {});
  REQUIRE_FALSE(thrown);
  CHECK(thrown.why().code == failure_code::training);
  CHECK(thrown.why().detail == "out of luck");
  CHECK_FALSE(engine.call<int>(work([](trainer&) -> attempt<int> { throw 42; }), {}));
  CHECK(engine.call<int>(work([](trainer&) -> attempt<int> { return 7; }), {}));
}

TEST_CASE("a call that is not wanted any more is not begun") {
  engine_thread engine(std::make_shared<idle_trainer>(), 0ns);
  std::stop_source stop;
  stop.request_stop();
  bool was_begun = false;
  const auto refused = engine.call<int>(work([&](trainer&) -> attempt<int> {
                                          was_begun = true;
                                          return 1;
                                        }),
                                        stop.get_token());
  REQUIRE_FALSE(refused);
  CHECK(refused.why().code == failure_code::cancelled);
  CHECK_FALSE(was_begun);
}

TEST_CASE("a call that ends within the patience after it was asked to stop is answered") {
  engine_thread engine(std::make_shared<idle_trainer>(), 1h);
  std::stop_source stop;
  const auto answer = engine.call<int>(work([stop](trainer&) mutable -> attempt<int> {
                                         stop.request_stop();
                                         return 3;
                                       }),
                                       stop.get_token());
  REQUIRE(answer);
  CHECK(*answer == 3);
}

TEST_CASE("a call that does not end when asked to is left alone, and until it has come back each "
          "further one fails at once") {
  engine_thread engine(std::make_shared<idle_trainer>(), 0ns);
  stuck_call stuck;
  const auto given_up = stuck.happen_in(engine);
  REQUIRE_FALSE(given_up);
  CHECK(given_up.why().detail == "the trainer did not end when it was asked to stop");

  const auto next = work([](trainer&) -> attempt<int> { return 2; });
  const auto busy = engine.call<int>(next, {});
  REQUIRE_FALSE(busy);
  CHECK(busy.why().retry);

  stuck.let_end();
  auto again = engine.call<int>(next, {});
  while (!again) // it has ended, and its thread is about to say so
    again = engine.call<int>(next, {});
  CHECK(*again == 2);
}

TEST_CASE("the end of an engine's thread does not wait for a call that never ends, and the trainer "
          "lives as long as the call") {
  auto owned = std::make_shared<idle_trainer>();
  const std::weak_ptr<idle_trainer> watched = owned;
  stuck_call stuck;
  {
    engine_thread engine(std::move(owned), 0ns);
    CHECK_FALSE(stuck.happen_in(engine));
  }
  CHECK_FALSE(watched.expired());
  stuck.let_end();
}
