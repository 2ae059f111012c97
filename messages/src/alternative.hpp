// How is a variant's alternative made that is known by its number only?
#pragma once

#include <cstddef>
#include <utility>
#include <variant>

namespace godwit {

template <class Variant, std::size_t... I>
Variant alternative(std::size_t index, std::index_sequence<I...>) {
  Variant made;
  (void)((I == index && (made.template emplace<I>(), true)) || ...);
  return made;
}

/// The alternative with this index, default-made. The index is below the number of alternatives.
template <class Variant>
Variant alternative(std::size_t index) {
  return alternative<Variant>(index, std::make_index_sequence<std::variant_size_v<Variant>>());
}

} // namespace godwit
