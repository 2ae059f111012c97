#include <godwit/actors/machines/selection.hpp>

#include <algorithm>
#include <cmath>
#include <string>

namespace godwit::selection {
namespace {

// SplitMix64 (Steele, Lea, Flood 2014): a bijective mixer, used here as a counter-based generator.
std::uint64_t mix(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

// FNV-1a (Fowler, Noll, Vo), so that a client's draw depends on its name and not on its place in
// the list.
std::uint64_t hash(std::string_view text) {
  std::uint64_t h = 0xcbf29ce484222325;
  for (char c : text)
    h = (h ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return h;
}

std::uint64_t draw_bits(std::uint64_t seed, round_id round, const client_id& client) {
  return mix(mix(mix(seed) ^ round.value) ^ hash(client.name));
}

/// Uniform in (0, 1), the same for the same seed, round and client.
double draw(std::uint64_t seed, round_id round, const client_id& client) {
  const auto bits = draw_bits(seed, round, client);
  return (static_cast<double>(bits >> 11) + 0.5) * 0x1p-53;
}

struct keyed {
  double key;
  client_id client;
};

} // namespace

attempt<rule> rule_of(std::string_view name) {
  if (name == "random")
    return rule::random;
  if (name == "by_size")
    return rule::by_size;
  return failure{.code = failure_code::bad_config,
                 .detail = "no selection is called \"" + std::string(name) +
                           "\"; there are random and by_size"};
}

std::size_t invited_count(std::uint32_t cohort, double over_selection) {
  return static_cast<std::size_t>(std::ceil(static_cast<double>(cohort) * over_selection - 1e-9));
}

cohort select(rule how, std::vector<membership::candidate> candidates, std::size_t count,
              std::uint64_t seed, round_id round) {
  std::vector<keyed> order;
  order.reserve(candidates.size());
  for (auto& x : candidates) {
    const double u = draw(seed, round, x.client);
    const auto size = static_cast<double>(std::max<std::uint64_t>(x.example_count, 1));
    order.push_back({how == rule::by_size ? std::log(u) / size : u, std::move(x.client)});
  }
  std::sort(order.begin(), order.end(), [](const keyed& a, const keyed& b) {
    return a.key != b.key ? a.key > b.key : a.client < b.client;
  });
  cohort chosen;
  for (std::size_t i = 0; i < order.size() && i < 2 * count; ++i)
    (i < count ? chosen.invited : chosen.reserve).push_back(std::move(order[i].client));
  return chosen;
}

std::uint64_t training_seed(std::uint64_t seed, round_id round, const client_id& client) {
  constexpr std::uint64_t purpose = 0x7472'6169'6e00'0000; // another stream than the selection's
  return mix(draw_bits(seed, round, client) ^ purpose);
}

} // namespace godwit::selection
