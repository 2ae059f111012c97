// The search for the nearest key.
#include "config/nearest.hpp"

#include <algorithm>

#include "config/schema.hpp"

namespace godwit::config {
namespace {

constexpr std::size_t word_bytes_max = 64; ///< longer words are nobody's slip

std::string_view last_part(std::string_view path) {
  const auto point = path.rfind('.');
  return point == std::string_view::npos ? path : path.substr(point + 1);
}

/// The distance up to which a word counts as a slip of the pen.
std::size_t tolerance(std::string_view word) {
  return std::max<std::size_t>(1, word.size() / 3);
}

/// All paths of a kind: keys, and sections, which end where a key goes on with a point.
std::vector<std::string_view> all_paths(file_kind kind) {
  std::vector<std::string_view> out;
  for (const auto& each : rows(kind)) {
    for (auto point = each.path.find('.'); point != std::string_view::npos;
         point = each.path.find('.', point + 1))
      out.push_back(each.path.substr(0, point));
    out.push_back(each.path);
  }
  return out;
}

} // namespace

std::size_t edit_distance(std::string_view from, std::string_view to) {
  // Three rows of the table: two before the present one are needed for the swap of neighbours.
  std::vector<std::size_t> before_last(to.size() + 1);
  std::vector<std::size_t> last(to.size() + 1);
  std::vector<std::size_t> now(to.size() + 1);
  for (std::size_t j = 0; j <= to.size(); ++j)
    last[j] = j;
  for (std::size_t i = 1; i <= from.size(); ++i) {
    now[0] = i;
    for (std::size_t j = 1; j <= to.size(); ++j) {
      const std::size_t cost = from[i - 1] == to[j - 1] ? 0 : 1;
      now[j] = std::min({last[j] + 1, now[j - 1] + 1, last[j - 1] + cost});
      if (i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1])
        now[j] = std::min(now[j], before_last[j - 2] + 1);
    }
    before_last.swap(last);
    last.swap(now);
  }
  return last[to.size()];
}

std::string nearest_key(file_kind kind, std::string_view path) {
  if (path.size() > word_bytes_max)
    return {};
  const auto word = last_part(path);
  std::string_view best;
  std::size_t best_distance = path.size() + 1;
  const auto consider = [&](std::string_view candidate, std::size_t distance, std::size_t limit) {
    if (distance <= limit && distance < best_distance) {
      best = candidate;
      best_distance = distance;
    }
  };
  for (const auto candidate : all_paths(kind)) {
    consider(candidate, edit_distance(path, candidate), tolerance(word));
    // The right word, or nearly, in the wrong section.
    consider(candidate, 1 + edit_distance(word, last_part(candidate)), 1 + tolerance(word) / 2);
  }
  if (!best.empty())
    return "did you mean " + std::string(best) + "?";
  for (const auto other :
       {file_kind::server, file_kind::edge, file_kind::simulation, file_kind::trustee})
    if (find_row(other, path) != nullptr || is_section(other, path))
      return "a key of a file of kind " + std::string(name(other));
  return {};
}

std::string nearest_word(std::string_view word, const std::vector<std::string_view>& names) {
  if (word.size() > word_bytes_max)
    return {};
  std::string_view best;
  std::size_t best_distance = tolerance(word) + 1;
  for (const auto candidate : names) {
    if (const auto distance = edit_distance(word, candidate); distance < best_distance) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best.empty() ? std::string{} : "did you mean " + std::string(best) + "?";
}

} // namespace godwit::config
