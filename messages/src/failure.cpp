#include <godwit/messages/failure.hpp>

namespace godwit {

std::string_view name(failure_code code) noexcept {
  switch (code) {
  case failure_code::io:
    return "io";
  case failure_code::not_found:
    return "not_found";
  case failure_code::corrupt:
    return "corrupt";
  case failure_code::unreachable:
    return "unreachable";
  case failure_code::bad_key:
    return "bad_key";
  case failure_code::unsupported:
    return "unsupported";
  case failure_code::cancelled:
    return "cancelled";
  case failure_code::training:
    return "training";
  case failure_code::bad_config:
    return "bad_config";
  case failure_code::no_space:
    return "no_space";
  }
  return "unknown_failure";
}

} // namespace godwit
