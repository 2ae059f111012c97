// Whether a document's false command, a dead link, a stray folder, a crooked layout and a careless
// script are seen.
#include <doctest/doctest.h>

#include "tidy/planted_tree.hpp"

namespace {

using namespace godwit::tidy;

findings documents_say(std::string_view text) {
  return check_documents(
      planted_tree()
          .with("README.md", text)
          .with("deploy/quickstart", "#!/usr/bin/env bash\n", true)
          .with("deploy/notes", "")
          .with("ARCHITECTURE.md", "# A\n\n## 4. The floors, and who checks\n")
          .with("CMakePresets.json", R"({"configurePresets": [{"name": "dev"}]})")
          .with("runtime/cli/main.cpp", R"(app.add_subcommand("server", "runs");)")
          .read());
}

std::string block(std::string_view line) {
  return "# R\n\n```sh\n" + std::string(line) + "\n```\n";
}

} // namespace

TEST_CASE("a command that does not exist is reported") {
  CHECK(reports(documents_say(block("deploy/quickstrat")), "README.md", 4, "quickstrat"));
  CHECK(reports(documents_say(block("deploy/notes")), "README.md", 4, "not executable"));
  CHECK(reports(documents_say(block("cd a && godwit serve --config x")), "README.md", 4,
                "no subcommand"));
  CHECK(reports(documents_say(block("cmake --workflow --preset devel")), "README.md", 4,
                "no preset"));
  CHECK(reports(documents_say(block("godwit server \\\n  --config a && frobnicate")), "README.md",
                5, "frobnicate"));
}

TEST_CASE("commands that exist pass, and other blocks are not commands") {
  CHECK(documents_say(block("# first\nsudo A=1 deploy/quickstart --short # quick\n"
                            "build/release/bin/godwit server --config a.yml\ngodwit --help\n"
                            "cmake --workflow --preset dev | less"))
            .empty());
  CHECK(documents_say("# R\n\n```\nfrobnicate\n```\n").empty());
}

TEST_CASE("a dead link is reported, a living one is not") {
  CHECK(reports(documents_say("# R\n[x](missing.md)\n"), "README.md", 2, "link to nowhere"));
  CHECK(reports(documents_say("# R\n[x](ARCHITECTURE.md#no-such)\n"), "README.md", 2,
                "no such heading"));
  CHECK(documents_say(
            "# R\n[a](ARCHITECTURE.md), [b](deploy/), [c](https://example.org/x), [d](#r),\n"
            "[e](ARCHITECTURE.md#4-the-floors-and-who-checks), `[f](code)`\n")
            .empty());
}

TEST_CASE(
    "an event that is logged and not listed is reported, and one that is listed and not logged") {
  const auto said =
      check_documents(planted_tree()
                          .with("actors/README.md",
                                "# A\n\n| `edge.left` | info | x |\n| `edge.lost` | info | x |\n")
                          .with("actors/src/a.cpp",
                                "// a\nvoid a() { log.info(\"edge.left\", {}); }\n"
                                "void b() { log->event(level::warn,\n \"edge.refused\", {}); }\n"
                                "void c() { log.info(\n    \"round.closed\", {}); }\n")
                          .read());
  CHECK(reports(said, "actors/README.md", 4, "nothing logs the event edge.lost"));
  CHECK(reports(said, "actors/README.md", 0, "does not list the event edge.refused"));
  CHECK(reports(said, "actors/README.md", 0, "does not list the event round.closed"));
  CHECK_FALSE(reports(said, "actors/README.md", 3, ""));
  CHECK(said.size() == 3);
}

TEST_CASE("a stray entry in the root is reported, and so is a missing one") {
  const auto said = check_root(planted_tree().with("README.md", "").with("scripts/a", "").read());
  CHECK(reports(said, "scripts", 0, "does not belong"));
  CHECK(reports(said, "LICENSE", 0, "missing"));
  CHECK_FALSE(reports(said, "README.md", 0, ""));
}

TEST_CASE("a crooked layout is reported where clang-format 14 is there to see it") {
  const auto crooked = check_format(planted_tree()
                                        .with(".clang-format", "BasedOnStyle: LLVM\n")
                                        .with("a.cpp", "// a\nint   a;\n")
                                        .with("b.cpp", "// b\nint b;\n")
                                        .read());
  if (!crooked) {
    MESSAGE("skipped: no clang-format 14");
    return;
  }
  CHECK(reports(*crooked, "a.cpp", 2, "format"));
  CHECK_FALSE(reports(*crooked, "b.cpp", 2, ""));
}

TEST_CASE("a careless script is reported where shellcheck is there to see it") {
  const auto said =
      check_shell(planted_tree()
                      .with("run", "#!/usr/bin/env bash\n# a\nset -euo pipefail\necho $1\n", true)
                      .with("go", "#!/usr/bin/env bash\n# a\necho a\n")
                      .with("strict.sh", "# s\n# shellcheck shell=bash\nset -euo pipefail\n")
                      .with("led",
                            "#!/usr/bin/env bash\n# a\n# shellcheck source=strict.sh\n"
                            ". \"./strict.sh\"\necho a\n",
                            true)
                      .read());
  if (!said) {
    MESSAGE("skipped: no shellcheck");
    return;
  }
  CHECK(reports(*said, "run", 4, "quote"));
  CHECK(reports(*said, "go", 1, "set -euo pipefail"));
  CHECK(reports(*said, "go", 1, "chmod"));
  CHECK_FALSE(reports(*said, "led", 1, "set -euo pipefail"));
}
