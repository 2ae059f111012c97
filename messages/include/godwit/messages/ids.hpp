// Who and which: identifiers that cannot be mistaken for each other.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace godwit {

/// An edge's name, as its certificate states it: 1 to 64 characters of [a-z0-9._-].
struct client_id {
  std::string name;
  friend auto operator<=>(const client_id&, const client_id&) = default;
  static auto fields(auto& self, auto&& visit) { return visit(self.name); }
};

/// Whether a name may be a client's.
bool is_valid_name(std::string_view name) noexcept;

/// A round's number: 1 for the first; 0 means none.
struct round_id {
  std::uint64_t value = 0;
  friend auto operator<=>(const round_id&, const round_id&) = default;
  static auto fields(auto& self, auto&& visit) { return visit(self.value); }
};

/// What a certificate allows its holder to be.
enum class role : std::uint8_t {
  server = 1,  ///< listens, holds jobs
  edge = 2,    ///< trains
  person = 3,  ///< asks for the state of things; changes nothing
  trustee = 4, ///< holds its part of shared sums, for another owner than the server's
};

std::string_view name(role) noexcept;

} // namespace godwit

template <>
struct std::hash<godwit::client_id> {
  std::size_t operator()(const godwit::client_id& id) const noexcept {
    return std::hash<std::string>{}(id.name);
  }
};
