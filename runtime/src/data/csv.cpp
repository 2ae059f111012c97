// How is a table of float features and labels read from and written to CSV?
#include "data/csv.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <fstream>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace godwit {

namespace {

constexpr std::size_t column_count_max = 65'536;
constexpr std::uint32_t label_max = 255;

/// Splits a line at its commas; a field in double quotes may hold commas, and "" for a quote.
/// False: a quote is open.
bool split_fields(std::string_view line, std::vector<std::string>& fields) {
  fields.clear();
  fields.emplace_back();
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (c == '"' && quoted && i + 1 < line.size() && line[i + 1] == '"') {
      fields.back() += '"';
      ++i;
    } else if (c == '"') {
      quoted = !quoted;
    } else if (c == ',' && !quoted) {
      fields.emplace_back();
    } else {
      fields.back() += c;
    }
  }
  return !quoted;
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos)
    return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

template <class Number>
std::optional<Number> parsed(std::string_view text) {
  text = trimmed(text);
  if (text.starts_with('+'))
    text.remove_prefix(1);
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size())
    return std::nullopt;
  return number;
}

/// Reads one table, line by line.
class table_reader {
public:
  table_reader(std::filesystem::path file, const csv_columns& columns)
      : file_(std::move(file)), columns_(columns), in_(file_, std::ios::binary) {}

  attempt<bool> names_column(const std::string& column) {
    if (auto why = read_names())
      return *why;
    return index_of(column) < names_.size();
  }

  attempt<dataset> read() {
    if (auto why = read_head())
      return *why;
    while (next_line()) {
      if (auto why = read_row())
        return *why;
    }
    if (in_.bad())
      return failure{.code = failure_code::io, .detail = file_.string() + ": cannot be read"};
    if (data_.labels.empty())
      return broken("has no examples; expected a line for each behind the line of names");
    data_.class_count = 1U + *std::max_element(data_.labels.begin(), data_.labels.end());
    return std::move(data_);
  }

private:
  failure broken(const std::string& what) const {
    return {.code = failure_code::corrupt,
            .detail = file_.string() + ", line " + std::to_string(line_number_) + ": " + what};
  }

  bool next_line() {
    while (std::getline(in_, line_)) {
      ++line_number_;
      if (line_.ends_with('\r'))
        line_.pop_back();
      if (!trimmed(line_).empty())
        return true;
    }
    return false;
  }

  std::optional<failure> read_names() {
    if (!in_)
      return failure{.code = failure_code::not_found,
                     .detail = file_.string() + ": cannot be opened"};
    if (!next_line())
      return broken("is empty; expected a first line with the names of the columns");
    if (line_.starts_with("\xEF\xBB\xBF"))
      line_.erase(0, 3);
    if (!split_fields(line_, fields_))
      return broken("a double quote is not closed");
    if (fields_.size() > column_count_max)
      return broken("has " + std::to_string(fields_.size()) + " columns; at most " +
                    std::to_string(column_count_max) + " are read");
    for (std::size_t i = 0; i < fields_.size(); ++i) {
      names_.emplace_back(trimmed(fields_[i]));
      if (std::count(names_.begin(), names_.end(), names_.back()) > 1)
        return broken("has two columns named '" + names_.back() + "'");
    }
    return std::nullopt;
  }

  std::optional<failure> read_head() {
    if (auto why = read_names())
      return why;
    label_index_ = columns_.label.empty() ? names_.size() : index_of(columns_.label);
    if (!columns_.label.empty() && label_index_ == names_.size())
      return broken("has no column '" + columns_.label +
                    "' for the labels; set data.label_column to one that is there");
    key_index_ = columns_.key.empty() ? names_.size() : index_of(columns_.key);
    if (!columns_.key.empty() && key_index_ == names_.size())
      return broken("has no column '" + columns_.key +
                    "' for the keys; set data.key_column to one that is there");
    const auto special = (label_index_ < names_.size() ? 1U : 0U) +
                         (key_index_ < names_.size() && key_index_ != label_index_ ? 1U : 0U);
    if (names_.size() == special)
      return broken("has no columns for features");
    data_.shape = {static_cast<std::uint32_t>(names_.size() - special)};
    return std::nullopt;
  }

