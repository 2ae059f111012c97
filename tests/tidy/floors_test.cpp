// Whether the floor check sees an arrow that goes up, and leaves those alone that go down.
#include <doctest/doctest.h>

#include "tidy/planted_tree.hpp"

namespace {

using namespace godwit::tidy;

/// What the floor check says about one file in a tree that has a header on each floor.
findings floors_say(std::string_view path, std::string_view text) {
  planted_tree t;
  for (const char* header :
       {"messages/include/godwit/messages/ids.hpp",
        "messages/include/godwit/messages/interfaces.hpp",
        "privacy/include/godwit/privacy/mask.hpp",
        "aggregation/include/godwit/aggregation/fed_avg.hpp",
        "actors/include/godwit/actors/coordinator.hpp", "actors/include/godwit/actors/ports.hpp",
        "actors/include/godwit/actors/machines/round.hpp",
        "runtime/include/godwit/runtime/node.hpp", "runtime/src/data/dataset.hpp",
        "actors/src/shell.hpp"})
    t.with(header, "// x\n#pragma once\n");
  return check_floors(t.with(path, text).read());
}

} // namespace

TEST_CASE("an include of a floor below is allowed") {
  CHECK(floors_say("privacy/src/a.cpp", "// a\n#include <godwit/messages/ids.hpp>\n").empty());
  CHECK(floors_say("actors/src/a.cpp", "// a\n#include <godwit/privacy/mask.hpp>\n").empty());
  CHECK(
      floors_say("runtime/src/a.cpp", "// a\n#include <godwit/actors/coordinator.hpp>\n").empty());
}

TEST_CASE("an include of a floor above, or of the neighbour, is reported with its line") {
  CHECK(reports(floors_say("messages/src/a.cpp", "// a\n#include <godwit/privacy/mask.hpp>\n"),
                "messages/src/a.cpp", 2, "stands below"));
  CHECK(reports(
      floors_say("privacy/src/a.cpp", "// a\n\n#include <godwit/aggregation/fed_avg.hpp>\n"),
      "privacy/src/a.cpp", 3, "may not include"));
  CHECK(reports(floors_say("actors/src/a.cpp", "// a\n#include <godwit/runtime/node.hpp>\n"),
                "actors/src/a.cpp", 2, "may not include"));
}

TEST_CASE("a machine may not include a shell or the contracts, a shell may") {
  const std::string_view shell = "// a\n#include <godwit/actors/coordinator.hpp>\n";
  const std::string_view contracts = "// a\n#include <godwit/messages/interfaces.hpp>\n";
  CHECK(reports(floors_say("actors/src/machines/a.cpp", shell), "actors/src/machines/a.cpp", 2,
                "shell"));
  CHECK(reports(floors_say("actors/src/machines/a.cpp", contracts), "actors/src/machines/a.cpp", 2,
                "may be included only in"));
  CHECK(floors_say("actors/src/a.cpp", shell).empty());
  CHECK(floors_say("actors/src/a.cpp", contracts).empty());
  CHECK(floors_say("actors/src/machines/a.cpp", "// a\n#include <godwit/actors/ports.hpp>\n")
            .empty());
}

TEST_CASE("each library is reported outside its places and allowed in them") {
  struct example {
    const char* include;
    const char* bad;
    const char* good;
  };
  for (const example& x : {
           example{"caf/all.hpp", "privacy/src/a.cpp", "actors/src/a.cpp"},
           example{"caf/all.hpp", "actors/src/machines/a.cpp", "messages/src/interfaces.cpp"},
           example{"caf/all.hpp", "messages/include/godwit/messages/fields.hpp",
                   "runtime/src/node.cpp"},
           example{"cereal/cereal.hpp", "actors/src/a.cpp", "messages/src/codec.cpp"},
           example{"botan/hash.h", "messages/src/a.cpp", "privacy/src/a.cpp"},
           example{"asio.hpp", "runtime/src/node.cpp", "runtime/src/transport/link.cpp"},
           example{"asio/ssl.hpp", "actors/src/a.cpp", "runtime/src/transport/link.hpp"},
           example{"openssl/ssl.h", "runtime/src/node.cpp", "runtime/src/transport/tls.cpp"},
           example{"xtensor/xarray.hpp", "runtime/src/data/a.cpp", "runtime/src/training/cnn.cpp"},
           example{"cblas.h", "aggregation/src/a.cpp", "runtime/src/training/cnn.cpp"},
           example{"yaml-cpp/yaml.h", "runtime/cli/main.cpp", "runtime/src/config/load.cpp"},
           example{"nlohmann/json.hpp", "messages/src/a.cpp", "privacy/src/token.cpp"},
           example{"CLI/CLI.hpp", "runtime/src/node.cpp", "runtime/cli/main.cpp"},
           example{"zlib.h", "messages/src/a.cpp", "runtime/src/data/idx.cpp"},
           example{"doctest/doctest.h", "runtime/src/node.cpp", "tests/unit/a_test.cpp"},
       }) {
    CAPTURE(x.include);
    const std::string text = "// a\n#include <" + std::string(x.include) + ">\n";
    CHECK(reports(floors_say(x.bad, text), x.bad, 2, "may be included only in"));
    CHECK(floors_say(x.good, text).empty());
  }
}

TEST_CASE("clocks, entropy, files and the environment are reported outside their doors") {
  for (const char* text : {"auto t = std::chrono::steady_clock::now();", "std::random_device d;",
                           "auto f = std::fopen(a, b);", "auto e = std::getenv(a);"}) {
    CAPTURE(text);
    const std::string file = "// a\n" + std::string(text) + "\n";
    CHECK(reports(floors_say("actors/src/a.cpp", file), "actors/src/a.cpp", 2,
                  "come in as arguments"));
    CHECK(floors_say("runtime/src/a.cpp", file).empty());
    CHECK(floors_say("privacy/src/entropy.cpp", file).empty());
  }
}

TEST_CASE("words in comments and literals are not code") {
  CHECK(floors_say("actors/src/a.cpp", "// steady_clock::now() is not read here\n"
                                       "const char* a = \"getenv(\";\n"
                                       "/* #include <botan/hash.h>\n"
                                       "   random_device */\n"
                                       "const char* b = R\"(\n#include <botan/hash.h>\n)\";\n"
                                       "int c = 1'000'000; char d = '\"'; // fopen(\n")
            .empty());
}

TEST_CASE("a number that is cut into threes hides nothing behind it") {
  CHECK_FALSE(
      floors_say("actors/src/a.cpp", "int a = 8'000; auto b = std::getenv(a); int c = 8'000;\n")
          .empty());
}

TEST_CASE("a private header is found beside its user, and not past the public headers of another "
          "folder") {
  CHECK(floors_say("runtime/cli/a.cpp", "// a\n#include \"data/dataset.hpp\"\n").empty());
  CHECK(floors_say("tests/unit/a.cpp", "// a\n#include \"data/dataset.hpp\"\n").empty());
  CHECK(reports(floors_say("runtime/src/a.cpp", "// a\n#include \"../../actors/src/shell.hpp\"\n"),
                "runtime/src/a.cpp", 2, "reaches into actors"));
  CHECK(reports(floors_say("runtime/src/a.cpp", "// a\n#include \"missing.hpp\"\n"),
                "runtime/src/a.cpp", 2, "no such private header"));
  CHECK(reports(floors_say("runtime/src/a.cpp", "// a\n#include <godwit/messages/missing.hpp>\n"),
                "runtime/src/a.cpp", 2, "no such public header"));
}
