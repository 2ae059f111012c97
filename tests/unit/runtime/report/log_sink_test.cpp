// Log lines: their form, and that no value can break out of them.
#include <doctest/doctest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <thread>

#include "captured_log.hpp"
#include "support/scratch_folder.hpp"

using namespace godwit;
using test::captured_log;

TEST_CASE("an event is one line of text with its level and fields") {
  captured_log log;
  log.sink.info("round.closed",
                {{"round", 12}, {"accepted", 41U}, {"loss", 0.25}, {"late", false}});
  REQUIRE(log.lines.size() == 1);
  CHECK(log.lines[0] == "12:03:04 info  round.closed round=12 accepted=41 loss=0.25 late=false\n");
}

TEST_CASE("an event is one JSON object with time, level and event first") {
  captured_log log({.format = log_format::json});
  log.sink.warn("edge.lost", {{"client", client_id{"edge-3"}},
                              {"reason", refusal::token_expired},
                              {"round", round_id{4}}});
  REQUIRE(log.lines.size() == 1);
  CHECK(log.lines[0] == "{\"time\":\"2026-01-31T12:03:04.123Z\",\"level\":\"warn\",\"event\":"
                        "\"edge.lost\",\"client\":\"edge-3\",\"reason\":\"token_expired\","
                        "\"round\":4}\n");
}

TEST_CASE("no value makes a second line, a second field or a terminal command") {
  const std::string attack = "x\n12:03:05 error fake.event forged=1\x1b[2J\r\x9b";
  for (auto format : {log_format::text, log_format::json}) {
    captured_log log({.format = format});
    log.sink.info("peer.said", {{"text", attack}, {"client", "a role=server"}});
    REQUIRE(log.lines.size() == 1);
    const auto& line = log.lines[0];
    CHECK(line.find('\n') == line.size() - 1);
    for (char c : {'\x1b', '\r', '\x9b'})
      CHECK(line.find(c) == std::string::npos);
    if (format == log_format::text)
      CHECK(line.find("client=\"a role=server\"") != std::string::npos);
    else
      CHECK(nlohmann::json::parse(line)["client"] == "a role=server");
  }
}

TEST_CASE("a JSON field never replaces the event's own ones or another field") {
  captured_log log({.format = log_format::json});
  log.sink.info("a.b", {{"level", "error"}, {"x", 1}, {"x", 2}});
  const auto line = nlohmann::json::parse(log.lines.at(0));
  CHECK(line["level"] == "info");
  CHECK(line["level_"] == "error");
  CHECK(line["x"] == 1);
  CHECK(line["x_"] == 2);
}

TEST_CASE("a number that is not finite is null in JSON and a word in text") {
  captured_log json({.format = log_format::json});
  json.sink.info("a.b", {{"loss", std::nan("")}});
  CHECK(nlohmann::json::parse(json.lines.at(0))["loss"].is_null());
  captured_log text;
  text.sink.info("a.b", {{"loss", INFINITY}});
  CHECK(text.lines.at(0).find("loss=inf\n") != std::string::npos);
}

TEST_CASE("events below the least level are dropped and not counted") {
  captured_log log({.least = log_level::warn});
  log.sink.info("a.b");
  log.sink.error("c.d");
  CHECK(log.lines.size() == 1);
  CHECK(log.sink.count(log_level::info) == 0);
  CHECK(log.sink.count(log_level::error) == 1);
  CHECK_FALSE(log.sink.enabled(log_level::info));
}

TEST_CASE("the newest warning or error is remembered for the live view, an info is not") {
  captured_log log;
  CHECK(log.sink.last_problem().empty());
  log.sink.warn("token.refused", {{"client", "edge-3"}});
  log.sink.info("round.closed");
  CHECK(log.sink.last_problem() == "token.refused client=edge-3");
}

TEST_CASE("colours are used only where they were asked for") {
  captured_log plain;
  plain.sink.error("a.b");
  CHECK(plain.lines.at(0).find('\x1b') == std::string::npos);
  captured_log coloured({.colours = true});
  coloured.sink.error("a.b");
  CHECK(coloured.lines.at(0).find("\x1b[1;31merror\x1b[0m") != std::string::npos);
}

TEST_CASE("a line that cannot be written, or whose writer throws, is counted and stops nothing") {
  int calls = 0;
  log_sink sink([&](std::string_view) -> bool {
    if (++calls == 1)
      return false;
    throw std::runtime_error("broken pipe");
  });
  sink.info("a.b");
  sink.info("a.b");
  CHECK(sink.lost_count() == 2);
}

TEST_CASE("lines from several threads stay whole") {
  scratch_folder folder;
  {
    auto sink = log_sink::to_file(folder.path() / "log.jsonl", {.format = log_format::json});
    REQUIRE(sink);
    const auto write_many = [&](int who) {
      for (int i = 0; i < 200; ++i)
        (*sink)->info("a.b", {{"who", who}, {"text", std::string(100, 'x')}});
    };
    std::thread one(write_many, 1);
    std::thread two(write_many, 2);
    one.join();
    two.join();
  }
  std::istringstream lines(read_whole(folder.path() / "log.jsonl"));
  std::size_t count = 0;
  for (std::string line; std::getline(lines, line); ++count)
    CHECK(nlohmann::json::accept(line));
  CHECK(count == 400);
}

TEST_CASE("a log file in a folder that does not exist is a failure that names it") {
  const auto sink = log_sink::to_file("/nowhere/at/all/log.jsonl", {});
  REQUIRE_FALSE(sink);
  CHECK(sink.why().code == failure_code::not_found);
  CHECK(sink.why().detail.find("/nowhere/at/all/log.jsonl") != std::string::npos);
}

TEST_CASE("beside a live view the log is a JSON file in the run's folder") {
  scratch_folder folder;
  auto sink = open_run_log(true, folder.path(), {.format = log_format::text, .colours = true});
  REQUIRE(sink);
  (*sink)->info("a.b");
  CHECK(nlohmann::json::accept(read_whole(folder.path() / "log.jsonl")));
}

TEST_CASE("formats and levels are parsed, and other words are not") {
  CHECK(parse_log_format("json") == log_format::json);
  CHECK(parse_log_format("text") == log_format::text);
  CHECK_FALSE(parse_log_format("JSON"));
  CHECK(parse_log_level("debug") == log_level::debug);
  CHECK_FALSE(parse_log_level("loud"));
}
