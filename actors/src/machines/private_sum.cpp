#include <godwit/actors/machines/private_sum.hpp>

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include <godwit/messages/check.hpp>
#include <godwit/privacy/canonical.hpp>
#include <godwit/privacy/key_agreement.hpp>

namespace godwit {
namespace {

// What a key is for.
constexpr std::uint8_t for_the_sum = 0;
constexpr std::uint8_t for_the_votes = 1;
constexpr std::uint8_t for_trees = 2;

/// Votes are counted in so many steps each, so that their noise is as fine as that of the sum.
constexpr double steps_of_vote = 0x1p12;

adaptive_clipping_terms terms_of(const private_mean& rules) {
  return {.quantile = rules.adaptation->quantile,
          .rate = rules.adaptation->rate,
          .norm_first = rules.clip_norm,
          .client_count = static_cast<double>(rules.cohort),
          .count_deviation = count_deviation(rules)};
}

} // namespace

double count_deviation(const private_mean& rules) noexcept {
  return std::max(rules.cohort / 20., 1.5 * rules.noise_multiplier);
}

private_sum::private_sum(const private_mean& rules, noised_sum sum, std::optional<adapting> norm)
    : rules_(rules), sum_(std::move(sum)), adapting_(std::move(norm)) {}

attempt<private_sum> private_sum::begin(const private_mean& rules, std::size_t parameter_count) {
  const auto bad = [](std::string why) {
    return failure{.code = failure_code::bad_config, .detail = std::move(why)};
  };
  if (rules.tree_rounds && (*rules.tree_rounds < 1 || *rules.tree_rounds > tree_rounds_max))
    return bad("a tree must have 1 to " + std::to_string(tree_rounds_max) + " rounds");
  if (rules.tree_rounds && rules.adaptation)
    return bad("the norm stays the same for as long as noise is a tree's");
  std::optional<adapting> adapts;
  double multiplier = rules.noise_multiplier;
  if (rules.adaptation) {
    const auto updates = update_noise_multiplier(multiplier, count_deviation(rules));
    if (!updates)
      return updates.why();
    multiplier = *updates;
    auto norm = adaptive_clipping::begin(terms_of(rules));
    if (!norm)
      return norm.why();
    auto noise =
        noise_sampler::make(noise_kind::discrete_gaussian, norm->noise_scale() * steps_of_vote);
    if (!noise)
      return noise.why();
    adapts.emplace(adapting{std::move(*norm), std::move(*noise)});
  }
  auto sum = noised_sum::begin({.length = parameter_count,
                                .norm_max = rules.clip_norm,
                                .noise_multiplier = multiplier,
                                .client_count = static_cast<double>(rules.cohort)});
  if (!sum)
    return sum.why();
  return private_sum(rules, std::move(*sum), std::move(adapts));
}

result<done> private_sum::add(const client_id& client, bytes_view update) {
  if (update.size() != parameter_count() * sizeof(float))
    return refusal::wrong_shape;
  const auto place = std::ranges::lower_bound(clients_, client);
  if (place != clients_.end() && *place == client)
    return refusal::duplicate;
  std::vector<float> values(parameter_count());
  std::ranges::copy(update, std::as_writable_bytes(std::span(values)).begin());
  const auto added = sum_.add(values);
  if (!added)
    return added.why();
  clients_.insert(place, client);
  votes_ += clipping_vote(added->was_short);
  return done{};
}

/// HKDF-SHA-256 of the seed with "godwit/noise" || u8 purpose || u64 round || f64 noise_multiplier
/// || f64 clip_norm || u64 votes || SHA-256 of the sum's words: privacy/NOISE.md, section 10.
secret private_sum::noise_key(const secret& seed, std::uint8_t purpose, round_id round) const {
  const auto bound = canonical::writer()
                         .raw(as_bytes("godwit/noise"))
                         .u8(purpose)
                         .u64(round.value)
                         .f64(rules_.noise_multiplier)
                         .f64(rules_.clip_norm)
                         .u64(static_cast<std::uint64_t>(votes_))
                         .raw(sha256(std::as_bytes(words())))
                         .take();
  return hkdf_sha256(seed.reveal(), {}, bound, mask_key_bytes);
}

/// The noise on all that was released in the tree adds up to that of a prefix.
private_release private_sum::of_place(const secret& seed, const tree_place& at) const {
  const auto bound = canonical::writer()
                         .raw(as_bytes("godwit/noise"))
                         .u8(for_trees)
                         .f64(rules_.noise_multiplier)
                         .f64(rules_.clip_norm)
                         .take();
  const auto mean = sum_.release_in_tree(hkdf_sha256(seed.reveal(), {}, bound, mask_key_bytes), at);
  private_release made{
      .mean = {mean.begin(), mean.end()}, .clip_norm_next = rules_.clip_norm, .place = at};
  made.result = sha256(std::as_bytes(std::span(made.mean)));
  return made;
}

/// A step of a tree has its noise once. So another sum of the same round, as after a restored
/// backup, is the next step.
private_release private_sum::of_tree(const secret& seed, round_id round,
                                     const privacy_release* last) const {
  if (!last)
    return of_place(seed, place_behind({}, *rules_.tree_rounds));
  const bool goes_on = last->noise_multiplier == rules_.noise_multiplier;
  if (goes_on && last->round == round)
    if (auto again = of_place(seed, *last->place); again.result == last->result)
      return again;
  return of_place(seed, goes_on ? place_behind(last->place, *rules_.tree_rounds)
                                : tree_place{last->place->tree + 1, 0, *rules_.tree_rounds});
}

private_release private_sum::release(const secret& seed, round_id round,
                                     const privacy_release* last_in_tree) {
  auto made = rules_.tree_rounds ? of_tree(seed, round, last_in_tree) : of_round(seed, round);
  rules_.clip_norm = made.clip_norm_next;
  clear();
  return made;
}

private_release private_sum::of_round(const secret& seed, round_id round) {
  private_release made;
  sha256_stream leaving;
  made.clip_norm_next = rules_.clip_norm;
  if (adapting_) {
    const auto key = noise_key(seed, for_the_votes, round);
    std::array votes{static_cast<std::uint64_t>(votes_ * static_cast<std::int64_t>(steps_of_vote))};
    adapting_->noise.add_to(std::span(votes), mask_key(key.reveal().data(), mask_key_bytes));
    adapting_->norm.take(static_cast<double>(static_cast<std::int64_t>(votes[0])) / steps_of_vote);
    made.clip_norm_next = adapting_->norm.norm();
  }
  const auto key = noise_key(seed, for_the_sum, round);
  auto next = sum_.begin_next(made.clip_norm_next);
  const auto mean =
      std::exchange(sum_, std::move(next)).release(mask_key(key.reveal().data(), mask_key_bytes));
  made.mean.assign(mean.begin(), mean.end());
  leaving.add(std::as_bytes(std::span(made.mean)));
  if (adapting_)
    leaving.add(canonical::writer().f64(made.clip_norm_next).view());
  made.result = leaving.finish();
  return made;
}

void private_sum::clear() {
  sum_ = sum_.begin_next(rules_.clip_norm);
  clients_.clear();
  votes_ = 0;
}

} // namespace godwit
