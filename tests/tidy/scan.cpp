// What of a C++ file is code: comments, literals and preprocessor lines are blanked out, includes
// are listed.
#include <cctype>

#include "tidy/tree.hpp"

namespace godwit::tidy {

namespace {

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

class scanner {
public:
  explicit scanner(source_file& file) : file_(file), in_(file.text), out_(file.text) {}

  void run() {
    while (at_ < in_.size())
      step();
    file_.code = std::move(out_);
  }

private:
  void step() {
    const char c = in_[at_];
    if (here("//"))
      blank(end_of_line());
    else if (here("/*"))
      blank(after("*/", at_ + 2));
    else if (c == '"')
      blank(is_raw() ? end_of_raw() : end_of_quoted('"'));
    else if (c == '\'' && !(at_ > 0 && is_word(in_[at_ - 1]) && !is_prefix()))
      blank(end_of_quoted('\''));
    else if (c == '#' && starts_line())
      directive();
    else
      ++at_;
  }

  bool here(std::string_view what) const { return in_.substr(at_).starts_with(what); }

  /// The position behind the next `what`, or the end of the text.
  std::size_t after(std::string_view what, std::size_t from) const {
    const std::size_t found = in_.find(what, from);
    return found == std::string_view::npos ? in_.size() : found + what.size();
  }

  /// The end of this line; a backslash at its end continues it.
  std::size_t end_of_line() const {
    std::size_t end = at_;
    while (end < in_.size() && !(in_[end] == '\n' && (end == 0 || in_[end - 1] != '\\')))
      ++end;
    return end;
  }

  std::size_t end_of_quoted(char quote) const {
    std::size_t end = at_ + 1;
    while (end < in_.size() && in_[end] != quote && in_[end] != '\n')
      end += in_[end] == '\\' ? 2u : 1u;
    return std::min(end + 1, in_.size());
  }

  bool is_raw() const { return at_ > 0 && in_[at_ - 1] == 'R'; }

  std::size_t end_of_raw() const {
    const std::size_t open = std::min(in_.find('(', at_), in_.size() - 1);
    const std::string close = ")" + std::string(in_.substr(at_ + 1, open - at_ - 1)) + "\"";
    return after(close, open);
  }

  /// Whether the letter before a quote is a literal's prefix (u'x') and not a digit (1'000).
  bool is_prefix() const {
    std::size_t from = at_;
    while (from > 0 && is_word(in_[from - 1]))
      --from;
    const auto word = std::string_view(in_).substr(from, at_ - from);
    return word == "u" || word == "U" || word == "L" || word == "u8"; // 8'000 is a number
  }

  bool starts_line() const {
    const std::size_t begin = at_ == 0 ? 0 : in_.rfind('\n', at_ - 1) + 1;
    return in_.substr(begin, at_ - begin).find_first_not_of(" \t") == std::string_view::npos;
  }

  void directive() {
    const std::size_t end = end_of_line();
    std::string_view line = in_.substr(at_ + 1, end - at_ - 1);
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    if (line.starts_with("include")) {
      const std::size_t open = line.find_first_of("<\"");
      const std::size_t close =
          open == std::string_view::npos ? open : line.find_first_of(">\"", open + 1);
      if (close != std::string_view::npos)
        file_.includes.push_back({.line = line_at(in_, at_),
                                  .name = std::string(line.substr(open + 1, close - open - 1)),
                                  .angled = line[open] == '<'});
    }
    blank(end);
  }

  void blank(std::size_t end) {
    for (; at_ < end; ++at_)
      if (in_[at_] != '\n')
        out_[at_] = ' ';
  }

  source_file& file_;
  std::string_view in_;
  std::string out_;
  std::size_t at_ = 0;
};

} // namespace

void scan_cpp(source_file& file) {
  file.includes.clear();
  scanner(file).run();
}

} // namespace godwit::tidy