  std::size_t index_of(const std::string& name) const {
    return static_cast<std::size_t>(std::find(names_.begin(), names_.end(), name) - names_.begin());
  }

  std::optional<failure> read_row() {
    if (!split_fields(line_, fields_))
      return broken("a double quote is not closed");
    if (fields_.size() != names_.size())
      return broken("has " + std::to_string(fields_.size()) + " fields; expected " +
                    std::to_string(names_.size()) + " as in the first line");
    if (data_.labels.size() == std::numeric_limits<std::uint32_t>::max())
      return broken("has more rows than 32 bits count");
    for (std::size_t i = 0; i < fields_.size(); ++i) {
      if (i == label_index_ || i == key_index_)
        continue;
      const auto value = parsed<float>(fields_[i]);
      if (!value || !std::isfinite(*value))
        return broken("column '" + names_[i] + "' holds '" + fields_[i] +
                      "'; expected a finite number");
      data_.values.push_back(*value);
    }
    if (auto why = read_label())
      return why;
    if (key_index_ < names_.size())
      data_.keys.push_back(key_numbers_
                               .try_emplace(std::string(trimmed(fields_[key_index_])),
                                            static_cast<std::uint32_t>(key_numbers_.size()))
                               .first->second);
    return std::nullopt;
  }

  std::optional<failure> read_label() {
    if (label_index_ == names_.size()) {
      data_.labels.push_back(0);
      return std::nullopt;
    }
    const auto label = parsed<std::uint32_t>(fields_[label_index_]);
    if (!label || *label > label_max)
      return broken("column '" + names_[label_index_] + "' holds '" + fields_[label_index_] +
                    "'; expected a whole number from 0 to 255");
    data_.labels.push_back(static_cast<std::uint8_t>(*label));
    return std::nullopt;
  }

  std::filesystem::path file_;
  csv_columns columns_;
  std::ifstream in_;
  std::string line_;
  std::uint64_t line_number_ = 0;
  std::vector<std::string> fields_;
  std::vector<std::string> names_;
  std::size_t label_index_ = 0;
  std::size_t key_index_ = 0;
  std::map<std::string, std::uint32_t> key_numbers_;
  dataset data_;
};

} // namespace

attempt<dataset> read_csv(const std::filesystem::path& file, const csv_columns& columns) {
  return table_reader(file, columns).read();
}

attempt<bool> has_csv_column(const std::filesystem::path& file, const std::string& column) {
  return table_reader(file, {}).names_column(column);
}

attempt<done> write_csv(const examples& held, const std::filesystem::path& file) {
  const auto& data = *held.data;
  if (data.values.empty())
    return failure{.code = failure_code::unsupported,
                   .detail = "a CSV table holds float features; these examples are images of "
                             "bytes, which IDX files hold"};
  const auto width = data.feature_count();
  std::ofstream out(file, std::ios::binary | std::ios::trunc);
  for (std::size_t i = 0; i < width; ++i)
    out << 'x' << i << ',';
  out << "label\n";
  std::array<char, 32> text{};
  for (const auto row : held.rows) {
    for (std::size_t i = 0; i < width; ++i) {
      const auto end =
          std::to_chars(text.data(), text.data() + text.size(), data.values[row * width + i]).ptr;
      out.write(text.data(), end - text.data()).put(',');
    }
    out << static_cast<unsigned>(data.labels[row]) << '\n';
  }
  out.close();
  if (!out)
    return failure{.code = failure_code::io,
                   .detail = file.string() + ": cannot be written; check the folder's space and "
                                             "permissions"};
  return done{};
}

} // namespace godwit
