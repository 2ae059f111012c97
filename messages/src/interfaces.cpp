#include <godwit/messages/interfaces.hpp>

#include <caf/atom.hpp>

#include <godwit/messages/check.hpp>

namespace godwit {
namespace {

const caf::atom_value refusal_category = caf::atom("refusal");

} // namespace

caf::error as_error(refusal why) {
  return caf::error{static_cast<std::uint8_t>(why), refusal_category};
}

refusal refusal_in(const caf::error& error) {
  const auto code = error.code();
  if (error.category() == refusal_category && code >= refusal_first && code <= refusal_last)
    return static_cast<refusal>(code);
  return refusal::wrong_phase;
}

void expect_no_refusal(const caf::error& error) {
  GODWIT_CHECK(error.category() != refusal_category, "a role refused what its own node asked");
}

} // namespace godwit
