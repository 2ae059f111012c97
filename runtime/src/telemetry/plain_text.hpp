// How text that somebody else chose is shown on a terminal without doing anything there.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace godwit {

/// The text with everything escaped that is not plainly visible: control characters (C0, DEL, C1)
/// as \n, \t or \x1b, bytes that are not UTF-8 as \xff, line separators and direction overrides as
/// \u202e, the backslash as \\. The result is one line of valid UTF-8.
std::string visible(std::string_view text);

/// `visible`, put in double quotes (with \" inside) unless it is a plain word that no reader can
/// mistake.
std::string word(std::string_view text);

/// Bytes of the first code point of a text that is not empty; 0 where they are not UTF-8.
std::size_t utf8_length(std::string_view text) noexcept;

/// Columns that a line of visible UTF-8 takes on a terminal.
std::size_t column_count(std::string_view text) noexcept;

/// The longest beginning of `text` that takes at most `columns`; if something was cut, it ends in
/// `mark`.
std::string fitted(std::string_view text, std::size_t columns, std::string_view mark);

} // namespace godwit
