#include "secure_sum_flight.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include <godwit/aggregation/quantiser.hpp>
#include <godwit/privacy/digest.hpp>
#include <godwit/privacy/mask.hpp>
#include <godwit/privacy/roster.hpp>
#include <godwit/privacy/signature.hpp>

namespace godwit::secure_sum {

namespace {

constexpr std::uint32_t clients_max = 1000; // with 16 bits a value: R = 26
constexpr std::uint16_t corrupt_thousandths = 50;

secret secret_of(const std::string& text) {
  const auto hash = sha256(as_bytes(text));
  return secret(bytes(hash.begin(), hash.end()));
}

template <class Effect>
const Effect& only(const std::vector<client::effect>& effects) {
  for (const auto& each : effects)
    if (const auto* found = std::get_if<Effect>(&each))
      return *found;
  throw std::runtime_error("a client did not say what was due");
}

void note(std::size_t& largest, const bytes& message) {
  largest = std::max(largest, message.size());
}

void fit_modulus(terms& rules) {
  rules.modulus_bits = modulus_bits_for(rules.clients_max, rules.weight_max, rules.streams);
  rules.lane_bits = lane_bits_for(rules.modulus_bits);
}

} // namespace

terms masked_rules(const flight_plan& plan) {
  terms made;
  made.job = "bench";
  made.round = {1};
  made.server_nonce.fill(std::byte{9});
  made.clients_min = 2;
  made.clients_max = std::max(clients_max, plan.client_count);
  made.fractions = {corrupt_thousandths, static_cast<std::uint16_t>(100 * plan.dropped_tenths)};
  made.model.fill(std::byte{3});
  made.streams.push_back({plan.length, -1.0, 1.0, 16});
  fit_modulus(made);
  return made;
}

terms rules_of(const flight_plan& plan) {
  auto made = masked_rules(plan);
  if (!plan.is_carried)
    return made;
  made.carried = {.set = sum_set::rk4096a, .weight_max = 1, .streams = std::move(made.streams)};
  made.streams = key_streams(made.carried->set);
  fit_modulus(made);
  return made;
}

flight::flight(flight_plan plan)
    : plan_(std::move(plan)), rules_(rules_of(plan_)), encoded_terms_(encode(rules_)),
      values_(plan_.length + plan_.client_count), sealed_(plan_.client_count),
      answers_(plan_.client_count), sent_(plan_.client_count), plain_sum_(1 + plan_.length) {
  if (masked_rules(plan_).lane_bits != 32)
    throw std::runtime_error("the sum does not have lanes of 32 bits");
  for (std::size_t i = 0; i < values_.size(); ++i)
    values_[i] = static_cast<float>(std::sin(static_cast<double>(i) * 0.7));
  for (std::uint32_t i = 0; i < plan_.client_count; ++i) {
    members_.push_back({fmt::format("edge-{}", i)});
    number_of_[members_.back()] = i;
    auto key = signing_key::from_seed(secret_of(fmt::format("identity {}", i)));
    if (!key)
      throw std::runtime_error(key.why().detail);
    identities_.push_back(std::make_shared<const signing_key>(*std::move(key)));
    clients_.push_back(must(client::machine::open(opening_of(i)), "a client"));
  }
  server_ = new_server();
  for (std::uint32_t i = 0; i < plan_.client_count; ++i) {
    note(largest_.advert, clients_[i].advert());
    give(server::advert_received{members_[i], clients_[i].advert(), true});
  }
  for (std::uint32_t i = 0; i < plan_.client_count; ++i)
    give(server::shares_received{members_[i], sealed_[i]});
  for (std::uint32_t i = 0; i < plan_.client_count; ++i)
    if (survives(i))
      give(sent_[i].value());
  give(server::bodies_closed{});
  for (std::uint32_t i = 0; i < plan_.client_count; ++i)
    if (survives(i))
      give(server::unmask_received{members_[i], answers_[i]});
}

server::machine flight::new_server() const {
  return must(server::machine::open({rules_, members_, plan_.rule}), "the server");
}

client::opening flight::opening_of(std::uint32_t number) const {
  return {.terms = encoded_terms_,
          .round = rules_.round,
          .model = rules_.model,
          .self = members_[number],
          .identity = identities_[number],
          .evidence = {},
          .seed = secret_of(fmt::format("seed {}", number)),
          .rule = plan_.rule};
}

client_values flight::values_of(std::uint32_t number) const {
  return {.weight = 1, .streams = {std::span(values_).subspan(number, plan_.length)}};
}

void flight::quantise_for(std::uint32_t number, const client::machine& machine,
                          std::span<std::uint32_t> entries) const {
  const auto& stream = value_streams(rules_).front();
  bytes rounding(rounding_bytes_each * stream.length);
  write_stream(rounding, machine.rounding_key().first<mask_key_bytes>(),
               {.suite = mask_suite::chacha20, .nonce = {}});
  const auto values = values_of(number);
  entries[0] = values.weight;
  (void)must(quantise(values.streams.front(), {stream.low, stream.high, stream.bits}, values.weight,
                      rounding, entries.subspan(1)),
             "the quantiser");
}

std::vector<client::effect> flight::tell(std::uint32_t number, client::input in) {
  auto effects = must(clients_[number].apply(in), "a client");
  if (number == 0)
    heard_by_first_.push_back(std::move(in));
  return effects;
}

void flight::give(server::input in) {
  const auto effects = must(server_->apply(in), "the server");
  inputs_.push_back(std::move(in));
  for (const auto& effect : effects)
    hear(effect);
}

void flight::hear(const server::effect& effect) {
  if (const auto* told = std::get_if<server::send_roster>(&effect)) {
    note(largest_.roster, told->content);
    std::vector<std::uint32_t> proven;
    for (const auto& near : must(decode_roster(told->content), "a client").neighbours)
      proven.push_back(near.index);
    degree_ = static_cast<std::uint32_t>(proven.size());
    const auto number = number_of_.at(told->client);
    sealed_[number] =
        only<client::send_shares>(tell(number, client::roster_told{told->content, proven})).content;
    note(largest_.sealed_shares, sealed_[number]);
  } else if (const auto* shares = std::get_if<server::deliver_shares>(&effect)) {
    note(largest_.delivered_shares, shares->content);
    const auto number = number_of_.at(shares->client);
    tell(number, client::shares_delivered{shares->content});
    if (survives(number))
      make_body(number);
  } else if (const auto* asked = std::get_if<server::ask_unmask>(&effect)) {
    note(largest_.request, asked->content);
    const auto number = number_of_.at(asked->client);
    answers_[number] =
        only<client::send_unmask_shares>(tell(number, client::unmask_asked{asked->content}))
            .content;
    note(largest_.answer, answers_[number]);
  } else if (const auto* abandoned = std::get_if<server::abandon>(&effect)) {
    throw std::runtime_error(abandoned->reason);
  }
}

void flight::make_body(std::uint32_t number) {
  std::vector<std::uint32_t> entries(plain_sum_.size());
  quantise_for(number, clients_[number], entries);
  std::ranges::transform(entries, plain_sum_, plain_sum_.begin(), std::plus());
  auto body = must(secure_sum::make_body(clients_[number], values_of(number)), "a client");
  const auto effects = tell(number, client::body_made{sha256(body)});
  const auto& sent = only<client::send_body>(effects);
  sent_[number] = server::body_arrived{members_[number], sent.body, sent.proof};
  ++survivor_count_;
  if (plan_.take_body)
    plan_.take_body(body);
  else
    bodies_.push_back(std::move(body));
}

} // namespace godwit::secure_sum
