// The only file that knows the YAML parser.
#include "config/document.hpp"

#include <cstddef>
#include <exception>
#include <sstream>
#include <utility>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include "config/bytes_check.hpp"
#include "config/load.hpp"

namespace godwit::config {
namespace {

/// Ends the parsing; the problem is noted already.
struct stop_reading {};

/// The lines of a text, without their ends.
std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> out;
  while (true) {
    const auto end = text.find('\n');
    out.push_back(text.substr(0, end));
    if (end == std::string_view::npos)
      return out;
    text.remove_prefix(end + 1);
  }
}

/// Whether a quoted scalar that begins at `from` ends in the same line. A parser that meets the end
/// of the file within quotes may take all lines until there for the value.
bool ends_in_line(std::string_view line, std::size_t from) {
  const char quote = line[from];
  for (auto i = from + 1; i < line.size(); ++i) {
    if (quote == '"' && line[i] == '\\')
      ++i;
    else if (quote == '\'' && line.substr(i, 2) == "''")
      ++i;
    else if (line[i] == quote)
      return true;
  }
  return false;
}

/// Listens to the parser and keeps the entries. It looks before the parser goes deeper, so that the
/// limits hold while the text is read and not after.
class listener final : public YAML::EventHandler {
public:
  listener(std::string_view text, std::string file, document& out)
      : lines_(lines_of(text)), file_(std::move(file)), out_(out) {}

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (document_count_++ > 0)
      stop(mark, "a second document", "one document", "remove the line --- and what follows");
  }
  void OnDocumentEnd() override {}
  void OnAnchor(const YAML::Mark&, const std::string&) override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    refuse_anchor(mark, anchor);
    arrive(mark, entry::shape::nothing, {});
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    stop(mark, "an alias", "the value itself",
         "anchors and aliases are not read; write the value out");
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    refuse_anchor(mark, anchor);
    refuse_tag(mark, tag);
    refuse_lines(mark);
    arrive(mark, entry::shape::scalar, value);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    refuse_anchor(mark, anchor);
    refuse_tag(mark, tag);
    arrive(mark, entry::shape::list, {});
    descend(mark, true);
  }
  void OnSequenceEnd() override { open_.pop_back(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    refuse_anchor(mark, anchor);
    refuse_tag(mark, tag);
    const bool is_inside_list = !open_.empty() && open_.back().is_list;
    arrive(mark, entry::shape::section, {});
    descend(mark, is_inside_list);
  }
  void OnMapEnd() override { open_.pop_back(); }

private:
  /// A map or list that has begun and not ended. What is in a list is counted but not kept: no key
  /// takes one.
  struct level {
    std::string path;
    bool is_list = false;
    bool has_key = false; ///< the next event is the value of `key`
    std::string key;
    int key_line = 0;
  };

  [[noreturn]] void stop(const YAML::Mark& mark, std::string found, std::string accepted,
                         std::string hint) {
    const bool is_value = !open_.empty() && open_.back().has_key;
    out_.problems.push_back({file_, is_value ? open_.back().key_line : mark.line + 1,
                             open_.empty() ? "" : open_.back().path, std::move(found),
                             std::move(accepted), std::move(hint)});
    throw stop_reading{};
  }
  void refuse_anchor(const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (anchor != 0)
      stop(mark, "an anchor", "the value alone",
           "anchors and aliases are not read; write the value out");
  }
  void refuse_tag(const YAML::Mark& mark, const std::string& tag) {
    // "?" and "!" are what the parser says of plain and quoted values without a tag.
    if (!tag.empty() && tag != "?" && tag != "!")
      stop(mark, "the tag " + shown(tag), "the value alone",
           "each key knows its type; remove the tag");
  }
  void refuse_lines(const YAML::Mark& mark) {
    const auto line = static_cast<std::size_t>(mark.line);
    const auto column = static_cast<std::size_t>(mark.column);
    if (mark.line < 0 || mark.column < 0 || line >= lines_.size() || column >= lines_[line].size())
      return;
    const char first = lines_[line][column];
    const bool is_quoted = first == '"' || first == '\'';
    if (first == '|' || first == '>' || (is_quoted && !ends_in_line(lines_[line], column)))
      stop(mark, "a value of several lines", "a value on one line",
           is_quoted ? "is the closing quote missing?" : "");
  }

  /// Takes a key, or the value of the key before it.
  void arrive(const YAML::Mark& mark, entry::shape holds, const std::string& value) {
    if (++node_count_ > node_count_max)
      stop(mark, "more than " + std::to_string(node_count_max) + " keys and values",
           "at most " + std::to_string(node_count_max), "is this a configuration?");
    if (open_.empty()) {
      if (holds == entry::shape::scalar || holds == entry::shape::list)
        stop(mark, holds == entry::shape::list ? "a list" : shown(value), "keys and their values",
             "a line looks like `seed: 1`");
      return;
    }
    auto& here = open_.back();
    if (here.is_list)
      return;
    if (here.has_key) {
      here.has_key = false;
      out_.entries.push_back({here.path.empty() ? here.key : here.path + '.' + here.key, holds,
                              value, here.key_line, here.key.find('.') != std::string::npos});
      return;
    }
    if (holds != entry::shape::scalar)
      stop(mark, "a key that is no word", "a word as key", "");
    here.has_key = true;
    here.key = value;
    here.key_line = mark.line + 1;
  }
  void descend(const YAML::Mark& mark, bool is_list) {
    if (open_.size() >= depth_max)
      stop(mark, "more than " + std::to_string(depth_max) + " sections within each other",
           "at most " + std::to_string(depth_max), "is this a configuration?");
    open_.push_back(
        {open_.empty() || is_list ? "" : out_.entries.back().path, is_list, false, {}, 0});
  }

  std::vector<std::string_view> lines_;
  std::string file_;
  document& out_;
  std::vector<level> open_;
  std::size_t node_count_ = 0;
  int document_count_ = 0;
};

} // namespace

document read_document(std::string_view text, const std::string& file) {
  document out;
  out.problems = check_bytes(text, file);
  if (!out.problems.empty())
    return out;
  if (text.starts_with("\xEF\xBB\xBF"))
    text.remove_prefix(3); // a byte order mark, which some editors write
  try {
    std::istringstream in{std::string(text)};
    YAML::Parser parser(in);
    listener events(text, file, out);
    while (parser.HandleNextDocument(events)) {
    }
  } catch (const stop_reading&) {
    // What it was stands in the problems.
  } catch (const YAML::Exception& error) {
    out.problems.push_back(
        {file, error.mark.line + 1, "",
         "a syntax error in column " + std::to_string(error.mark.column + 1) + ": " + error.msg,
         "YAML", ""});
  } catch (const std::exception& error) {
    out.problems.push_back(
        {file, 0, "", std::string("what the parser cannot read: ") + error.what(), "YAML", ""});
  }
  if (out.problems.empty() && out.entries.empty())
    out.problems.push_back({file, 0, "", "an empty file", "keys and their values",
                            "deploy/config has examples to start from"});
  return out;
}

} // namespace godwit::config
