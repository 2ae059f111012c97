// Where does a secure sum stand when the server is about to ask its one question?
#pragma once

#include <algorithm>
#include <vector>

#include "adversarial/secure_sum/sum_crowd.hpp"

namespace godwit::secure_sum {

inline constexpr std::size_t crowd_size = 7;

/// Seven clients; edge-c dropped out after the shares; the rest wait for the server's one question.
struct before_the_question {
  terms rules;
  sum_round round;

  explicit before_the_question(profile trust = profile::semi_honest)
      : rules(crowd_terms(trust)), round(rules, crowd(crowd_size)) {
    round.advertise();
    round.share();
    round.mask({"edge-c"});
    if (trust == profile::malicious)
      round.agree();
  }
  unmask_request request(std::size_t i) {
    const auto decoded = decode_unmask_request(round.at(i).request);
    REQUIRE(decoded);
    return *decoded;
  }
  void refuses(std::size_t i, const unmask_request& changed, refusal why) {
    check_refused(round, i, client::unmask_asked{encode(changed)}, why);
  }
};
struct before_a_malicious_question : before_the_question {
  before_a_malicious_question() : before_the_question(profile::malicious) {}
};

/// Moves an index from one list to the other.
inline void move_index(std::uint32_t index, std::vector<std::uint32_t>& from,
                       std::vector<std::uint32_t>& to) {
  std::erase(from, index);
  to.push_back(index);
  std::ranges::sort(to);
}

} // namespace godwit::secure_sum
