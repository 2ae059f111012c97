// Is a text that is no configuration refused before it can do harm?
#include <string>

#include "config_support.hpp"

using namespace config_test;
using namespace godwit::config;

namespace {

problem of(const std::string& text) {
  return only_problem(read_simulation_config(text, "job.yml", no_files));
}

} // namespace

TEST_CASE("a syntax error is refused with its line and column") {
  const auto what = of("seed: 1\njob: {rounds: 5\n");
  CHECK(what.file == "job.yml");
  CHECK(what.line == 3);
  CHECK(what.key == "");
  CHECK(what.found.starts_with("a syntax error in column 1: "));
  CHECK(what.accepted == "YAML");
  CHECK(of("seed: 1\n  job: 2\n").line == 2);
  CHECK(of("out: \"abc").found.starts_with("a syntax error"));
}

TEST_CASE("a tab in the indentation is refused in each of its lines; other tabs are not") {
  const auto read =
      read_simulation_config("job:\n\trounds: 5\n\tmodel: softmax\n", "job.yml", no_files);
  REQUIRE_FALSE(read);
  REQUIRE(read.why().size() == 2);
  check_problem(read.why()[0], "job.yml", 2, "", "a tab in the indentation", "spaces");
  check_problem(read.why()[1], "job.yml", 3, "", "a tab in the indentation", "spaces");
  CHECK(read_simulation_config("seed: 1\t# one\n\t# a comment\n\t\nthreads: 1\n", "job.yml",
                               no_files));
}

TEST_CASE("an empty file is refused, and so is one of comments alone") {
  for (const std::string text : {"", "\n\n", "# nothing\n", "---\n", "{}\n", "~\n", "\xEF\xBB\xBF"})
    check_problem(of(text), "job.yml", 0, "", "an empty file", "keys and their values");
}

TEST_CASE("a file that is no map is refused") {
  check_problem(of("hello\n"), "job.yml", 1, "", "\"hello\"", "keys and their values");
  check_problem(of("\n- seed: 1\n"), "job.yml", 2, "", "a list", "keys and their values");
}

TEST_CASE("bytes that are no text are refused in their line") {
  check_problem(of(std::string("seed: 1\n\0", 9)), "job.yml", 2, "", "the byte 0x00",
                "text in UTF-8");
  check_problem(of("\x1B[0m"), "job.yml", 1, "", "the byte 0x1b", "text in UTF-8");
  // RFC 3629, section 4: overlong, a surrogate, above U+10FFFF, cut off, a lone continuation.
  for (const std::string bad : {"\xC0\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE2\x82", "\x80"})
    CHECK(of("seed: 1\njob: {name: " + bad + "}\n").found.starts_with("the byte 0x"));
  CHECK(read_simulation_config("job: {name: \"\xC3\xBC \xE2\x82\xAC \xF0\x9F\xA6\x89\"}\n",
                               "job.yml", no_files));
}

TEST_CASE("a file of more than one mebibyte is refused, one of exactly that much is read") {
  std::string text = "seed: 1\n#";
  text.resize(file_bytes_max, 'x');
  CHECK(read_simulation_config(text, "job.yml", no_files));
  text += 'x';
  check_problem(of(text), "job.yml", 0, "", "more than 1048576 bytes",
                "a file of at most 1048576 bytes");
}

TEST_CASE("anchors and aliases are refused, so that no file means more than it says") {
  check_problem(of("seed: &one 1\n"), "job.yml", 1, "", "an anchor", "the value alone");
  check_problem(of("job: &job\n  rounds: 1\n"), "job.yml", 1, "", "an anchor", "the value alone");
  CHECK(of("seed: *one\n").found.starts_with("a syntax error"));
}

TEST_CASE(
    "a value of several lines is refused, so that a quote that is never closed swallows no keys") {
  for (const std::string text :
       {"seed: 1\nout: 'abc # x\nthreads: 2\n", "seed: 1\nout: \"abc\\\"\nthreads: 2\n",
        "seed: 1\nout: 'it''s\n  long'\n", "seed: 1\nout: |\n  abc\n"})
    check_problem(of(text), "job.yml", 2, "", "a value of several lines", "a value on one line");
  CHECK(read_simulation_config(
      "\xEF\xBB\xBFout: \"\xC3\xBC\\\"x\" # '\njob: {name: 'it''s', model: 'softmax'}\n", "job.yml",
      no_files));
}

TEST_CASE("tags are refused") {
  check_problem(of("seed: !!int 1\n"), "job.yml", 1, "", "the tag \"tag:yaml.org,2002:int\"",
                "the value alone");
  check_problem(of("seed: !x 1\n"), "job.yml", 1, "", "the tag \"!x\"", "the value alone");
}

TEST_CASE("a second document is refused") {
  check_problem(of("seed: 1\n---\nseed: 2\n"), "job.yml", 2, "", "a second document",
                "one document");
}

TEST_CASE("a key that is no word is refused") {
  check_problem(of("? [1, 2]\n: 3\n"), "job.yml", 1, "", "a key that is no word", "a word as key");
}

TEST_CASE("too many values and too deep sections are refused") {
  std::string many = "seed: [0";
  for (std::size_t i = 0; i < node_count_max; ++i)
    many += ", 0";
  check_problem(of(many + "]\n"), "job.yml", 1, "", "more than 4096 keys and values",
                "at most 4096");
  std::string deep;
  for (int i = 0; i < 100'000; ++i)
    deep += "[";
  CHECK(of("seed: " + deep).accepted == "at most 8");
  std::string maps;
  for (int i = 0; i < 1000; ++i)
    maps += "{a: ";
  CHECK(of("job: " + maps).accepted == "at most 8");
}
