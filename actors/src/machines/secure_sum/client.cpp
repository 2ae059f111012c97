// A client's side, one function an input: checked first, changed last.
#include <godwit/actors/machines/secure_sum_client.hpp>

#include <algorithm>
#include <type_traits>
#include <utility>

#include <godwit/messages/check.hpp>
#include <godwit/privacy/canonical.hpp>
#include <godwit/privacy/shamir.hpp>
#include <godwit/privacy/sum_messages.hpp>

#include "client_steps.hpp"

namespace godwit::secure_sum {

std::vector<mask_term> as_terms(const std::vector<mask_part>& parts) {
  std::vector<mask_term> terms;
  terms.reserve(parts.size());
  for (const auto& part : parts)
    terms.push_back({part.key.reveal().first<mask_key_bytes>(), part.is_subtracted});
  return terms;
}

namespace client {
namespace {

using effects = std::vector<effect>;

template <class... Effects>
effects these(Effects... some) {
  effects out;
  out.reserve(sizeof...(some));
  (out.push_back(std::move(some)), ...);
  return out;
}

/// The phase as one of those that have begun with a roster, or with the others' shares; or null.
template <class Base>
const Base* as_a(const phase& now) {
  return std::visit(
      [](const auto& here) -> const Base* {
        if constexpr (std::is_base_of_v<Base, std::remove_cvref_t<decltype(here)>>)
          return &here;
        else
          return nullptr;
      },
      now);
}

} // namespace

result<machine> machine::open(opening given) {
  GODWIT_CHECK(given.identity != nullptr, "a client has an identity to sign with");
  auto rules = decode_terms(given.terms);
  if (!rules)
    return rules.why();
  if (rules->round != given.round || rules->model != given.model)
    return refusal::wrong_terms;
  machine made;
  made.terms_ = std::move(*rules);
  made.terms_hash_ = hash_of_terms(given.terms);
  made.drawn_ = draw(given.seed.reveal(), made.terms_hash_);
  made.identity_ = std::move(given.identity);
  made.own_ = make_advert(std::move(given.self), *made.identity_, given.evidence, made.drawn_,
                          made.terms_hash_);
  made.advert_ = encode(made.own_);
  made.rule_ = given.rule;
  return made;
}

machine machine::answered_before(bytes request, bytes answer) {
  machine made;
  made.phase_ = answered{std::move(request), std::move(answer)};
  return made;
}

result<effects> machine::on(const roster_told& in) {
  if (const auto* here = as_a<joined>(phase_)) {
    if (here->roster != in.roster)
      return refusal::duplicate;
    return these(keep{}, send_shares{here->sealed});
  }
  if (!std::holds_alternative<advertised>(phase_))
    return refusal::wrong_phase;
  auto told =
      check_roster(in, {.terms = terms_, .terms_hash = terms_hash_, .own = own_, .rule = rule_});
  if (!told)
    return told.why();
  auto joining = join_roster(*told, drawn_, terms_);
  if (!joining)
    return joining.why();
  joining->roster = in.roster;
  auto out = these(keep{}, send_shares{joining->sealed});
  phase_ = sharing{std::move(*joining)};
  return out;
}

result<effects> machine::on(const shares_delivered& in) {
  if (const auto* here = as_a<masking>(phase_)) {
    if (here->delivered != in.content)
      return refusal::duplicate;
    if (const auto* made = as_a<masked>(phase_))
      return these(keep{}, send_body{made->body, made->proof});
    return these(keep{}, make_body{});
  }
  auto* here = std::get_if<sharing>(&phase_);
  if (!here)
    return refusal::wrong_phase;
  auto shares = open_delivered(*here, in.content, terms_.round);
  if (!shares)
    return shares.why();
  joined stays = std::move(*here);
  phase_ = masking{std::move(stays), in.content, std::move(*shares)};
  return these(keep{}, make_body{});
}

result<effects> machine::on(const body_made& in) {
  if (const auto* made = as_a<masked>(phase_)) {
    if (made->body != in.body)
      return refusal::duplicate;
    return these(keep{}, send_body{made->body, made->proof});
  }
  auto* here = std::get_if<masking>(&phase_);
  if (!here)
    return refusal::wrong_phase;
  std::optional<signature> proof;
  if (terms_.profile == profile::malicious)
    proof = identity_->sign(body_statement(here->root, here->index, in.body));
  masking stays = std::move(*here);
  phase_ = masked{std::move(stays), in.body, proof};
  return these(keep{}, send_body{in.body, proof});
}

result<effects> machine::on(const survivors_told& in) {
  if (const auto* signed_before = std::get_if<consistent>(&phase_)) {
    if (signed_before->survivors != in.content)
      return refusal::duplicate;
    return these(keep{}, send_consistency{signed_before->statement});
  }
  auto* here = std::get_if<masked>(&phase_);
  if (!here || terms_.profile != profile::malicious)
    return refusal::wrong_phase;
  if (auto checked = check_survivors(*here, in.content, terms_.clients_min); !checked)
    return checked.why();
  const auto statement = identity_->sign(consistency_statement(hash_of_survivors(in.content)));
  masked stays = std::move(*here);
  phase_ = consistent{std::move(stays), in.content, statement};
  return these(keep{}, send_consistency{statement});
}

result<effects> machine::on(const unmask_asked& in) {
  if (const auto* before = std::get_if<answered>(&phase_)) {
    if (before->request != in.content)
      return refusal::duplicate;
    return these(keep_answer{before->request, before->answer}, send_unmask_shares{before->answer},
                 wipe_round{});
  }
  const auto* sworn = std::get_if<consistent>(&phase_);
  const auto* here = as_a<masked>(phase_);
  if (!here || (terms_.profile == profile::malicious && !sworn))
    return refusal::wrong_phase;
  const auto request = check_request(*here, sworn, in.content, terms_.clients_min, own_);
  if (!request)
    return request.why();
  auto answer = answer_to(*request, here->shares);
  phase_ = answered{in.content, answer};
  drawn_ = {};
  identity_.reset();
  return these(keep_answer{in.content, answer}, send_unmask_shares{answer}, wipe_round{});
}

result<effects> machine::on(const closed&) {
  phase_ = over{};
  drawn_ = {};
  identity_.reset();
  return these(wipe_round{});
}

result<effects> machine::apply(const input& in) {
  return std::visit([this](const auto& x) { return on(x); }, in);
}

std::vector<mask_part> machine::masks() const {
  const auto* here = as_a<masking>(phase_);
  if (!here)
    return {};
  const auto copy = [](const secret& of) {
    return secret(bytes(of.reveal().begin(), of.reveal().end()));
  };
  std::vector<mask_part> parts;
  parts.push_back({copy(drawn_.self), false});
  for (const auto& [other, shares] : here->shares)
    parts.push_back({copy(here->neighbours.at(other).pair), other < here->index});
  return parts;
}

std::string_view name(const phase& now) noexcept {
  constexpr std::string_view names[] = {"advertised", "sharing",  "masking", "masked",
                                        "consistent", "answered", "over"};
  static_assert(std::size(names) == std::variant_size_v<phase>);
  return names[now.index()];
}

} // namespace client
} // namespace godwit::secure_sum
