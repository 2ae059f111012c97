// The script's format, and which of its lines holds now.
#include "scripted.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <fstream>
#include <iterator>
#include <locale>
#include <optional>
#include <sstream>
#include <string>

#include <godwit/messages/check.hpp>

namespace godwit {

namespace {

failure broken(std::size_t line_number, const std::string& what) {
  return {.code = failure_code::bad_config,
          .retry = false,
          .detail = "power script, line " + std::to_string(line_number) + ": " + what};
}

std::optional<double> number_of(const std::string& word, double least, double most) {
  std::istringstream in(word);
  in.imbue(std::locale::classic());
  double value = 0;
  if (!(in >> value) || in.peek() != std::istringstream::traits_type::eof())
    return std::nullopt;
  if (!(value >= least && value <= most))
    return std::nullopt;
  return value;
}

constexpr double seconds_max = 1e9;

/// Either the line, or what is wrong with its words.
value_or<scripted_power_source::line, std::string> line_of(const std::vector<std::string>& words) {
  if (words.size() != 4)
    return "expected 4 values (seconds battery charging temperature), found " +
           std::to_string(words.size());
  scripted_power_source::line line{};
  const auto seconds = number_of(words[0], 0, seconds_max);
  if (!seconds)
    return "seconds is \"" + words[0] + "\"; a number from 0 to 1e9 is accepted";
  line.since = duration{std::llround(*seconds * 1e9)};
  if (words[1] != "-") {
    const auto percent = number_of(words[1], 0, 100);
    if (!percent)
      return "battery is \"" + words[1] + "\"; 0 to 100 or - is accepted";
    line.reading.battery_percent = *percent;
  }
  if (words[2] != "-") {
    if (words[2] != "yes" && words[2] != "no")
      return "charging is \"" + words[2] + "\"; yes, no or - is accepted";
    line.reading.charging = words[2] == "yes" ? 1 : 0;
  }
  if (words[3] != "-") {
    const auto celsius = number_of(words[3], -60, 150);
    if (!celsius)
      return "temperature is \"" + words[3] + "\"; -60 to 150 or - is accepted";
    line.reading.temperature_celsius = std::max(0.0, *celsius);
  }
  return line;
}

} // namespace

attempt<std::vector<scripted_power_source::line>>
scripted_power_source::parse(std::string_view script) {
  std::vector<line> lines;
  std::istringstream in{std::string(script)};
  std::string text;
  for (std::size_t number = 1; std::getline(in, text); ++number) {
    std::istringstream words_in(text.substr(0, text.find('#')));
    const std::vector<std::string> words{std::istream_iterator<std::string>(words_in), {}};
    if (words.empty())
      continue;
    auto parsed = line_of(words);
    if (!parsed)
      return broken(number, parsed.why());
    if (lines.empty() && parsed->since != duration::zero())
      return broken(number, "the first reading's seconds must be 0");
    if (!lines.empty() && parsed->since <= lines.back().since)
      return broken(number, "seconds must be greater than in the reading before");
    lines.push_back(*parsed);
  }
  if (lines.empty())
    return failure{.code = failure_code::bad_config,
                   .retry = false,
                   .detail = "power script: there is no reading in it; at least one line such as "
                             "\"0 90 no 35\" is needed"};
  return lines;
}

attempt<std::unique_ptr<power_source>>
scripted_power_source::open(const std::filesystem::path& file, clock now) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream content;
  if (!in || !(content << in.rdbuf()))
    return failure{.code = failure_code::not_found,
                   .retry = false,
                   .detail = "cannot read the power script " + file.string() +
                             "; check power.script and that the file is not empty"};
  auto lines = parse(content.str());
  if (!lines) {
    failure why = lines.why();
    why.detail = file.string() + ": " + why.detail;
    return why;
  }
  return std::unique_ptr<power_source>(
      std::make_unique<scripted_power_source>(*std::move(lines), std::move(now)));
}

scripted_power_source::scripted_power_source(std::vector<line> lines, clock now)
    : lines_(std::move(lines)), now_(std::move(now)) {
  GODWIT_CHECK(!lines_.empty(), "a power script has at least one reading");
}

attempt<power_reading> scripted_power_source::read() {
  const instant now = now_();
  if (!started_) {
    started_ = true;
    start_ = now;
  }
  const auto later = std::ranges::upper_bound(lines_, now - start_, {}, &line::since);
  return later == lines_.begin() ? lines_.front().reading : std::prev(later)->reading;
}

} // namespace godwit
