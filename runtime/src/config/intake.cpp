// How values are taken and problems kept.
#include "config/intake.hpp"

#include <algorithm>
#include <fstream>
#include <system_error>
#include <tuple>
#include <utility>

#include "config/nearest.hpp"
#include "config/value.hpp"

namespace godwit::config {
namespace {

std::string_view parent_of(std::string_view path) {
  const auto point = path.rfind('.');
  return point == std::string_view::npos ? std::string_view{} : path.substr(0, point);
}

bool is_below(std::string_view path, std::string_view section) {
  return path.size() > section.size() && path.starts_with(section) && path[section.size()] == '.';
}

std::filesystem::path absolute_folder(const std::filesystem::path& file) {
  std::error_code error;
  const auto whole = std::filesystem::absolute(file, error);
  return error ? std::filesystem::path{} : whole.parent_path();
}

std::string shape_text(const entry& what) {
  switch (what.holds) {
  case entry::shape::scalar:
    return shown(what.value);
  case entry::shape::nothing:
    return "nothing";
  case entry::shape::list:
    return "a list";
  case entry::shape::section:
    break;
  }
  return "a section";
}

std::string joined(const std::vector<std::string_view>& names) {
  std::string out;
  for (const auto name : names)
    out += (out.empty() ? "" : " or ") + std::string(name);
  return out;
}

std::string hint_for(const row& key, const entry& what) {
  if (what.holds != entry::shape::scalar)
    return {};
  if (const auto* from = std::get_if<choice>(&key.accepts))
    return nearest_word(what.value, from->names);
  return advice(key.accepts, what.value);
}

/// What is wrong with a path that must lead somewhere; empty: nothing.
std::string missing_text(location::presence expected, const std::filesystem::path& path) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (!std::filesystem::exists(status))
    return "which is not there";
  const bool is_folder = std::filesystem::is_directory(status);
  if (expected == location::presence::folder && !is_folder)
    return "which is no folder";
  if (expected == location::presence::file && is_folder)
    return "which is a folder";
  if (expected == location::presence::file && !std::ifstream(path).is_open())
    return "which cannot be read";
  return {};
}

} // namespace

intake::intake(file_kind kind, const std::filesystem::path& file)
    : kind_(kind), file_(file.string()), folder_(absolute_folder(file)),
      config_(defaults_of(kind)) {}

void intake::take(const document& read) {
  problems_.insert(problems_.end(), read.problems.begin(), read.problems.end());
  if (!read.problems.empty())
    return;            // in a text that breaks off, a value may be the rest of another
  std::string skipped; // the section that was refused: its keys are not looked at
  for (const auto& each : read.entries) {
    if (!skipped.empty() && is_below(each.path, skipped))
      continue;
    skipped.clear();
    const origin here{false, each.line};
    if (each.has_point) {
      refuse_unknown(each, here);
      skipped = each.path;
      continue;
    }
    const auto [first, is_new] = first_lines_.try_emplace(each.path, each.line);
    if (!is_new) {
      note(each.path, here, "the key a second time", "each key once",
           "the first one is in line " + std::to_string(first->second));
      skipped = each.path;
      continue;
    }
    const auto before = problems_.size();
    take_value(each, here);
    if (problems_.size() != before)
      skipped = each.path;
  }
}

void intake::take_override(const std::string& assignment) {
  const origin here{true, 0};
  const auto equals = assignment.find('=');
  if (equals == std::string::npos || equals == 0) {
    note("", here, shown(assignment), "key=value", "such as --set job.rounds=5");
    return;
  }
  entry what;
  what.path = assignment.substr(0, equals);
  what.holds = entry::shape::scalar;
  what.value = assignment.substr(equals + 1);
  take_value(what, here);
}

void intake::take_value(const entry& what, origin from) {
  const auto* key = find_row(kind_, what.path);
  if (key == nullptr) {
    if (!is_section(kind_, what.path))
      refuse_unknown(what, from);
    else if (what.holds == entry::shape::scalar || what.holds == entry::shape::list)
      note(what.path, from, shape_text(what),
           "a section with the keys " + names_under(kind_, what.path), "");
    return;
  }
  if (what.holds != entry::shape::scalar ||
      !set_value(key->accepts, what.value, key->sets(config_))) {
    note(what.path, from, shape_text(what), phrase(key->accepts), hint_for(*key, what));
    return;
  }
  origins_.insert_or_assign(what.path, from);
  if (auto target = key->sets(config_); auto** path = std::get_if<std::filesystem::path*>(&target))
    if (!(*path)->empty() && !from.on_command_line)
      **path = (folder_ / **path).lexically_normal();
}

