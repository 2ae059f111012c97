// Who survived, and the one answer that a client gives.
#include <algorithm>
#include <iterator>
#include <utility>

#include <godwit/messages/check.hpp>
#include <godwit/privacy/canonical.hpp>
#include <godwit/privacy/shamir.hpp>

#include "client_steps.hpp"

namespace godwit::secure_sum::client {
namespace {

bool holds(const std::vector<std::uint32_t>& ascending, std::uint32_t x) {
  return std::binary_search(ascending.begin(), ascending.end(), x);
}

/// `alive` and `own`, ascending.
std::vector<std::uint32_t> with(std::vector<std::uint32_t> alive, std::uint32_t own) {
  alive.insert(std::lower_bound(alive.begin(), alive.end(), own), own);
  return alive;
}

/// Whether at least the threshold of different survivors signed what this client signed.
result<done> check_statements(const consistent& sworn, const unmask_request& request,
                              const advert& own) {
  const auto told = decode_survivors(sworn.survivors);
  GODWIT_CHECK(told.has_value(), "survivors were decoded before they were signed");
  if (request.survivor_count != told->indices.size() ||
      with(request.alive, sworn.index) != told->indices)
    return refusal::wrong_survivors;
  if (request.signatures.size() < sworn.threshold)
    return refusal::too_few;
  const auto statement = consistency_statement(hash_of_survivors(sworn.survivors));
  std::uint32_t held = 0;
  for (const auto& [client, proof] : request.signatures) {
    if (!holds(told->indices, client))
      return refusal::wrong_survivors;
    const auto& key = client == sworn.index ? own.identity : sworn.neighbours.at(client).identity;
    if (is_signed_by(key, statement, proof) && ++held == sworn.threshold)
      return done{};
  }
  return refusal::wrong_signature;
}

} // namespace

result<done> check_survivors(const masked& here, bytes_view content, std::uint32_t clients_min) {
  const auto told = decode_survivors(content);
  if (!told)
    return told.why();
  if (told->root != here.root)
    return refusal::wrong_roster;
  if (!holds(told->indices, here.index))
    return refusal::wrong_survivors;
  for (const auto client : told->indices)
    if (client != here.index && !here.shares.contains(client))
      return refusal::wrong_survivors;
  if (told->indices.size() < clients_min || told->indices.size() <= here.threshold)
    return refusal::too_few;
  return done{};
}

result<unmask_request> check_request(const masked& here, const consistent* sworn,
                                     bytes_view content, std::uint32_t clients_min,
                                     const advert& own) {
  auto request = decode_unmask_request(content);
  if (!request)
    return request.why();
  if (request->root != here.root)
    return refusal::wrong_roster;
  std::vector<std::uint32_t> all;
  std::merge(request->dropped.begin(), request->dropped.end(), request->alive.begin(),
             request->alive.end(), std::back_inserter(all));
  const auto is_of = [](std::uint32_t x, const auto& held) { return x == held.first; };
  if (!std::equal(all.begin(), all.end(), here.shares.begin(), here.shares.end(), is_of))
    return refusal::wrong_survivors; // one in both lists, one without a box, or one left out
  if (request->alive.size() < here.threshold || request->survivor_count < clients_min)
    return refusal::too_few;
  if (sworn) {
    if (auto checked = check_statements(*sworn, *request, own); !checked)
      return checked.why();
  } else if (!request->signatures.empty()) {
    return refusal::malformed;
  }
  return request;
}

bytes answer_to(const unmask_request& request, const std::map<std::uint32_t, secret>& shares) {
  canonical::writer out;
  out.reserve(request.root.size() + shares.size() * shamir::share_bytes);
  out.raw(request.root);
  for (const auto client : request.dropped)
    out.raw(shares.at(client).reveal().last(shamir::share_bytes));
  for (const auto client : request.alive)
    out.raw(shares.at(client).reveal().first(shamir::share_bytes));
  return out.take();
}

} // namespace godwit::secure_sum::client
