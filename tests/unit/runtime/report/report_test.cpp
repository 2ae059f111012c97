// The report: it is one file, it says what happened, and nothing in a run's own text becomes part
// of the page.
#include <doctest/doctest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "report/edge_summary.hpp"
#include "report/html.hpp"
#include "report/page_files.hpp"
#include "report/report.hpp"
#include "report/report_data.hpp"
#include "report/report_tables.hpp"
#include "support/scratch_folder.hpp"

using namespace godwit;

namespace {

round_record round_with(std::uint64_t number, std::vector<client_record> clients) {
  round_record round;
  round.round = number;
  round.outcome = "committed";
  round.clients = std::move(clients);
  for (const auto& client : round.clients)
    round.reporters += client.outcome == "reported" ? 1U : 0U;
  round.cohort = static_cast<std::uint32_t>(round.clients.size());
  round.train_loss = 0.5;
  round.test_accuracy = 0.8 + static_cast<double>(number) / 100;
  round.bytes_up = 1'000'000, round.bytes_down = 2'000'000;
  round.finished_seconds = 3.0 * static_cast<double>(number);
  round.model_sha256 = std::string(64, static_cast<char>('a' + number));
  return round;
}

run_facts facts() {
  run_facts known;
  known.title = "fashion-mnist, mlp-2nn, fed_avg";
  known.command = "demo";
  known.version = "0.1.0";
  known.seed = 42;
  known.parameter_count = 199'210;
  known.round_limit = 3, known.client_count = 2;
  known.config_yaml = "seed: 42\n";
  return known;
}

std::vector<round_record> three_rounds() {
  return {
      round_with(1, {{"edge-2", "reported", 10, 0.5, 1, {}},
                     {"edge-10", "declined: on battery", 0, 0, 0, {}}}),
      round_with(2, {{"edge-2", "lost", 0, 0, 0, {}}, {"edge-10", "reported", 20, 0.25, 1, 0.75}}),
      round_with(3, {{"edge-2", "reported", 11, 0.4, 1, {}}})};
}

nlohmann::json data_in(const std::string& page) {
  const std::string_view open = "<script type=\"application/json\" id=\"run\">";
  const auto from = page.find(open);
  REQUIRE(from != std::string::npos);
  const auto until = page.find("</script>", from);
  return nlohmann::json::parse(page.substr(from + open.size(), until - from - open.size()));
}

std::size_t count_of(std::string_view text, std::string_view part) {
  std::size_t count = 0;
  for (auto at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1))
    ++count;
  return count;
}

} // namespace

TEST_CASE("the headline states accuracy, rounds, time, traffic, edges, size, seed and digest") {
  auto rounds = three_rounds();
  rounds[1].outcome = "abandoned: too few updates";
  rounds[1].test_accuracy.reset();
  const auto page = html_report(facts(), rounds);
  for (const auto* part :
       {"<h1>fashion-mnist, mlp-2nn, fed_avg</h1>", "godwit demo 0.1.0", "0.8300",
        "best 0.8300 in round 3", "2 committed", "1 abandoned", "9.0 s", "9.00 MB",
        "3.00 MB up, 6.00 MB down", "199,210", "<dd>42</dd>", "dddddddddddddddddddddddd"}) {
    CAPTURE(part);
    CHECK(contains(page, part));
  }
}

TEST_CASE("a target is stated with the round that reached it, or as not reached") {
  auto known = facts();
  known.target_accuracy = 0.815;
  CHECK(contains(html_report(known, three_rounds()), "<dd>Round 2 "));
  known.target_accuracy = 0.99;
  CHECK(contains(html_report(known, three_rounds()), "Not reached"));
}

TEST_CASE("the page is one file: it names no other, and its policy forbids fetching any") {
  const auto page = html_report(facts(), three_rounds());
  CHECK(contains(page, "default-src 'none'"));
  for (const auto* part :
       {" src=", " href=", "@import", "url(", "fetch(", "XMLHttpRequest", "<link"}) {
    CAPTURE(part);
    CHECK_FALSE(contains(page, part));
  }
  CHECK(contains(page, "Chart.js v"));
  CHECK(contains(page, "MIT License")); // its notice travels with it
}

