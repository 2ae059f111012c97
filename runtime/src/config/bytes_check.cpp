// The checks of bytes.
#include "config/bytes_check.hpp"

#include <algorithm>
#include <cstddef>

#include "config/load.hpp"

namespace godwit::config {
namespace {

unsigned at(std::string_view text, std::size_t i) {
  return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
}

bool is_between(unsigned byte, unsigned low, unsigned high) {
  return byte >= low && byte <= high;
}

/// The length of the well-formed character that starts at i (RFC 3629, section 4); 0: there is
/// none.
std::size_t character_length(std::string_view text, std::size_t i) {
  const unsigned first = at(text, i);
  const unsigned second = at(text, i + 1);
  const auto follows = [&](std::size_t k) { return is_between(at(text, i + k), 0x80, 0xBF); };
  if (first < 0x80)
    return 1;
  if (is_between(first, 0xC2, 0xDF))
    return follows(1) ? 2 : 0;
  if (is_between(first, 0xE0, 0xEF)) {
    const unsigned low = first == 0xE0 ? 0xA0 : 0x80;
    const unsigned high = first == 0xED ? 0x9F : 0xBF; // no surrogates
    return is_between(second, low, high) && follows(2) ? 3 : 0;
  }
  if (is_between(first, 0xF0, 0xF4)) {
    const unsigned low = first == 0xF0 ? 0x90 : 0x80;
    const unsigned high = first == 0xF4 ? 0x8F : 0xBF;
    return is_between(second, low, high) && follows(2) && follows(3) ? 4 : 0;
  }
  return 0;
}

std::string byte_name(char byte) {
  constexpr const char* digits = "0123456789abcdef";
  const auto value = static_cast<unsigned char>(byte);
  return std::string("the byte 0x") + digits[value >> 4U] + digits[value & 0xFU];
}

/// The first byte that no text has, or text.size().
std::size_t find_foreign(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const bool is_control =
        (byte < 0x20 && byte != '\n' && byte != '\r' && byte != '\t') || byte == 0x7F;
    const auto length = is_control ? 0 : character_length(text, i);
    if (length == 0)
      return i;
    i += length;
  }
  return text.size();
}

} // namespace

std::vector<problem> check_bytes(std::string_view text, const std::string& file) {
  if (text.size() > file_bytes_max)
    return {{file, 0, "", "more than " + std::to_string(file_bytes_max) + " bytes",
             "a file of at most " + std::to_string(file_bytes_max) + " bytes",
             "is this a configuration?"}};
  if (const auto foreign = find_foreign(text); foreign != text.size()) {
    const auto line =
        1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(foreign), '\n');
    return {{file, static_cast<int>(line), "", byte_name(text[foreign]), "text in UTF-8",
             "is this a configuration?"}};
  }
  std::vector<problem> out;
  int line = 0;
  while (!text.empty() && out.size() <= problem_count_max) {
    ++line;
    const auto end = std::min(text.find('\n'), text.size());
    const auto here = text.substr(0, end); // a search in the whole rest would be quadratic
    const auto content = here.find_first_not_of(" \t\r");
    if (content != std::string_view::npos && here[content] != '#' && here.find('\t') < content)
      out.push_back(
          {file, line, "", "a tab in the indentation", "spaces", "YAML indents with spaces only"});
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

} // namespace godwit::config
