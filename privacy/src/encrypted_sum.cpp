// What are sets and refusals called?
#include <godwit/privacy/encrypted_sum.hpp>

namespace godwit {

std::string_view name(sum_set set) noexcept {
  switch (set) {
  case sum_set::rl4096a:
    return "rl4096a";
  case sum_set::rk4096a:
    return "rk4096a";
  case sum_set::rt8192a:
    return "rt8192a";
  case sum_set::paillier2048:
    return "paillier2048";
  case sum_set::paillier3072:
    return "paillier3072";
  }
  return "unknown";
}

std::string_view name(sum_refusal why) noexcept {
  switch (why) {
  case sum_refusal::malformed:
    return "malformed";
  case sum_refusal::wrong_checksum:
    return "wrong_checksum";
  case sum_refusal::wrong_set:
    return "wrong_set";
  case sum_refusal::wrong_round:
    return "wrong_round";
  case sum_refusal::wrong_key:
    return "wrong_key";
  case sum_refusal::wrong_shape:
    return "wrong_shape";
  case sum_refusal::coefficient_out_of_range:
    return "coefficient_out_of_range";
  case sum_refusal::value_out_of_range:
    return "value_out_of_range";
  case sum_refusal::over_level:
    return "over_level";
  case sum_refusal::noise_out_of_bound:
    return "noise_out_of_bound";
  case sum_refusal::bad_key:
    return "bad_key";
  case sum_refusal::used_up:
    return "used_up";
  case sum_refusal::wrong_sum:
    return "wrong_sum";
  case sum_refusal::missing_share:
    return "missing_share";
  }
  return "unknown";
}

} // namespace godwit
