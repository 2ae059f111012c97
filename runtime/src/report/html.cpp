// How a run's own text gets into an HTML page without becoming part of the page.
#include "report/html.hpp"

#include <cstddef>

#include <godwit/messages/check.hpp>

#include "telemetry/plain_text.hpp"

namespace godwit {

std::string escape_html(std::string_view text) {
  std::string safe;
  safe.reserve(text.size());
  while (!text.empty()) {
    const auto length = utf8_length(text);
    const auto first = static_cast<unsigned char>(text[0]);
    const bool control =
        (first < 0x20 && first != '\n' && first != '\t') || first == 0x7F ||
        (length == 2 && first == 0xC2 && static_cast<unsigned char>(text[1]) < 0xA0);
    if (length == 0 || control)
      safe += "\xEF\xBF\xBD";
    else if (first == '&')
      safe += "&amp;";
    else if (first == '<')
      safe += "&lt;";
    else if (first == '>')
      safe += "&gt;";
    else if (first == '"')
      safe += "&quot;";
    else if (first == '\'')
      safe += "&#39;";
    else
      safe += text.substr(0, length);
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return safe;
}

std::string safe_in_script(std::string_view json) {
  std::string safe;
  safe.reserve(json.size());
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (c == '<')
      safe += "\\u003c";
    else if (c == '>')
      safe += "\\u003e";
    else if (c == '&')
      safe += "\\u0026";
    else if (json.substr(i, 3) == "\xE2\x80\xA8")
      safe += "\\u2028", i += 2;
    else if (json.substr(i, 3) == "\xE2\x80\xA9")
      safe += "\\u2029", i += 2;
    else
      safe += c;
  }
  return safe;
}

std::string fill(std::string_view page,
                 const std::map<std::string, std::string, std::less<>>& places) {
  std::string filled;
  std::size_t used = 0;
  for (;;) {
    const auto open = page.find("{{");
    filled += page.substr(0, open);
    if (open == std::string_view::npos)
      break;
    const auto close = page.find("}}", open);
    GODWIT_CHECK(close != std::string_view::npos, "a place in the page has no end");
    const auto content = places.find(page.substr(open + 2, close - open - 2));
    GODWIT_CHECK(content != places.end(), "a place in the page has no content");
    filled += content->second;
    ++used;
    page.remove_prefix(close + 2);
  }
  GODWIT_CHECK(used >= places.size(), "content for the page has no place in it");
  return filled;
}

} // namespace godwit
