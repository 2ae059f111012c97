// How a message lists its fields once: CAF's inspect and Cereal's serialize are both derived from
// that list.
#pragma once

#include <concepts>
#include <type_traits>
#include <utility>

namespace godwit {

/// A type that lists its fields: `static auto fields(auto& self, auto&& visit) { return
/// visit(self.a, self.b); }`.
template <class T>
concept wire_type = requires(T& x) {
  T::fields(x, [](auto&...) { return 0; });
};

/// CAF's view of the list. Found by argument-dependent lookup.
template <class Inspector, wire_type T>
typename Inspector::result_type inspect(Inspector& f, T& x) {
  return T::fields(x, [&f](auto&... xs) { return f(xs...); });
}

/// Cereal's view of the list. Found by argument-dependent lookup.
template <class Archive, wire_type T>
void serialize(Archive& archive, T& x) {
  T::fields(x, [&archive](auto&... xs) { archive(xs...); });
}

} // namespace godwit
