#include <godwit/messages/ids.hpp>

#include <algorithm>

#include <godwit/messages/limits.hpp>

namespace godwit {

bool is_valid_name(std::string_view name) noexcept {
  return !name.empty() && name.size() <= limits::name_length_max &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
                  c == '-';
         });
}

std::string_view name(role who) noexcept {
  switch (who) {
  case role::server:
    return "server";
  case role::edge:
    return "edge";
  case role::person:
    return "person";
  case role::trustee:
    return "trustee";
  }
  return "unknown_role";
}

} // namespace godwit
