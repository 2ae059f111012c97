// Whether a file can be read at a sitting and a function seen at once (STYLE.md, Shape).
#include <algorithm>
#include <cctype>
#include <regex>

#include "tidy/checks.hpp"

namespace godwit::tidy {

namespace {

char next_visible(std::string_view code, std::size_t from) {
  const std::size_t at = code.find_first_not_of(" \t\r\n", from);
  return at == std::string_view::npos ? '\0' : code[at];
}

/// The position of the brace that closes the one at `open`.
std::size_t closing(std::string_view code, std::size_t open) {
  std::size_t depth = 0;
  for (std::size_t i = open; i < code.size(); ++i) {
    if (code[i] == '{')
      ++depth;
    else if (code[i] == '}' && --depth == 0)
      return i;
  }
  return code.size() - 1;
}

/// Takes `template <...>` away, whose parameters would look like a class.
std::string without_template(std::string header) {
  static const std::regex intro{R"(\btemplate\s*<)"};
  for (std::smatch found; std::regex_search(header, found, intro);) {
    const auto begin = static_cast<std::size_t>(found.position());
    std::size_t end = begin + static_cast<std::size_t>(found.length());
    for (std::size_t depth = 1; end < header.size() && depth > 0; ++end)
      depth += header[end] == '<' ? 1u : header[end] == '>' ? ~std::size_t{0} : 0u;
    header.erase(begin, end - begin);
  }
  return header;
}

/// Whether the brace after `header` opens a namespace or a type, so that functions stand inside.
bool opens_scope(const std::string& header) {
  static const std::regex first_word{
      R"(^\s*((public|private|protected)\s*:\s*)*((inline|static|constexpr|const|typedef)\s+)*)"
      R"((namespace|class|struct|union|enum|TEST_SUITE)\b)"};
  static const std::regex any_word{R"(\b(namespace|class|struct|union|enum|extern)\b)"};
  const std::string bare = without_template(header);
  return std::regex_search(bare, first_word) ||
         (bare.find('(') == std::string::npos && std::regex_search(bare, any_word));
}

bool opens_function(std::string_view header) {
  const std::size_t last = header.find_last_not_of(" \t\r\n");
  return header.find('(') != std::string_view::npos && header[last] != '=';
}

} // namespace

std::vector<function_span> functions_of(const source_file& file) {
  const std::string_view code = file.code;
  std::vector<function_span> out;
  std::size_t begin = 0; // of what may turn out to be a function's header
  int parens = 0;
  for (std::size_t i = 0; i < code.size(); ++i) {
    const char c = code[i];
    parens += c == '(' ? 1 : c == ')' ? -1 : 0;
    if ((c == ';' && parens == 0) || c == '}') {
      begin = i + 1;
    } else if (c == '{') {
      const std::string header(code.substr(begin, i - begin));
      if (parens == 0 && opens_scope(header)) {
        begin = i + 1;
        continue;
      }
      const std::size_t end = closing(code, i);
      const char next = next_visible(code, end + 1);
      i = end;
      if (parens > 0 || next == ',' || next == '{' || next == ')')
        continue; // an argument, or a member's initialiser: the header goes on
      const std::size_t visible = header.find_first_not_of(" \t\r\n");
      if (opens_function(header))
        out.push_back({line_at(code, begin + visible), line_at(code, end)});
      begin = end + 1;
    }
  }
  return out;
}

findings check_length(const tree& t) {
  findings out;
  for (const source_file& file : t.files) {
    if (!file.is_cpp() && !file.is_script())
      continue;
    const std::size_t lines = lines_of(file.text).size();
    if (lines > file_lines_max && opening_comment(file).find("length:") == std::string::npos)
      out.push_back({file.path, lines,
                     std::to_string(lines) + " lines, more than " + std::to_string(file_lines_max) +
                         ": split it, or say why not in the opening comment (length: ...)"});
    for (const function_span& span : functions_of(file))
      if (const std::size_t length = span.last_line - span.first_line + 1;
          length > function_lines_max)
        out.push_back({file.path, span.first_line,
                       "a function of " + std::to_string(length) + " lines, more than " +
                           std::to_string(function_lines_max) + ": cut out what can be named"});
  }
  return out;
}

} // namespace godwit::tidy
