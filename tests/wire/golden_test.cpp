// Are the bytes on the wire and on disk the ones that were agreed, both ways, and does every
// message have its file?
#include <set>
#include <sstream>
#include <string>
#include <variant>

#include <doctest/doctest.h>

#include "support/sample_messages.hpp"
#include "wire/golden_file.hpp"

using namespace godwit;

namespace {

std::string name_of(const edge_envelope& x) {
  return std::string(name(x.message));
}
std::string name_of(const person_message&) {
  return "status_request";
}
std::string name_of(const server_message& x) {
  return std::string(name(x));
}
std::string name_of(const trustee_envelope& x) {
  return std::string(name(x.message));
}

result<edge_envelope> decode(const edge_envelope&, std::uint16_t kind, bytes_view head) {
  return decode_edge_envelope(kind, head);
}
result<person_message> decode(const person_message&, std::uint16_t kind, bytes_view head) {
  return decode_person_message(kind, head);
}
result<server_message> decode(const server_message&, std::uint16_t kind, bytes_view head) {
  return decode_server_message(kind, head);
}

result<trustee_envelope> decode(const trustee_envelope&, std::uint16_t kind, bytes_view head) {
  return decode_trustee_envelope(kind, head);
}

std::set<std::string>& seen() {
  static std::set<std::string> names;
  return names;
}

template <class Samples>
void check_golden(const Samples& samples) {
  for (const auto& sample : samples) {
    const auto message = name_of(sample);
    CAPTURE(message);
    seen().insert(message);
    const auto golden = golden::of(message);
    const auto made = encode(sample);
    CHECK(made.kind == golden.kind);
    CHECK(hex(made.head) == hex(golden.content));
    const auto back = decode(sample, golden.kind, golden.content);
    REQUIRE(back);
    CHECK(name_of(*back) == message);
    CHECK(hex(encode(*back).head) == hex(golden.content));
    CHECK(golden.comment_count > 1);
  }
}

struct named {
  std::uint16_t kind = 0;
  std::string message, from, to;
};

std::vector<named> written_names() {
  std::ifstream in(golden::folder() / "names.txt");
  REQUIRE(in);
  std::vector<named> rows;
  for (std::string line; std::getline(in, line);)
    if (!line.starts_with('#')) {
      named row;
      REQUIRE((std::istringstream(line) >> row.kind >> row.message >> row.from >> row.to));
      rows.push_back(row);
    }
  return rows;
}

} // namespace

TEST_CASE("every message of an edge, a person, a server and a trustee has its golden bytes, both "
          "ways") {
  REQUIRE(samples::edge().size() == std::variant_size_v<edge_message>);
  REQUIRE(samples::person().size() == std::variant_size_v<person_message>);
  REQUIRE(samples::server().size() == std::variant_size_v<server_message>);
  for (std::size_t i = 0; i < samples::edge().size(); ++i)
    CHECK(samples::edge()[i].message.index() == i);
  for (std::size_t i = 0; i < samples::server().size(); ++i)
    CHECK(samples::server()[i].index() == i);
  REQUIRE(samples::trustee().size() == std::variant_size_v<trustee_message>);
  for (std::size_t i = 0; i < samples::trustee().size(); ++i)
    CHECK(samples::trustee()[i].message.index() == i);
  seen().clear();
  check_golden(samples::edge());
  check_golden(samples::person());
  check_golden(samples::server());
  check_golden(samples::trustee());

  // And no golden file speaks of a message that is gone.
  for (const auto& entry : std::filesystem::directory_iterator(golden::folder())) {
    const auto file = entry.path().filename().string();
    if (file.ends_with(".hex") && !file.starts_with("checkpoint."))
      CHECK_MESSAGE(seen().contains(file.substr(0, file.find('.'))), file);
  }
}

TEST_CASE("the list of names and kinds is the one that was agreed") {
  const auto rows = written_names();
  std::size_t at = 0;
  const auto check = [&](std::uint16_t kind, std::string_view message, const char* from) {
    REQUIRE(at < rows.size());
    CHECK(rows[at].kind == kind);
    CHECK(rows[at].message == message);
    CHECK(rows[at].from == from);
    ++at;
  };
  for (const auto& x : samples::edge())
    check(encode(x).kind, name(x.message), "edge");
  for (const auto& x : samples::person())
    check(encode(x).kind, "status_request", "person");
  for (const auto& x : samples::server())
    check(encode(x).kind, name(x), "server");
  for (const auto& x : samples::trustee())
    check(encode(x).kind, name(x.message), "trustee");
  CHECK(at == rows.size());
}

TEST_CASE("a checkpoint's bytes are the ones that older runs left on disk") {
  const auto golden = golden::of("checkpoint");
  CHECK(hex(samples::on_disk(samples::kept())) == hex(golden.content));
  const auto back = decode_checkpoint(golden.content);
  REQUIRE(back);
  CHECK(back->members.at(1).client == client_id{"edge-2"});
  CHECK(back->parameters == samples::kept().parameters);
  CHECK(hex(samples::on_disk(*back)) == hex(golden.content));
}

TEST_CASE("a checkpoint of the first version is read, with no letters and no server time") {
  const auto old = decode_checkpoint(golden::read(golden::folder() / "checkpoint.v1.hex").content);
  REQUIRE(old);
  CHECK(old->members.at(1).client == client_id{"edge-2"});
  CHECK(old->parameters == samples::kept().parameters);
  CHECK(old->mail.empty());
  CHECK(old->mailbox == 0);
  CHECK(old->server_time_ns == 0);
}

TEST_CASE("a checkpoint of the second version is read, with no clip norm") {
  const auto old = decode_checkpoint(golden::read(golden::folder() / "checkpoint.v2.hex").content);
  REQUIRE(old);
  auto expected = samples::kept();
  expected.clip_norm = 0;
  CHECK(hex(samples::on_disk(*old)) == hex(samples::on_disk(expected)));
}

TEST_CASE("a change to the golden bytes comes with another protocol number") {
  CHECK(protocol_number == 4); // raise it with any change above, and name the new files .v5.hex
  CHECK(checkpoint::schema == 3);
}
