// Text that others chose: what reaches a terminal of it.
#include <doctest/doctest.h>

#include "telemetry/plain_text.hpp"

using namespace godwit;

TEST_CASE("ordinary text, umlauts included, is shown as it is") {
  CHECK(visible("edge-07, Zürich, 東京") == "edge-07, Zürich, 東京");
}

TEST_CASE("control characters are shown, not sent") {
  CHECK(visible("a\nb\tc\rd") == "a\\nb\\tc\\rd");
  CHECK(visible("\x1b[2J\x07\x7f") == "\\x1b[2J\\x07\\x7f");
  CHECK(visible("\xc2\x9b"
                "31m") == "\\u009b31m"); // C1: the one-byte CSI
  CHECK(visible("a\\n") == "a\\\\n");
  CHECK(visible(std::string_view("\0", 1)) == "\\x00");
}

TEST_CASE("direction overrides, line separators and invisible marks are shown by number") {
  CHECK(visible("a\u202eb") == "a\\u202eb");
  CHECK(visible("\u2028\u200b\u2066") == "\\u2028\\u200b\\u2066");
  CHECK(visible("\U000e0041") == "\\U000e0041");
}

TEST_CASE("bytes that are not UTF-8 are shown one by one") {
  CHECK(visible("\xff") == "\\xff");
  CHECK(visible("a\xc3") == "a\\xc3");                          // cut off
  CHECK(visible("\xc0\xaf") == "\\xc0\\xaf");                   // overlong slash
  CHECK(visible("\xed\xa0\x80") == "\\xed\\xa0\\x80");          // a surrogate
  CHECK(visible("\xf5\x80\x80\x80") == "\\xf5\\x80\\x80\\x80"); // beyond U+10FFFF
}

TEST_CASE("a word is quoted as soon as it could be mistaken for something else") {
  CHECK(word("edge-3") == "edge-3");
  CHECK(word("") == "\"\"");
  CHECK(word("two words") == "\"two words\"");
  CHECK(word("a=b") == "\"a=b\"");
  CHECK(word("say \"x\"") == "\"say \\\"x\\\"\"");
  CHECK(word("a\nb") == "\"a\\nb\"");
}

TEST_CASE("columns are counted as a terminal does") {
  CHECK(column_count("abc") == 3);
  CHECK(column_count("█▏…") == 3);
  CHECK(column_count("東京") == 4);
  CHECK(column_count("e\u0301") == 1);
}

TEST_CASE("a text that does not fit ends in the mark and never exceeds its columns") {
  CHECK(fitted("abcdef", 6, "…") == "abcdef");
  CHECK(fitted("abcdef", 5, "…") == "abcd…");
  CHECK(fitted("東京都", 4, "…") == "東…");
  CHECK(fitted("abc", 0, "…") == "");
  CHECK(fitted("", 0, "…") == "");
}
