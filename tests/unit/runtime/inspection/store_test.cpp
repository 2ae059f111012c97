// Can a person read what lies in a state folder, also where it is damaged?
#include <string>

#include <doctest/doctest.h>

#include <godwit/messages/edge_journal.hpp>
#include <godwit/messages/server_journal.hpp>

#include "inspection/store.hpp"
#include "storage/checkpoint_file.hpp"
#include "storage/journal_file.hpp"
#include "storage/real_disk.hpp"
#include "support/sample_messages.hpp"
#include "support/scratch_folder.hpp"

using namespace godwit;
using namespace std::chrono_literals;

namespace {

std::string all_of(const store_in_words& store) {
  std::string text;
  for (const auto& line : store.lines)
    text += line + "\n";
  return text;
}

journal_record record(const server_line& line, bytes body = {}) {
  return {encode(line), shared_bytes(std::move(body))};
}

/// A server's folder: the sample checkpoint, and a journal behind it.
void fill(const std::filesystem::path& folder) {
  const auto files = std::make_shared<real_disk>(folder);
  const auto state = samples::kept();
  REQUIRE(checkpoint_file(files).save(state, state.parameters));
  auto opened = journal_file::open(files);
  REQUIRE(opened);
  const update_offer offer{.round = {4},
                           .example_count = 600,
                           .step_count = 60,
                           .loss = 0.5,
                           .update = samples::model(),
                           .letter = {6, 5}};
  const journal_record lines[] = {
      record({.at = 6s, .client = {}, .mailbox = 0, .what = written::journal_began{{3}}}),
      record(
          {.at = 7s,
           .client = {},
           .mailbox = 0,
           .what = written::round_opened{{4}, {{"edge-1"}, {"edge-2"}}, {}, 1, samples::model()}}),
      record({.at = 8s, .client = {"edge-1"}, .mailbox = 170, .what = offer}),
      record({.at = 9s,
              .client = {"edge-1"},
              .mailbox = 0,
              .what = written::update_summed{{4}, 600, 0}},
             bytes(400)),
  };
  REQUIRE(opened->journal.keep(lines));
}

} // namespace

TEST_CASE("a server's folder reads as its checkpoint and the lines of its journal") {
  const scratch_folder folder;
  fill(folder.path());
  const auto store = describe_store(folder.path());
  REQUIRE(store);
  CHECK_FALSE(store->damage);
  const auto text = all_of(*store);
  for (const auto* part :
       {"job \"job\", model cnn, seed 7", "behind round 3: 2 committed, 1 abandoned in a row",
        "2 edges; mailbox 00000000000000bb; 1 letters not acknowledged", "edge-1: letters 9 to 9",
        "journal      4 lines",
        "round_opened: round 4, model 4041424344454647, invites edge-1 edge-2",
        "edge-1  update_offer: round 4, 600 examples, 60 steps, loss 0.5", "letter 6",
        "9.000 s  edge-1  update_summed: round 4, counted with weight 600 (with 400 bytes)"})
    CHECK_MESSAGE(contains(text, part), part << "\nis not in\n" << text);
}

TEST_CASE("a torn end is told, a damaged middle is told with what to do, and neither is changed") {
  const scratch_folder folder;
  fill(folder.path());
  const auto whole = read_whole(folder / "journal");
  write_whole(folder / "journal", whole.substr(0, whole.size() - 3));
  auto store = describe_store(folder.path());
  REQUIRE(store);
  CHECK_FALSE(store->damage);
  CHECK(contains(all_of(*store), "they are not read"));
  CHECK(read_whole(folder / "journal").size() == whole.size() - 3);

  auto flipped = read_whole(folder / "checkpoint");
  flipped[40] = static_cast<char>(flipped[40] ^ 1);
  write_whole(folder / "checkpoint", flipped);
  store = describe_store(folder.path());
  REQUIRE(store);
  REQUIRE(store->damage);
  CHECK(contains(store->damage->detail, "does not match its checksum"));
  CHECK(contains(store->damage->detail, "restore an older copy"));
}

TEST_CASE("an edge's folder reads as its mailbox, its task and its update") {
  const scratch_folder folder;
  const auto files = std::make_shared<real_disk>(folder.path());
  auto opened = journal_file::open(files);
  REQUIRE(opened);
  const auto said = encode(edge_envelope{"", invitation_answer{{4}, 0, "low battery", {2, 1}}});
  const journal_record lines[] = {
      {encode(edge_line{.at = 1s, .what = noted::mailbox_made{{"edge-1"}, 170, 0}}), {}},
      {encode(edge_line{.at = 2s, .what = noted::letter_put{2, said.kind, as_text(said.head)}}),
       {}},
      {encode(edge_line{.at = 3s, .what = noted::letters_taken{2}}), {}},
  };
  REQUIRE(opened->journal.keep(lines));
  const auto store = describe_store(folder.path());
  REQUIRE(store);
  const auto text = all_of(*store);
  for (const auto* part : {"mailbox_made: of edge-1, id 00000000000000aa",
                           "letter 2: invitation_answer: round 4, declines: low battery",
                           "letters_taken: the server has all letters up to 2"})
    CHECK_MESSAGE(contains(text, part), part << "\nis not in\n" << text);
}

TEST_CASE("a folder with nothing of ours in it is refused") {
  const scratch_folder folder;
  const auto store = describe_store(folder.path());
  REQUIRE_FALSE(store);
  CHECK(contains(store.why().detail, "name the state folder of a server or an edge"));
  CHECK_FALSE(describe_store(folder / "nowhere"));
}
