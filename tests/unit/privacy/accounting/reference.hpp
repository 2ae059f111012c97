// Which published and independently computed values are the accountants held to?
#pragma once

#include <cmath>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <godwit/privacy/privacy_event.hpp>

#include "../vector_file.hpp"

namespace godwit::accounting {

struct reference_row {
  vector_record text;
  double noise = 0; ///< as the row states it
  double delta = 0;
  double epsilon = 0;
  privacy_event event;
  std::string name() const {
    return text.at("mechanism") + " q=" + text.at("q") + " noise=" + text.at("noise") +
           " steps=" + text.at("steps") + " " + text.at("kind");
  }
  bool same_setting(const reference_row& other) const {
    return event == other.event && delta == other.delta;
  }
};

/// "0.5", "sqrt(3)", "rho=0.5".
inline double number_in(const std::string& text) {
  if (text.starts_with("sqrt("))
    return std::sqrt(std::stod(text.substr(5)));
  const auto equals = text.find('=');
  return std::stod(equals == std::string::npos ? text : text.substr(equals + 1));
}

inline mechanism mechanism_of(const std::string& name, double noise) {
  if (name.ends_with("_laplace") && name.starts_with("discrete"))
    return discrete_laplace{1 / noise, 1};
  if (name.ends_with("laplace"))
    return laplace{noise};
  if (name == "discrete_gaussian")
    return discrete_gaussian{noise};
  if (name == "fixed_size_wor_gaussian") // the row's noise is beside what a replaced client changes
    return gaussian{2 * noise};
  if (name.starts_with("tree"))
    return tree_aggregation{noise, 1};
  if (name.starts_with("randomised_response_k"))
    return randomised_response{static_cast<std::uint32_t>(std::stoul(name.substr(21))), noise};
  if (name == "zcdp")
    return concentrated{noise};
  return gaussian{noise};
}

inline reference_row parsed(const vector_record& record) {
  const std::string& name = record.at("mechanism");
  reference_row row{record,
                    number_in(record.at("noise")),
                    std::stod(record.at("delta")),
                    std::stod(record.at("epsilon")),
                    {}};
  row.event.mechanism = mechanism_of(name, row.noise);
  row.event.count = std::stoull(record.at("steps"));
  if (auto* tree = std::get_if<tree_aggregation>(&row.event.mechanism))
    tree->step_count = std::exchange(row.event.count, 1);
  if (record.at("neighbouring") == "replace_one")
    row.event.neighbours = relation::replace_one;
  const std::string& q = record.at("q");
  if (const auto slash = q.find('/'); slash != std::string::npos)
    row.event.sampling = fixed_size_sampling{std::stoull(q), std::stoull(q.substr(slash + 1))};
  else if (name.starts_with("poisson"))
    row.event.sampling = poisson_sampling{std::stod(q)};
  return row;
}

/// The rows whose kind starts with `kind`, e.g. "pld_upper"; at least one.
inline std::vector<reference_row> reference_rows(std::string_view kind) {
  std::vector<reference_row> rows;
  for (const auto& record : read_vectors("accounting.vec"))
    if (record.at("kind").starts_with(kind))
      rows.push_back(parsed(record));
  REQUIRE_FALSE(rows.empty());
  return rows;
}

inline double relative_error(double found, double right) {
  return std::abs(found / right - 1);
}

} // namespace godwit::accounting
