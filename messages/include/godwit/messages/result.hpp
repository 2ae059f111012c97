// A value or the reason why there is none. C++20 has no std::expected; this is the part of it that
// we use.
#pragma once

#include <concepts>
#include <utility>
#include <variant>

#include <godwit/messages/check.hpp>
#include <godwit/messages/failure.hpp>
#include <godwit/messages/refusal.hpp>

namespace godwit {

/// Success without a value.
struct done {
  friend bool operator==(done, done) = default;
};

/// Either a T or an E. Reading the wrong one is a bug.
template <class T, class E>
class [[nodiscard]] value_or {
public:
  value_or(T value) : held_(std::in_place_index<0>, std::move(value)) {}
  value_or(E why) : held_(std::in_place_index<1>, std::move(why)) {}

  bool has_value() const noexcept { return held_.index() == 0; }
  explicit operator bool() const noexcept { return has_value(); }

  T& value() & {
    GODWIT_CHECK(has_value(), "a result was read that holds an error");
    return *std::get_if<0>(&held_);
  }
  const T& value() const& {
    GODWIT_CHECK(has_value(), "a result was read that holds an error");
    return *std::get_if<0>(&held_);
  }
  T&& value() && {
    GODWIT_CHECK(has_value(), "a result was read that holds an error");
    return std::move(*std::get_if<0>(&held_));
  }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  /// Why there is no value.
  const E& why() const {
    GODWIT_CHECK(!has_value(), "an error was read from a result that holds a value");
    return *std::get_if<1>(&held_);
  }

private:
  std::variant<T, E> held_;
};

/// The answer to a peer: a value, or a refusal that is sent back and changes nothing.
template <class T>
using result = value_or<T, refusal>;

/// The answer of the world: a value, or a failure that says whether to try again.
template <class T>
using attempt = value_or<T, failure>;

} // namespace godwit
