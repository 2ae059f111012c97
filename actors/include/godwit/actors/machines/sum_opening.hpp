// What is a secure sum opened with, once it can be?
#pragma once

#include <vector>

#include <godwit/actors/machines/secure_sum.hpp>
#include <godwit/messages/bytes.hpp>
#include <godwit/messages/ids.hpp>

namespace godwit {

struct sum_opening {
  std::vector<secure_sum::mask_part> masks; ///< to be added to the sum of the bodies
  std::vector<client_id> survivors;         ///< whose bodies are in it
  std::vector<client_id> liars;             ///< gave wrong shares, which were found out
  sha256_digest root{};                     ///< of the roster whose clients they are
};

} // namespace godwit
