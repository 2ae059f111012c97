// godwit privacy plan: how much noise does a budget ask for, and what do noisy rounds cost?
#include "privacy_plan.hpp"

#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <godwit/privacy/calibration.hpp>

#include "commands.hpp"

namespace godwit::cli {
namespace {

using namespace godwit::accounting;

failure wrong(std::string sentence) {
  return {failure_code::bad_config, false, std::move(sentence)};
}

attempt<sampling> sampling_of(const privacy_plan_command& asked) {
  const bool has_cohort = asked.population && asked.cohort;
  std::string kind = asked.sampling;
  if (kind.empty())
    kind = asked.rate || asked.cohort ? "poisson" : "none";
  if (kind == "none") {
    if (asked.rate || asked.cohort)
      return wrong("--sampling none takes everybody each round; leave --rate and --cohort out");
    return sampling(everyone{});
  }
  if (kind == "fixed") {
    if (!has_cohort)
      return wrong("--sampling fixed needs --population and --cohort");
    return sampling(fixed_size_sampling{*asked.cohort, *asked.population});
  }
  if (asked.rate)
    return sampling(poisson_sampling{*asked.rate});
  if (!has_cohort)
    return wrong("--sampling poisson needs --rate, or --population and --cohort");
  return sampling(poisson_sampling{static_cast<double>(*asked.cohort) /
                                   static_cast<double>(*asked.population)});
}

method method_of(const std::string& text) {
  for (const method each : {method::exact, method::pld, method::rdp})
    if (name(each) == text)
      return each;
  return method::tightest;
}

/// The event that was asked for; with noise of 1 where that is to be found, and one round where
/// those are.
attempt<privacy_event> event_of(const privacy_plan_command& asked) {
  privacy_event event;
  const double noise = asked.noise.value_or(1);
  if (asked.mechanism == "tree")
    event.mechanism = tree_aggregation{noise, asked.rounds.value_or(1)};
  else if (asked.mechanism == "laplace")
    event.mechanism = laplace{noise};
  else
    event.mechanism = gaussian{noise};
  if (asked.relation == "replace-one")
    event.neighbours = relation::replace_one;
  if (asked.mechanism != "tree")
    event.count = asked.rounds.value_or(1);
  const auto who = sampling_of(asked);
  if (!who)
    return who.why();
  event.sampling = *who;
  if (auto right = check(event); !right)
    return right.why();
  return event;
}

attempt<done> check_question(const privacy_plan_command& asked) {
  if (!asked.epsilon && !asked.noise)
    return wrong("give --epsilon to find the noise, --noise to find the epsilon, or both to find "
                 "the rounds");
  if (!asked.rounds && !(asked.epsilon && asked.noise))
    return wrong("--rounds is missing; it is only found where --epsilon and --noise are given");
  if (!asked.rounds && asked.mechanism == "tree")
    return wrong("a tree needs --rounds: its noise is laid out for so many");
  if (asked.population && *asked.population > 0 &&
      asked.delta * static_cast<double>(*asked.population) > 1)
    return wrong(fmt::format("delta is {:g}, above 1 / population = {:g}: publishing one client "
                             "whole would keep that promise; take a smaller --delta",
                             asked.delta, 1 / static_cast<double>(*asked.population)));
  return done{};
}

double noise_in(const mechanism& x) {
  if (const auto* tree = std::get_if<tree_aggregation>(&x))
    return tree->noise_multiplier;
  if (const auto* noise = std::get_if<laplace>(&x))
    return noise->scale;
  return std::get<gaussian>(x).noise_multiplier;
}

struct plan {
  privacy_event event;
  spent_epsilon spent;
  std::vector<release_cost> costs;
};

attempt<plan> plan_for(const privacy_plan_command& asked) {
  if (auto right = check_question(asked); !right)
    return right.why();
  auto event = event_of(asked);
  if (!event)
    return event.why();
  const method by = method_of(asked.accountant);
  const privacy_target target{asked.epsilon.value_or(1), asked.delta};
  if (!asked.noise) {
    event = with_least_noise(*event, target, by);
    if (!event)
      return event.why();
  } else if (!asked.rounds) {
    const auto rounds = releases_within(*event, target, by);
    if (!rounds)
      return rounds.why();
    if (*rounds == 0)
      return wrong(fmt::format("not one round fits: with noise {} a single one costs more than "
                               "epsilon {}",
                               *asked.noise, *asked.epsilon));
    event->count = *rounds;
  }
  auto spent = epsilon_of({{*event}}, asked.delta, by);
  if (!spent)
    return spent.why();
  auto costs = cost_by_count(*event, asked.delta, 10, spent->by);
  if (!costs)
    return costs.why();
  return plan{*event, *spent, *costs};
}

void print_json(const privacy_plan_command& asked, const plan& found) {
  nlohmann::ordered_json json{{"noise", noise_in(found.event.mechanism)},
                              {"epsilon", found.spent.epsilon},
                              {"delta", asked.delta},
                              {"releases", found.event.count},
                              {"accountant", name(found.spent.by)},
                              {"release", describe(found.event)}};
  for (const auto& cost : found.costs)
    json["epsilon_by_releases"].push_back({{"releases", cost.count}, {"epsilon", cost.epsilon}});
  fmt::print("{}\n", json.dump());
}

void print_text(const privacy_plan_command& asked, const plan& found) {
  fmt::print("noise       {:.6g} times the clip norm\n", noise_in(found.event.mechanism));
  fmt::print("epsilon     {:.6g} at delta {:g}, by the accountant \"{}\"\n", found.spent.epsilon,
             asked.delta, name(found.spent.by));
  fmt::print("release     {}\n", describe(found.event));
  if (found.costs.size() < 2)
    return;
  fmt::print("\n{:>12}  {:>10}\n", "rounds", "epsilon");
  for (const auto& cost : found.costs)
    fmt::print("{:>12}  {:>10.4f}\n", cost.count, cost.epsilon);
}

} // namespace

int run(const privacy_plan_command& command) {
  const auto found = plan_for(command);
  if (!found)
    return complain(found.why().detail, exit_usage);
  if (command.as_json)
    print_json(command, *found);
  else
    print_text(command, *found);
  return exit_done;
}

void add_privacy_plan(CLI::App& privacy, privacy_plan_command& command, int& status) {
  auto* sub = privacy.add_subcommand(
      "plan", "noise for an epsilon, epsilon for a noise, or the rounds that both allow");
  sub->add_option("--epsilon", command.epsilon, "the budget; with --rounds: gives the least noise");
  sub->add_option("--noise", command.noise,
                  "noise beside the clip norm, which is the most that one client contributes: "
                  "standard deviation (gaussian, tree) or scale (laplace)");
  sub->add_option("--rounds", command.rounds, "releases; left out with --epsilon and --noise");
  sub->add_option("--delta", command.delta, "the chance that is left; below 1 / population")
      ->required();
  sub->add_option("--population", command.population, "clients there are");
  sub->add_option("--cohort", command.cohort, "clients in a round, of --population");
  sub->add_option("--rate", command.rate, "the chance of a client to be in a round");
  sub->add_option(
         "--sampling", command.sampling,
         "who is in a round: each by its own chance (poisson), a random subset of one size "
         "(fixed), or whoever (none). Any other choice, like speed or data, is none")
      ->check(CLI::IsMember({"poisson", "fixed", "none"}));
  sub->add_option("--mechanism", command.mechanism, "which noise; tree: DP-FTRL, each client once")
      ->check(CLI::IsMember({"gaussian", "laplace", "tree"}))
      ->capture_default_str();
  sub->add_option(
         "--relation", command.relation,
         "what is hidden: whether a client is there, or which one it is (which costs more)")
      ->check(CLI::IsMember({"add-or-remove-one", "replace-one"}))
      ->capture_default_str();
  sub->add_option("--accountant", command.accountant, "who computes; see privacy/ACCOUNTING.md")
      ->check(CLI::IsMember({"tightest", "exact", "pld", "rdp"}))
      ->capture_default_str();
  sub->add_flag("--json", command.as_json, "one line of JSON");
  sub->footer(
      "A cohort of fixed size goes with --relation replace-one.\n"
      "Example: godwit privacy plan --epsilon 2 --delta 1e-6 --population 100000 --cohort 500 "
      "--rounds 1000\n"
      "         godwit privacy plan --noise 0.8 --delta 1e-6 --rate 0.005 --rounds 1000");
  sub->callback([&] { status = run(command); });
}

} // namespace godwit::cli
