#include <godwit/privacy/privacy_manager.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include <fmt/format.h>

#include <godwit/messages/check.hpp>
#include <godwit/privacy/concentrated_cost.hpp>
#include <godwit/privacy/entropy.hpp>
#include <godwit/privacy/gaussian_accountant.hpp>

namespace godwit {
namespace {

constexpr double noise_multiplier_min = 0x1p-15; // noised_sum's
constexpr double noise_multiplier_max = 256;
/// What the budget is left unspent, relatively, so that the rounding of a million terms of mu^2
/// does not make the last release one too many.
constexpr double headroom = 1e-9;
/// A manager does not ask whose vectors it is given, so each release counts for all.
constexpr std::string_view everybody = "everybody";

failure bad(std::string sentences) {
  return {.code = failure_code::bad_config, .retry = false, .detail = std::move(sentences)};
}

void append(std::string& sentences, const std::string& sentence) {
  sentences += (sentences.empty() ? "" : "; ") + sentence;
}

bool lies_in(double value, double low, double high) {
  return value >= low && value <= high; // no NaN does
}

/// What is wrong with a budget, each mistake in a sentence; empty: nothing.
std::string mistakes_in(const privacy_manager::config& x) {
  std::string said;
  if (!(x.epsilon > 0 && x.epsilon <= 1e6))
    append(said, fmt::format("epsilon is {:g}; a number above 0, up to 1e6, is accepted: of all "
                             "releases together",
                             x.epsilon));
  const bool has_count = x.client_count >= 1 && std::isfinite(x.client_count);
  if (!has_count)
    append(said, fmt::format("client_count is {:g}; a finite number of 1 or more is accepted: the "
                             "clients that are expected in a release",
                             x.client_count));
  if (!(x.delta >= 1e-100 && x.delta < 1))
    append(said, fmt::format("delta is {:g}; a number between 1e-100 and 1 is accepted: the chance "
                             "that is left, below 1 / client_count",
                             x.delta));
  else if (has_count && x.delta * x.client_count > 1)
    append(said,
           fmt::format("delta is {:g}, above 1 / client_count = {:g}: publishing one client whole "
                       "would keep that promise; take a smaller delta",
                       x.delta, 1 / x.client_count));
  if (!(x.clip_norm >= 0x1p-100 && std::isfinite(x.clip_norm)))
    append(said, fmt::format("clip_norm is {:g}; a finite number above 0 is accepted: without a "
                             "bound on what one client adds no noise is enough",
                             x.clip_norm));
  if (x.release_count && x.noise_multiplier)
    append(said, "release_count and noise_multiplier are both given; give one of them, the other "
                 "follows");
  if (x.release_count &&
      (*x.release_count < 1 || *x.release_count > privacy_manager::release_count_max))
    append(said, fmt::format("release_count is {}; 1 to {} are accepted", *x.release_count,
                             privacy_manager::release_count_max));
  if (x.noise_multiplier &&
      !lies_in(*x.noise_multiplier, noise_multiplier_min, noise_multiplier_max))
    append(said, fmt::format("noise_multiplier is {:g}; a number between 2^-15 and 256 is "
                             "accepted: deviation of the noise / clip_norm",
                             *x.noise_multiplier));
  return said;
}

/// Why a vector of `length` values is not added to a sum of vectors of `expected`.
failure refused(refusal why, std::size_t length, std::size_t expected) {
  if (why == refusal::wrong_shape)
    return bad(
        fmt::format("the vector has {} values, and those before it have {}", length, expected));
  if (why == refusal::full)
    return bad("the sum holds 2^32 vectors, as many as it can; release it");
  return bad("the vector holds NaN or infinity: clipping bounds neither; leave this client out");
}

/// Of a release, by what two neighbours differ in: mu^2 / 2.
accounting::concentrated_cost cost(const privacy_manager::config& rules, double noise_multiplier) {
  const double mu = accounting::contributions_between(rules.neighbours) / noise_multiplier;
  return {.rho = mu * mu / 2};
}

attempt<double> noise_for(const privacy_manager::config& rules) {
  if (rules.noise_multiplier) {
    const double epsilon = epsilon_of(cost(rules, *rules.noise_multiplier), rules.delta);
    if (epsilon <= rules.epsilon)
      return *rules.noise_multiplier;
    return bad(fmt::format("noise_multiplier is {:g}, and one release with it costs epsilon "
                           "{:.6g}, more than the whole budget of {:g}; take a larger "
                           "noise_multiplier",
                           *rules.noise_multiplier, epsilon, rules.epsilon));
  }
  const auto releases = rules.release_count.value_or(1);
  const double least = std::sqrt(static_cast<double>(releases)) *
                       accounting::contributions_between(rules.neighbours) /
                       accounting::gaussian_mu(rules.epsilon, rules.delta) * (1 + headroom);
  if (least > noise_multiplier_max)
    return bad(fmt::format(
        "{} releases within epsilon {:g} and delta {:g} take noise of {:.4g} times the clip norm "
        "each, and at most {:g} is accepted; take fewer releases, or a larger epsilon",
        releases, rules.epsilon, rules.delta, least, noise_multiplier_max));
  return std::max(least, noise_multiplier_min);
}

} // namespace

attempt<privacy_manager> privacy_manager::begin(const config& rules) {
  return begin(rules, std::optional<kept_ledger>{});
}

attempt<privacy_manager> privacy_manager::begin(const config& rules, kept_ledger kept) {
  return begin(rules, std::optional(std::move(kept)));
}

attempt<privacy_manager> privacy_manager::begin(const config& rules,
                                                std::optional<kept_ledger> kept) {
  if (auto said = mistakes_in(rules); !said.empty())
    return bad(std::move(said));
  const auto noise = noise_for(rules);
  if (!noise)
    return noise.why();
  return privacy_manager(rules, *noise, std::move(kept));
}

attempt<noised_sum> privacy_manager::empty_sum(std::size_t length) const {
  return noised_sum::begin({.length = length,
                            .norm_max = rules_.clip_norm,
                            .noise_multiplier = noise_multiplier_,
                            .client_count = rules_.client_count});
}

accounting::concentrated_cost privacy_manager::cost_with(std::uint64_t more) const {
  const auto one = cost(rules_, noise_multiplier_);
  const auto times = static_cast<double>(more + (kept_ ? 0 : count_));
  accounting::concentrated_cost most{};
  if (kept_)
    for (const auto& [client, spent] : kept_->ledger.spent())
      if (epsilon_of(spent, rules_.delta) > epsilon_of(most, rules_.delta))
        most = spent;
  return most + accounting::concentrated_cost{.rho = times * one.rho};
}

bool privacy_manager::has_room_for(std::uint64_t more) const {
  return epsilon_of(cost_with(more), rules_.delta) <= rules_.epsilon;
}

attempt<done> privacy_manager::check_budget() const {
  if (has_room_for(1))
    return done{};
  const auto now = privacy_spent();
  return bad(fmt::format(
      "the privacy budget is spent: {} releases have cost epsilon {:.6g} of {:g} at delta {:g}, "
      "and another one does not fit; nothing more may be released of these data. Go on with what "
      "was released, or with other clients' data and a ledger of their own",
      now.release_count, now.epsilon, rules_.epsilon, rules_.delta));
}

attempt<clip_finding> privacy_manager::add(std::span<const float> values) {
  if (sum_) {
    const auto found = sum_->add(values);
    return found ? attempt<clip_finding>(*found) : refused(found.why(), values.size(), length_);
  }
  auto begun = empty_sum(values.size());
  if (!begun)
    return begun.why();
  const auto found = begun->add(values);
  if (!found)
    return refused(found.why(), values.size(), values.size());
  sum_ = std::move(*begun);
  length_ = values.size();
  return *found;
}

std::size_t privacy_manager::length() const noexcept {
  if (leaving_)
    return leaving_->size();
  return sum_ ? length_ : 0;
}

std::vector<double> privacy_manager::noised(noised_sum sum) {
  const auto key = random_secret(mask_key_bytes);
  auto mean = std::move(sum).release(mask_key(key.reveal().data(), mask_key_bytes));
  if (!kept_) {
    ++count_;
    return mean;
  }
  // The noise beside what two neighbours differ by, which is what a ledger's line states.
  const double noise = noise_multiplier_ / accounting::contributions_between(rules_.neighbours);
  auto line = kept_->ledger.add({.round = {kept_->ledger.head().release_count + 1},
                                 .noise_multiplier = noise,
                                 .result = sha256(std::as_bytes(std::span(mean))),
                                 .clients = {{std::string(everybody)}}},
                                *kept_->signer);
  GODWIT_CHECK(line && !line->empty(), "a release that the ledger cannot say");
  unwritten_ = std::move(*line);
  return mean;
}

attempt<done> privacy_manager::make_durable() {
  if (unwritten_.empty())
    return done{};
  if (auto written = kept_->append(unwritten_); !written)
    return written;
  unwritten_.clear();
  return done{};
}

attempt<std::vector<double>> privacy_manager::release() {
  if (auto written = make_durable(); !written) // of the release before
    return written.why();
  if (!leaving_) {
    if (!sum_)
      return bad("nothing was added to the sum, so there is no mean to release; add each client's "
                 "vector first");
    if (auto fits = check_budget(); !fits)
      return fits.why();
    leaving_ = noised(std::move(*sum_));
    sum_.reset();
    if (auto written = make_durable(); !written)
      return written.why();
  }
  return *std::exchange(leaving_, std::nullopt);
}

attempt<done> privacy_manager::add_noise(std::span<float> gradient) {
  if (auto written = make_durable(); !written)
    return written;
  if (auto fits = check_budget(); !fits)
    return fits;
  auto sum = empty_sum(gradient.size());
  if (!sum)
    return sum.why();
  if (auto added = sum->add(gradient); !added)
    return refused(added.why(), gradient.size(), gradient.size());
  const auto made = noised(std::move(*sum));
  if (auto written = make_durable(); !written)
    return written;
  std::ranges::transform(made, gradient.begin(), [](double x) { return static_cast<float>(x); });
  return done{};
}

privacy_spending privacy_manager::privacy_spent() const {
  privacy_spending made{.delta = rules_.delta, .noise_multiplier = noise_multiplier_};
  made.epsilon = epsilon_of(cost_with(0), rules_.delta);
  made.epsilon_left = std::max(0.0, rules_.epsilon - made.epsilon);
  made.release_count = kept_ ? kept_->ledger.head().release_count : count_;
  std::uint64_t too_many = accounting::event_count_max;
  while (too_many - made.releases_left > 1) {
    const auto middle = made.releases_left + (too_many - made.releases_left) / 2;
    (has_room_for(middle) ? made.releases_left : too_many) = middle;
  }
  return made;
}

} // namespace godwit
