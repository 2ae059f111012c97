// How do runs of several configurations differ? A table, and a page with their curves on one plot.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <godwit/runtime/record.hpp>

namespace godwit {

/// The runs of one configuration, which differ in their seeds. Each has at least one round.
struct compared_case {
  std::string name;
  std::vector<std::vector<round_record>> runs; ///< at least one
};

/// A row a case, as Markdown: runs, rounds, accuracy at the end and at its best, epsilon, traffic.
/// Several runs are stated as their mean and, in brackets, the least and the most of them. Accuracy
/// is the central one, or where no round has one the federated one.
std::string comparison_table(const std::vector<compared_case>& cases);

/// One self-contained HTML page with that table, and the cases' accuracy, loss and epsilon by
/// round: the mean of a case's runs within the band from the least to the most. Equal input gives
/// equal bytes.
std::string html_comparison(std::string_view title, const std::vector<compared_case>& cases);

} // namespace godwit