void intake::refuse_unknown(const entry& what, origin from) {
  auto section = parent_of(what.path);
  while (!section.empty() && !is_section(kind_, section))
    section = parent_of(section);
  std::string hint = nearest_key(kind_, what.path);
  if (what.has_point && find_row(kind_, what.path) != nullptr)
    hint = "sections are written as indented lines, not with points";
  note(what.path, from, "an unknown key", names_under(kind_, section), std::move(hint));
}

void intake::complete() {
  for (const auto& key : rows(kind_)) {
    const bool is_given = is_set(key.path);
    if (key.required && !is_given && is_sound({key.path, parent_of(key.path)}))
      note(std::string(key.path), {false, line_of_section(key.path)}, "nothing",
           phrase(key.accepts), "there is no default");
    if (is_given && key.condition && is_sound({key.path, key.condition->key}) &&
        !is_used(key, kind_, config_))
      refuse_unused(key);
    auto target = key.sets(config_);
    if (auto** path = std::get_if<std::filesystem::path*>(&target); path != nullptr) {
      std::error_code error;
      if (auto whole = std::filesystem::absolute(**path, error); !(*path)->empty() && !error)
        **path = whole.lexically_normal();
    }
  }
}

/// A key that nobody would read is a mistake, unless the file said otherwise before the command
/// line spoke.
void intake::refuse_unused(const row& key) {
  const auto chosen_by = origins_.find(key.condition->key);
  if (chosen_by != origins_.end() && chosen_by->second.on_command_line)
    return;
  const auto* choosing = find_row(kind_, key.condition->key);
  refuse(key.path, key.condition->key,
         "this key only where " + std::string(key.condition->key) + " is " +
             joined(key.condition->names),
         "it is " + value_text(choosing->sets(config_)));
}

void intake::check_files() {
  for (const auto& key : rows(kind_)) {
    const auto* place = std::get_if<location>(&key.accepts);
    if (place == nullptr || place->expects == location::presence::made_when_missing ||
        !is_sound({key.path}) || !is_used(key, kind_, config_))
      continue;
    const std::filesystem::path path = value_text(key.sets(config_));
    if (path.empty())
      continue;
    if (const auto missing = missing_text(place->expects, path); !missing.empty()) {
      refuse(key.path, {}, phrase(key.accepts));
      problems_.back().found += ", " + missing;
    }
  }
}

bool intake::is_sound(std::initializer_list<std::string_view> keys) const {
  return std::none_of(keys.begin(), keys.end(),
                      [this](std::string_view key) { return spoiled_.contains(key); });
}

bool intake::is_set(std::string_view key) const {
  return origins_.contains(key);
}

void intake::refuse(std::string_view key, std::string_view related, std::string accepted,
                    std::string hint) {
  origin where{};
  if (const auto own = origins_.find(key); own != origins_.end())
    where = own->second;
  else if (const auto other = origins_.find(related); other != origins_.end())
    where = other->second;
  note(std::string(key), where, shown_value(key), std::move(accepted), std::move(hint));
}

void intake::note(const std::string& key, origin from, std::string found, std::string accepted,
                  std::string hint) {
  spoiled_.insert(key);
  problems_.push_back({from.on_command_line ? command_line : file_, from.line, key,
                       std::move(found), std::move(accepted), std::move(hint)});
}

int intake::line_of_section(std::string_view key) const {
  for (auto section = parent_of(key); !section.empty(); section = parent_of(section))
    if (const auto found = first_lines_.find(section); found != first_lines_.end())
      return found->second;
  return 0;
}

std::string intake::shown_value(std::string_view key) {
  const auto* found = find_row(kind_, key);
  const auto value = value_text(found->sets(config_));
  if (is_set(key))
    return shown(value);
  return value.empty() ? "nothing" : shown(value) + ", the default";
}

std::vector<problem> intake::problems() const {
  auto out = problems_;
  std::stable_sort(out.begin(), out.end(), [](const problem& a, const problem& b) {
    return std::make_tuple(a.file == command_line, a.line) <
           std::make_tuple(b.file == command_line, b.line);
  });
  if (out.size() > problem_count_max) {
    const auto hidden = out.size() - problem_count_max;
    out.resize(problem_count_max);
    out.push_back({file_, 0, "", std::to_string(hidden) + " more problems",
                   "a file without problems", "repair these first"});
  }
  return out;
}

} // namespace godwit::config
