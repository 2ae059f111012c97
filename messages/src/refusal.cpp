#include <godwit/messages/refusal.hpp>

namespace godwit {
namespace {

struct row {
  std::string_view name;
  std::string_view sentence;
};

constexpr row unknown{"unknown_refusal",
                      "refused, for a reason that this version does not know; update it"};

constexpr row rows[] = {
    {"wrong_phase",
     "the receiver is in a phase where this means nothing; wait for the next message"},
    {"wrong_round", "the round it names is not the open one; wait for the next invitation"},
    {"not_invited", "this client is not in the round's cohort; wait for an invitation"},
    {"duplicate", "the same was accepted before, and the first one stands"},
    {"protocol_mismatch",
     "the peer speaks another protocol number; run the same version on both sides"},
    {"wrong_role", "the certificate's role may not do this; make one with the right role"},
    {"identity_mismatch",
     "this name is bound to another certificate; use that one, or another name"},
    {"token_malformed", "the token is not one of ours; enrol again"},
    {"token_forged", "the token's signature does not verify; enrol again"},
    {"token_expired", "the token has expired; renew it"},
    {"token_not_yet", "the token is not valid yet; check both clocks"},
    {"token_audience", "the token was made for another server; enrol with this one"},
    {"token_subject", "the token was made for another edge; enrol as this one"},
    {"wrong_shape",
     "the parameter count is not the model's; check the trainer and the job's model"},
    {"value_not_finite",
     "the update holds NaN or infinity; lower the learning rate or check the data"},
    {"value_out_of_range", "the update holds a value outside -128 .. 128; lower the learning rate"},
    {"too_large", "it is longer than its limit"},
    {"malformed", "the bytes decode to no message that this side takes"},
    {"unknown_model", "the asked-for model is not held here; wait for the next invitation"},
    {"over_weight",
     "the example counts add up past the fixed-point range; lower the cohort or the counts"},
    {"not_enrolled", "the handshake is not complete; say hello first"},
    {"wrong_checksum", "the content does not match its SHA-256; send it again"},
    {"full", "as many peers are connected as the limit allows; try again later"},
    {"not_eligible", "the device may not work now (power, temperature or policy)"},
    {"wrong_job", "the edge was set up for another model than the job's; correct its config"},
    {"wrong_terms", "the secure sum's terms are out of bounds or not this round's"},
    {"wrong_signature", "a signature does not hold; somebody changed what was signed"},
    {"wrong_roster", "the roster, or what is said about it, is not this round's"},
    {"repeated_key", "two clients of the roster share a name or a key; each must have its own"},
    {"unproven_key", "no certificate ties this key to its name; enrol again"},
    {"weak_key", "everybody would know what is agreed upon with this key; use a fresh one"},
    {"wrong_share", "a share that does not open, or that is another client's"},
    {"too_few", "fewer clients than it takes to hide one among them"},
    {"wrong_survivors", "the clients said to be dropped and alive are not the ones that can be"},
};
static_assert(sizeof rows / sizeof *rows == refusal_last, "a row for each refusal");

const row& find(refusal why) noexcept {
  const auto number = static_cast<std::uint8_t>(why);
  return number >= refusal_first && number <= refusal_last ? rows[number - 1] : unknown;
}

} // namespace

std::string_view name(refusal why) noexcept {
  return find(why).name;
}
std::string_view sentence(refusal why) noexcept {
  return find(why).sentence;
}

} // namespace godwit
