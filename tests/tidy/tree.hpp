// What the checks see: every text file of the source tree, C++ files also with comments and
// literals blanked out.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace godwit::tidy {

/// One `#include`: its line (from 1), the name between the brackets or quotes, and which of the two
/// it was.
struct include_line {
  std::size_t line = 0;
  std::string name;
  bool angled = false;
};

/// One text file. For C++ files `code` has the length of `text`, with comments, literals and
/// preprocessor lines as spaces (line ends are kept), so that a word found in it is really code.
struct source_file {
  std::string path; ///< from the root, with forward slashes
  std::string text;
  std::string code;
  std::vector<include_line> includes;
  bool executable = false;

  bool is_cpp() const;
  bool is_header() const;
  bool is_script() const; ///< starts with #!
  std::string name() const;
};

/// The tree below `root`, without .git and without what .gitignore names.
struct tree {
  std::filesystem::path root;
  std::vector<source_file> files;        ///< sorted by path
  std::vector<std::string> root_entries; ///< names directly below the root, sorted

  const source_file* find(std::string_view path) const;
  bool exists(std::string_view path) const; ///< a file or a folder
};

/// Reads the tree. Throws what std::filesystem throws where `root` cannot be read.
tree read_tree(const std::filesystem::path& root);

/// Fills `code` and `includes` of a C++ file from its text.
void scan_cpp(source_file& file);

/// The lines of a text, without their ends.
std::vector<std::string_view> lines_of(std::string_view text);

/// The line, from 1, in which the byte at `position` stands.
std::size_t line_at(std::string_view text, std::size_t position);

/// The comment that a file opens with (after a #! line), without what follows it.
std::string opening_comment(const source_file& file);

} // namespace godwit::tidy
