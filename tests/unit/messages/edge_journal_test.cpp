// Does each line of an edge's journal come back as it was written, and does nothing else pass for
// one?
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <godwit/messages/edge_journal.hpp>

using namespace godwit;
using namespace std::chrono_literals;

namespace {

std::vector<edge_line> all_lines() {
  model_id model{.sha256 = {}, .byte_count = 400};
  model.sha256[3] = std::byte{7};
  return {
      {1s, noted::mailbox_made{{"edge-01"}, 77, 12}},
      {2s, noted::letter_put{13, 36, "what it says"}},
      {3s, noted::letters_taken{13}},
      {4s, noted::letters_heard{99, 5}},
      {5s, noted::letter_dropped{13, "too_old"}},
      {6s, noted::task_taken{{.round = {4},
                              .model = model,
                              .plan = {.seed = 3},
                              .milliseconds_left = 10,
                              .milliseconds_lease = 20}}},
      {7s, noted::update_trained{{.round = {4},
                                  .example_count = 10,
                                  .step_count = 3,
                                  .loss = 0.5,
                                  .update = model,
                                  .letter = {14, 13}}}},
      {-8s, noted::task_over{{4}}},
      {9s, noted::secure_task_taken{{.round = {4},
                                     .model = model,
                                     .plan = {},
                                     .milliseconds_left = 10,
                                     .milliseconds_lease = 20},
                                    "terms",
                                    "a seed",
                                    "a certificate and a signature"}},
      {10s, noted::secure_call_taken{{4}, 2, "roster"}},
      {11s, noted::secure_body_made{{4}, model.sha256}},
      {12s, noted::secure_over{{4}}},
      {13s, noted::examples_told{1.5, 0.25, 40}},
      {14s, noted::updates_told{2, 0.5, 1}},
  };
}

std::string why(const attempt<edge_line>& out) {
  return out ? "" : std::string(name(out.why().code));
}

} // namespace

TEST_CASE("each line of an edge's journal comes back as it was written") {
  const auto lines = all_lines();
  REQUIRE(lines.size() == std::variant_size_v<edge_record>);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    CHECK(lines[i].what.index() == i);
    const auto written = encode(lines[i]);
    const auto back = decode_edge_line(written);
    REQUIRE(back);
    CHECK(back->at == lines[i].at);
    CHECK(name(back->what) == name(lines[i].what));
    CHECK(encode(*back) == written);
  }
}

TEST_CASE("a line of an edge's journal that is cut off, continued or of a newer schema is none") {
  for (const auto& line : all_lines()) {
    CAPTURE(name(line.what));
    auto written = encode(line);
    for (std::size_t length = 0; length < written.size(); ++length)
      CHECK(why(decode_edge_line(bytes_view(written).first(length))) == "corrupt");
    written.push_back(std::byte{0});
    CHECK(why(decode_edge_line(written)) == "corrupt");
    written.pop_back();
    auto newer = written;
    newer[0] = std::byte{3}; // the schema
    CHECK(why(decode_edge_line(newer)) == "unsupported");
    newer = written;
    newer[2] = std::byte{std::variant_size_v<edge_record>}; // the kind
    CHECK(why(decode_edge_line(newer)) == "unsupported");
  }
}
