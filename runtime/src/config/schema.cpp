// Questions that the table answers.
#include "config/schema.hpp"

#include <algorithm>
#include <cstddef>

#include "config/amount.hpp"
#include "config/duration.hpp"
#include "config/value.hpp"

namespace godwit::config {
namespace {

struct phrasing {
  std::string operator()(const integer& range) const {
    return "an integer from " + std::to_string(range.first) + " to " + std::to_string(range.last);
  }
  std::string operator()(const number& range) const {
    double low = range.low;
    double high = range.high;
    return "a number " + std::string(range.low_open ? "above " : "from ") + value_text(&low) +
           (range.low_open ? ", " : " ") + (range.high_open ? "to below " : "to ") +
           value_text(&high);
  }
  std::string operator()(const words& range) const {
    return "a text of " + std::to_string(range.length_min) + " to " +
           std::to_string(range.length_max) + " characters";
  }
  std::string operator()(const choice& from) const {
    std::string out = from.names.size() == 1 ? "" : "one of ";
    for (std::size_t i = 0; i < from.names.size(); ++i)
      out += (i == 0 ? "" : ", ") + std::string(from.names[i]);
    return out;
  }
  std::string operator()(const location& place) const {
    switch (place.expects) {
    case location::presence::file:
      return "the path of a readable file";
    case location::presence::folder:
      return "the path of a folder";
    case location::presence::data:
      return "the path of a folder (csv: or a file)";
    case location::presence::made_when_missing:
      break;
    }
    return "the path of a folder, made when missing";
  }
  std::string operator()(const time_span& range) const {
    return "a duration from " + print_duration(range.shortest) + " to " +
           print_duration(range.longest) + ", such as 60s or 2min";
  }
  std::string operator()(const amount& range) const {
    return "an amount from " + print_amount(range.least) + " to " + print_amount(range.most) +
           ", such as 256MB or 2GB";
  }
  std::string operator()(const endpoint& range) const {
    return "host:port, with a port from " + std::to_string(range.port_min) + " to 65535";
  }
};

bool is_under(std::string_view path, std::string_view section) {
  return section.empty() ||
         (path.size() > section.size() && path.starts_with(section) && path[section.size()] == '.');
}

} // namespace

std::string_view name(file_kind kind) noexcept {
  switch (kind) {
  case file_kind::server:
    return "server";
  case file_kind::edge:
    return "edge";
  case file_kind::trustee:
    return "trustee";
  case file_kind::simulation:
    break;
  }
  return "simulation";
}

const row* find_row(file_kind kind, std::string_view path) {
  const auto& all = rows(kind);
  const auto found =
      std::find_if(all.begin(), all.end(), [path](const row& each) { return each.path == path; });
  return found == all.end() ? nullptr : &*found;
}

bool is_section(file_kind kind, std::string_view path) {
  const auto& all = rows(kind);
  return std::any_of(all.begin(), all.end(),
                     [path](const row& each) { return is_under(each.path, path); });
}

std::string names_under(file_kind kind, std::string_view section) {
  std::vector<std::string_view> names;
  for (const auto& each : rows(kind)) {
    if (!is_under(each.path, section))
      continue;
    auto rest = each.path.substr(section.empty() ? 0 : section.size() + 1);
    rest = rest.substr(0, rest.find('.'));
    if (std::find(names.begin(), names.end(), rest) == names.end())
      names.push_back(rest);
  }
  std::string out;
  for (const auto& each : names)
    out += (out.empty() ? "" : ", ") + std::string(each);
  return out;
}

any_config defaults_of(file_kind kind) {
  switch (kind) {
  case file_kind::server:
    return server_config{};
  case file_kind::edge:
    return edge_config{};
  case file_kind::trustee:
    return trustee_config{};
  case file_kind::simulation:
    break;
  }
  return simulation_config{};
}

std::string phrase(const acceptance& what) {
  return std::visit(phrasing{}, what);
}

bool is_used(const row& key, file_kind kind, any_config& config) {
  if (!key.condition)
    return true;
  const auto* chosen_by = find_row(kind, key.condition->key);
  const auto chosen = value_text(chosen_by->sets(config));
  const auto& names = key.condition->names;
  return std::find(names.begin(), names.end(), chosen) != names.end();
}

} // namespace godwit::config
