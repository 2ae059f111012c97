#include <godwit/privacy/privacy_event.hpp>

#include <cmath>

#include <fmt/format.h>

#include "accounting/bad_input.hpp"

namespace godwit::accounting {
namespace {

constexpr double size_max = 1e12; ///< of norms, scales and multipliers: squares stay finite
constexpr double size_min = 1e-6; ///< less noise than that is none
constexpr std::uint32_t reach_max = 1U << 20;
constexpr std::uint64_t step_count_max = std::uint64_t{1} << 40;

bool is_size(double x) {
  return std::isfinite(x) && x >= size_min && x <= size_max;
}

attempt<done> size(std::string_view what, double found) {
  if (is_size(found))
    return done{};
  return bad_input(
      fmt::format("{} is {}; it has to lie between {} and {}", what, found, size_min, size_max));
}

attempt<done> norms(double l2, double l1) {
  if (auto right = size("the L2 norm of a contribution", l2); !right)
    return right;
  if (auto right = size("the L1 norm of a contribution", l1); !right)
    return right;
  if (l1 < l2)
    return bad_input(fmt::format("the L1 norm of a contribution is {}, which is below its L2 norm "
                                 "{}; no vector is like that",
                                 l1, l2));
  return done{};
}

attempt<done> fits(const gaussian& x) {
  return size("the noise multiplier", x.noise_multiplier);
}
attempt<done> fits(const laplace& x) {
  return size("the scale of the Laplace noise", x.scale);
}

attempt<done> fits(const discrete_gaussian& x) {
  if (x.dimension == 0 || x.client_count == 0)
    return bad_input(fmt::format("discrete Gaussian noise has dimension {} and {} clients; there "
                                 "is at least one of each",
                                 x.dimension, x.client_count));
  if (auto right = norms(x.l2_norm, x.l1_norm); !right)
    return right;
  return size("sigma of the discrete Gaussian noise", x.sigma);
}

attempt<done> fits(const discrete_laplace& x) {
  if (x.reach == 0 || x.reach > reach_max)
    return bad_input(
        fmt::format("a contribution reaches {} steps of the grid; it has to be between 1 and {}",
                    x.reach, reach_max));
  return size("the scale of the discrete Laplace noise", x.scale);
}

attempt<done> fits(const skellam& x) {
  if (auto right = norms(x.l2_norm, x.l1_norm); !right)
    return right;
  if (x.variance > 0 && is_size(std::sqrt(x.variance)))
    return done{};
  return bad_input(fmt::format("the variance of the Skellam noise is {}; it has to lie between {} "
                               "and {}",
                               x.variance, size_min * size_min, size_max * size_max));
}

attempt<done> fits(const randomised_response& x) {
  if (x.category_count < 2)
    return bad_input(fmt::format("randomised response has {} categories; there are at least 2",
                                 x.category_count));
  if (std::isfinite(x.noise) && x.noise >= 1e-12 && x.noise <= 1)
    return done{};
  return bad_input(fmt::format("the noise of randomised response is {}; it is the probability of "
                               "an answer by chance, between 1e-12 and 1",
                               x.noise));
}

attempt<done> fits(const tree_aggregation& x) {
  if (x.step_count == 0 || x.step_count > step_count_max)
    return bad_input(fmt::format("a tree has {} steps; it has to be between 1 and {}", x.step_count,
                                 step_count_max));
  if (x.participation_count == 0 || x.participation_count > x.step_count)
    return bad_input(fmt::format("a client takes part {} times in a tree of {} steps; it has to be "
                                 "between 1 and the number of steps",
                                 x.participation_count, x.step_count));
  if (x.separation == 0)
    return bad_input("contributions of a client lie 0 steps apart; the least is 1");
  return size("the noise multiplier", x.noise_multiplier);
}

attempt<done> fits(const concentrated& x) {
  if (std::isfinite(x.rho) && x.rho >= 0 && x.rho <= size_max)
    return done{};
  return bad_input(fmt::format("rho is {}; it has to lie between 0 and {}", x.rho, size_max));
}

attempt<done> fits(const everyone&) {
  return done{};
}
attempt<done> fits(const chosen&) {
  return done{};
}

attempt<done> fits(const poisson_sampling& x) {
  if (std::isfinite(x.rate) && x.rate >= 1e-12 && x.rate <= 1)
    return done{};
  return bad_input(
      fmt::format("the sampling rate is {}; it has to lie between 1e-12 and 1", x.rate));
}

attempt<done> fits(const fixed_size_sampling& x) {
  if (x.sample_size > 0 && x.sample_size <= x.population_size)
    return done{};
  return bad_input(fmt::format("a sample of {} is drawn from a population of {}; it has to be "
                               "between 1 and the population",
                               x.sample_size, x.population_size));
}

/// How much does sampling speak for `x`? Mechanisms whose proof knows no sampling have none.
bool is_sampled(const sampling& x) {
  return std::holds_alternative<poisson_sampling>(x) ||
         std::holds_alternative<fixed_size_sampling>(x);
}

attempt<done> go_together(const privacy_event& event) {
  const bool is_own_answer = std::holds_alternative<randomised_response>(event.mechanism);
  if (is_own_answer && event.neighbours != relation::replace_one)
    return bad_input("randomised response hides which answer a client would have given, not "
                     "whether there is one: its relation is replace_one");
  if (is_sampled(event.sampling) &&
      (is_own_answer || std::holds_alternative<tree_aggregation>(event.mechanism) ||
       std::holds_alternative<concentrated>(event.mechanism)))
    return bad_input("sampling was stated for a mechanism that gains nothing by it here "
                     "(randomised response, trees and rho-zCDP take everybody)");
  if (std::holds_alternative<fixed_size_sampling>(event.sampling) &&
      event.neighbours != relation::replace_one)
    return bad_input("a sample of fixed size is accounted for replace_one only: with one client "
                     "more, everybody else's chances change");
  return done{};
}

} // namespace

attempt<done> check(const privacy_event& event) {
  if (event.count == 0 || event.count > event_count_max)
    return bad_input(fmt::format("{} releases were stated; it has to be between 1 and {}",
                                 event.count, event_count_max));
  if (auto right = std::visit([](const auto& x) { return fits(x); }, event.mechanism); !right)
    return right;
  if (auto right = std::visit([](const auto& x) { return fits(x); }, event.sampling); !right)
    return right;
  return go_together(event);
}

namespace {

std::string noise_of(const gaussian& x) {
  return fmt::format("Gaussian noise of {:.6g} times the clip norm", x.noise_multiplier);
}
std::string noise_of(const laplace& x) {
  return fmt::format("Laplace noise of scale {:.6g} times the clip norm", x.scale);
}
std::string noise_of(const discrete_gaussian& x) {
  return fmt::format("discrete Gaussian noise of sigma {} from each of {}, for contributions of L2 "
                     "norm {}",
                     x.sigma, x.client_count, x.l2_norm);
}
std::string noise_of(const discrete_laplace& x) {
  return fmt::format("discrete Laplace noise of scale {}, for contributions of {}", x.scale,
                     x.reach);
}
std::string noise_of(const skellam& x) {
  return fmt::format("Skellam noise of variance {}, for contributions of L2 norm {}", x.variance,
                     x.l2_norm);
}
std::string noise_of(const randomised_response& x) {
  return fmt::format("randomised response over {} categories, {} of it by chance", x.category_count,
                     x.noise);
}
std::string noise_of(const tree_aggregation& x) {
  return fmt::format(
      "a tree of {} steps with Gaussian noise of {:.6g} times the clip norm, each client "
      "in it at most {} times",
      x.step_count, x.noise_multiplier, x.participation_count);
}
std::string noise_of(const concentrated& x) {
  return fmt::format("{}-zCDP", x.rho);
}

std::string who(const everyone&) {
  return "everybody takes part";
}
std::string who(const poisson_sampling& x) {
  return fmt::format("each client is in with probability {}, by itself", x.rate);
}
std::string who(const fixed_size_sampling& x) {
  return fmt::format("{} clients of {} are drawn", x.sample_size, x.population_size);
}
std::string who(const chosen& x) {
  return fmt::format("{} chooses who takes part, which is not chance: no amplification by sampling",
                     x.selector.empty() ? "something" : x.selector);
}

} // namespace

std::string describe(const privacy_event& event) {
  const auto text = [](const auto& of, auto say) { return std::visit(say, of); };
  return fmt::format("{} x {}; {}; one client {}", event.count,
                     text(event.mechanism, [](const auto& x) { return noise_of(x); }),
                     text(event.sampling, [](const auto& x) { return who(x); }),
                     event.neighbours == relation::replace_one ? "replaced by another"
                                                               : "there or not");
}

} // namespace godwit::accounting
