// godwit privacy plan: which options it has.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <CLI/CLI.hpp>

namespace godwit::cli {

struct privacy_plan_command {
  std::optional<double> epsilon; ///< the budget
  std::optional<double> noise;   ///< given noise; none: the least that keeps the budget
  double delta = 0;
  std::optional<std::uint64_t> rounds;        ///< none: as many as the budget allows
  std::optional<std::uint64_t> population;    ///< clients there are
  std::optional<std::uint64_t> cohort;        ///< clients a round, on average where it is Poisson
  std::optional<double> rate;                 ///< instead of cohort / population
  std::string sampling;                       ///< poisson, fixed, none; empty: by what was given
  std::string mechanism = "gaussian";         ///< or laplace, tree
  std::string relation = "add-or-remove-one"; ///< or replace-one
  std::string accountant = "tightest";        ///< or exact, pld, rdp
  bool as_json = false;
};
int run(const privacy_plan_command&);

/// The subcommand `plan`, for `privacy` being `godwit privacy`; its callback sets `status`.
void add_privacy_plan(CLI::App& privacy, privacy_plan_command& command, int& status);

} // namespace godwit::cli
