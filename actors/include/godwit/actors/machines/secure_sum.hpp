// What do both sides of a secure sum speak of? (privacy/SECURE_SUM.md; the sides are
// secure_sum_client.hpp and secure_sum_server.hpp.)
#pragma once

#include <vector>

#include <godwit/messages/secret.hpp>
#include <godwit/privacy/mask.hpp>

namespace godwit::secure_sum {

/// One mask that is to be added or subtracted, with its own key.
struct mask_part {
  secret key;
  bool is_subtracted = false;
};

/// The same for add_masks; the terms point into `parts`.
std::vector<mask_term> as_terms(const std::vector<mask_part>& parts);

} // namespace godwit::secure_sum