TEST_CASE("embedded scripts and styles hold nothing that would end their element") {
  for (auto part : {page::chart_js(), page::charts_js(), page::edge_charts_js(), page::page_js(),
                    page::page_css()}) {
    CHECK(part.size() > 100);
    CHECK_FALSE(contains(part, "</script"));
    CHECK_FALSE(contains(part, "</style"));
    CHECK_FALSE(contains(part, "<!--"));
    CHECK_FALSE(contains(part, std::string_view("\0", 1)));
  }
}

TEST_CASE("equal runs give equal pages") {
  CHECK(html_report(facts(), three_rounds()) == html_report(facts(), three_rounds()));
}

TEST_CASE("no text of a run becomes part of the page") {
  const std::string attack =
      "</script></style></title></pre><script>alert(1)</script>"
      "<img src=x onerror=alert(1)>'\" onload=\"x\" {{data}} <!-- ]]> \xff\x01";
  auto known = facts();
  known.title = known.command = known.version = known.config_yaml = known.started = attack;
  known.client_names = {attack};
  known.label_counts = {{1, 2}};
  auto round =
      round_with(1, {{attack, attack, 1, 0.5, 1, {}}, {"edge-1", "reported", 1, 1, 1, {}}});
  round.outcome = round.model_sha256 = attack;
  const auto harmless =
      html_report(facts(), {round_with(1, {{"edge-1", "reported", 1, 1, 1, {}}})});
  const auto page = html_report(known, {round});
  CHECK_FALSE(contains(page, "<script>alert"));
  CHECK_FALSE(contains(page, "<img"));
  CHECK_FALSE(contains(page, "\" onload=\""));
  CHECK_FALSE(contains(page, "\xff"));
  CHECK_FALSE(contains(page, "\x01"));
  for (const auto* tag : {"<script", "</script", "<style", "</style", "<!--", "</title", "</pre"}) {
    CAPTURE(tag);
    CHECK(count_of(page, tag) == count_of(harmless, tag));
  }
  CHECK(contains(page, "{{data}}")); // content that looks like a place is content
  const auto data = data_in(page);
  CHECK(contains(data["edges"][0]["name"].get<std::string>(), "</script>"));
}

TEST_CASE("a run without rounds, and one of figures that are not finite, still give a page") {
  CHECK(contains(html_report(run_facts{}, {}), "No model was released."));
  auto round = round_with(1, {{"edge-1", "reported", 1, std::nan(""), 1, INFINITY}});
  round.train_loss = std::nan("");
  round.test_accuracy = std::nan("");
  const auto page = html_report(facts(), {round});
  CHECK(data_in(page)["rounds"]["train_loss"][0].is_null());
  CHECK(data_in(page)["edges"][0]["accuracy"].is_null());
}

TEST_CASE("the plots' data has one entry a round and an outcome for each invited edge") {
  const auto rounds = three_rounds();
  const auto data = data_in(html_report(facts(), rounds));
  CHECK(data["rounds"]["round"] == nlohmann::json{1, 2, 3});
  CHECK(data["rounds"]["reported"] == nlohmann::json{1, 1, 1});
  CHECK(data["rounds"]["declined"] == nlohmann::json{1, 0, 0});
  CHECK(data["rounds"]["dropped"] == nlohmann::json{0, 1, 0});
  REQUIRE(data["edges"].size() == 2);
  CHECK(data["edges"][0]["name"] == "edge-2"); // before edge-10
  CHECK(data["edges"][0]["cells"] == "rxr");
  CHECK(data["edges"][1]["cells"] == "dr.");
  CHECK(data["edges"][1]["accuracy"] == 0.75);
}

TEST_CASE("beyond sixty edges participation is a distribution: no cells are kept") {
  std::vector<client_record> clients;
  for (int i = 0; i <= 60; ++i)
    clients.push_back({"edge-" + std::to_string(i), "reported", 1, 0.5, 1, {}});
  auto data = data_in(html_report(facts(), {round_with(1, clients)}));
  CHECK_FALSE(data["edges"][0].contains("cells"));
  clients.pop_back();
  data = data_in(html_report(facts(), {round_with(1, clients)}));
  CHECK(data["edges"][0].contains("cells"));
}

