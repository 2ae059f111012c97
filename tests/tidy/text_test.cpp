// Whether the checks of names, lengths and text see what they are there for, and nothing else.
#include <doctest/doctest.h>

#include "tidy/planted_tree.hpp"

namespace {

using namespace godwit::tidy;

std::string lines(std::size_t count, std::string_view line) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i)
    out += std::string(line) + "\n";
  return out;
}

source_file cpp(std::string text) {
  source_file file;
  file.path = "a.cpp";
  file.text = std::move(text);
  scan_cpp(file);
  return file;
}

} // namespace

TEST_CASE("an identifier that says nothing is reported with a better one") {
  const auto said = check_words(
      planted_tree().with("a/a.cpp", "// a\nint string_utils;\nclass LinkManager;\n").read());
  CHECK(said.size() == 2);
  CHECK(reports(said, "a/a.cpp", 2, "name the work"));
  CHECK(reports(said, "a/a.cpp", 3, "membership"));
}

TEST_CASE("a file or folder name that says nothing is reported") {
  CHECK(reports(check_words(planted_tree().with("a/net_helper.hpp", "").read()), "a/net_helper.hpp",
                0, "helper"));
  CHECK(reports(check_words(planted_tree().with("common/a.md", "").read()), "common/a.md", 0,
                "common"));
}

TEST_CASE("the standard's names, the privacy manager, comments and longer words are left alone") {
  CHECK(
      check_words(planted_tree()
                      .with("a/privacy_manager.hpp", "// helper of utils\nprivacy_manager m;\n"
                                                     "std::common_type_t<int, long> utility = 0;\n"
                                                     "const char* s = \"common\";\n")
                      .read())
          .empty());
}

TEST_CASE("a file of 400 lines passes, one more needs a reason") {
  const std::string body = "// a\n" + lines(399, "int a;");
  CHECK(check_length(planted_tree().with("a.cpp", body).read()).empty());
  CHECK(reports(check_length(planted_tree().with("a.cpp", body + "int b;\n").read()), "a.cpp", 401,
                "401 lines"));
  CHECK(check_length(planted_tree().with("a.cpp", "// a\n// length: one table\n" + body).read())
            .empty());
}

TEST_CASE("a function of 60 lines passes, one more is reported at its first line") {
  const auto function = [](std::size_t inside) {
    return "// a\nnamespace x {\nint f(int a)\n{\n" + lines(inside, "  a = {1};") + "}\n}\n";
  };
  CHECK(check_length(planted_tree().with("a.cpp", function(57)).read()).empty());
  CHECK(reports(check_length(planted_tree().with("a.cpp", function(58)).read()), "a.cpp", 3,
                "of 61 lines"));
}

TEST_CASE("functions are found in classes, templates, after initialisers and behind test macros") {
  const auto spans = functions_of(cpp("// a\n"
                                      "struct s final : base<int> {\n"
                                      "  s() : a_{1}, b_{2} {\n"
                                      "    run([] { return 1; });\n"
                                      "  }\n"
                                      "  int a_{0}, b_ = {1};\n"
                                      "};\n"
                                      "template <class t, class u = std::vector<t>>\n"
                                      "auto g(t x) -> u {\n"
                                      "  return {x};\n"
                                      "}\n"
                                      "const std::map<int, int> table = {\n"
                                      "  {1, 2},\n"
                                      "};\n"
                                      "enum class e : int { one, two };\n"
                                      "TEST_CASE(\"brace { in a name\") {\n"
                                      "  if (true) {\n"
                                      "  }\n"
                                      "}\n"));
  REQUIRE(spans.size() == 3);
  CHECK(spans[0].first_line == 3);
  CHECK(spans[0].last_line == 5);
  CHECK(spans[1].first_line == 8);
  CHECK(spans[1].last_line == 11);
  CHECK(spans[2].first_line == 16);
  CHECK(spans[2].last_line == 19);
}

TEST_CASE("a file without an opening comment is reported, a script's stands in its second line") {
  const auto text_says = [](std::string_view path, std::string_view text) {
    return check_text(planted_tree().with(path, text).read());
  };
  CHECK(reports(text_says("a.cpp", "#include <b>\n// late\n"), "a.cpp", 1, "first comment"));
  CHECK(reports(text_says("CMakeLists.txt", "project(a)\n"), "CMakeLists.txt", 1, "first comment"));
  CHECK(reports(text_says("a", "#!/bin/sh\necho\n"), "a", 1, "first comment"));
  CHECK(reports(text_says("a.md", "no title\n"), "a.md", 1, "title"));
  CHECK(reports(text_says("a.hpp", "// a\nint a;\n"), "a.hpp", 1, "#pragma once"));
  CHECK(text_says("a.hpp", "// a\n#pragma once\n").empty());
  CHECK(text_says("a.cpp", "#include <godwit/x/a.hpp>\n").empty());
  CHECK(reports(text_says("a.hpp", "#include <godwit/x/a.hpp>\n"), "a.hpp", 1, "first comment"));
  CHECK(text_says("a", "#!/bin/sh\n# a\necho\n").empty());
}

TEST_CASE("white space, leftover notes and paths of one machine are reported with their line") {
  const auto text_says = [](std::string_view line) {
    return check_text(planted_tree().with("a.cpp", "// a\n" + std::string(line) + "\n").read());
  };
  CHECK(reports(text_says("\tint a;"), "a.cpp", 2, "tab"));
  CHECK(reports(text_says("int a; "), "a.cpp", 2, "white space"));
  CHECK(reports(text_says("int a;\r"), "a.cpp", 2, "white space"));
  CHECK(reports(text_says("// FIX"
                          "ME: a"),
                "a.cpp", 2, "note left behind"));
  CHECK(reports(text_says("// see TO"
                          "DO list"),
                "a.cpp", 2, "note left behind"));
  CHECK(reports(text_says("const char* a = \"/t"
                          "mp/x\";"),
                "a.cpp", 2, "one machine"));
  CHECK(
      reports(check_text(planted_tree().with("a.cpp", "// a").read()), "a.cpp", 1, "no line end"));
  CHECK(text_says("// a mktemp pattern is x.XXXXXX, and todo is no note").empty());
}

TEST_CASE("a lazy reduction is reported, an evaluated one is not") {
  const auto text_says = [](std::string_view line) {
    return check_text(planted_tree().with("a.cpp", "// a\n" + std::string(line) + "\n").read());
  };
  CHECK(reports(text_says("auto s = xt::sum(a, {1}, xt::keep_dims);"), "a.cpp", 2, "keep_dims"));
  CHECK(
      text_says("auto s = xt::sum(a, {1}, xt::keep_dims |\n  xt::evaluation_strategy::immediate);")
          .empty());
  CHECK(text_says("auto s = xt::eval(xt::sum(a, {1}, xt::keep_dims));").empty());
}

TEST_CASE("what .gitignore names and what is not text is not read") {
  const tree t = planted_tree()
                     .with(".gitignore", "/build/\nnode_modules/\n")
                     .with("build/a.cpp", "x")
                     .with("a/node_modules/a.cpp", "x")
                     .with("a/build/a.cpp", "// a\n")
                     .with("a/b.npz", std::string_view("PK\0", 3))
                     .read();
  CHECK(t.find("build/a.cpp") == nullptr);
  CHECK(t.find("a/node_modules/a.cpp") == nullptr);
  CHECK(t.find("a/b.npz") == nullptr);
  CHECK(t.find("a/build/a.cpp") != nullptr);
}
