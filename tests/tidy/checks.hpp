// Which checks of the tree there are. Each lists what it found wrong; an empty list is a pass.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tidy/tree.hpp"

namespace godwit::tidy {

/// Something wrong: where, and what to do about it.
struct finding {
  std::string path;
  std::size_t line = 0; ///< from 1; 0: the whole file
  std::string message;
};
using findings = std::vector<finding>;

/// Includes only go down the floors, each library is used only where it may be, and time, entropy
/// and the environment are read only at their doors.
findings check_floors(const tree& t);
/// No identifier and no file name says util, common, helper, manager or misc.
findings check_words(const tree& t);
/// Files of at most 400 lines (unless the opening comment gives a `length:` reason), functions of
/// at most 60.
findings check_length(const tree& t);
/// Opening comments, include guards, no tabs, no spaces at line ends, no leftover notes, no paths
/// of one machine, no lazy reductions.
findings check_text(const tree& t);
/// Commands in documents exist, links lead somewhere, and actors/README.md lists exactly the events
/// that are logged.
findings check_documents(const tree& t);
/// The root holds the known folders and files and no others.
findings check_root(const tree& t);
/// clang-format 14 agrees with the layout. nullopt: there is no clang-format 14 here.
std::optional<findings> check_format(const tree& t);
/// Scripts stop at errors, can be executed, and shellcheck agrees with them. nullopt: there is no
/// shellcheck here.
std::optional<findings> check_shell(const tree& t);

/// A function's body in C++ code: the lines (from 1) of its first word and of its closing brace.
struct function_span {
  std::size_t first_line = 0;
  std::size_t last_line = 0;
};
/// The outermost functions of a file, lambdas inside counted with the function that holds them.
std::vector<function_span> functions_of(const source_file& file);

inline constexpr std::size_t file_lines_max = 400;
inline constexpr std::size_t function_lines_max = 60;

} // namespace godwit::tidy