TEST_CASE("drop-outs are named by reason, six names each, in the order of their numbers") {
  std::vector<client_record> clients{{"edge-1", "reported", 1, 1, 1, {}},
                                     {"edge-2", "token_expired", 0, 0, 0, {}}};
  for (int i = 20; i > 10; --i)
    clients.push_back({"edge-" + std::to_string(i), "lost", 0, 0, 0, {}});
  CHECK(drop_out_reasons(round_with(1, clients)) ==
        "lost: edge-11, edge-12, edge-13, edge-14, edge-15, edge-16 and 4 more; "
        "token_expired: edge-2");
  CHECK(drop_out_reasons(round_with(1, {{"edge-1", "reported", 1, 1, 1, {}}})).empty());
}

TEST_CASE("the table of rounds has a row a round and no column that no round fills") {
  auto rounds = three_rounds();
  auto table = rounds_table(rounds);
  CHECK(count_of(table, "<tr>") == 4);
  CHECK(contains(table, "Test accuracy"));
  CHECK_FALSE(contains(table, "Federated accuracy"));
  rounds[1].outcome = "abandoned: too few";
  rounds[1].federated_accuracy = 0.5;
  table = rounds_table(rounds);
  CHECK(contains(table, "<tr class=\"abandoned\">"));
  CHECK(contains(table, "Federated accuracy"));
}

TEST_CASE("an edge that the round did without is let go, and no drop-out") {
  const auto round = round_with(1, {{"edge-1", "the cohort was complete", 0, 0, 0, {}},
                                    {"edge-2", "the round was abandoned", 0, 0, 0, {}},
                                    {"edge-3", "deadline passed", 0, 0, 0, {}}});
  CHECK(drop_out_reasons(round) == "deadline passed: edge-3");
  const auto data = data_in(html_report(facts(), {round}));
  CHECK(data["rounds"]["let_go"] == nlohmann::json{2});
  CHECK(data["rounds"]["dropped"] == nlohmann::json{1});
  CHECK(data["edges"][0]["cells"] == "s");
  CHECK(data["edges"][0]["let_go"] == 1);
}

TEST_CASE("names are ordered by the numbers in them") {
  CHECK(comes_before("edge-2", "edge-10"));
  CHECK_FALSE(comes_before("edge-10", "edge-2"));
  CHECK(comes_before("edge-09", "edge-10"));
  CHECK(comes_before("edge", "edge-1"));
  CHECK(comes_before("a", "b"));
  CHECK_FALSE(comes_before("a", "a"));
  CHECK(comes_before("edge-02", "edge-2") != comes_before("edge-2", "edge-02"));
  CHECK(comes_before("e99999999999999999999998", "e99999999999999999999999"));
}

TEST_CASE("an edge that was never invited is listed where the facts name it") {
  auto known = facts();
  known.client_names = {"edge-7"};
  const auto edges = summarise_edges(known, three_rounds());
  REQUIRE(edges.size() == 3);
  CHECK(edges[1].name == "edge-7");
  CHECK(edges[1].cells == "...");
  CHECK(edges[0].reported == 2);
  CHECK(edges[0].dropped == 1);
  CHECK(edges[0].example_count == 11);
}

TEST_CASE("HTML and script escapes leave ordinary text alone") {
  CHECK(escape_html("a < b & \"c\" 'd'\tü\n") == "a &lt; b &amp; &quot;c&quot; &#39;d&#39;\tü\n");
  CHECK(escape_html("\x1b\x7f\xc2\x9b\xff") == "\ufffd\ufffd\ufffd\ufffd");
  CHECK(safe_in_script(R"({"a":"</script>&"})") == R"({"a":"\u003c/script\u003e\u0026"})");
  CHECK(safe_in_script("\xE2\x80\xA8x\xE2\x80\xA9") == "\\u2028x\\u2029");
}
