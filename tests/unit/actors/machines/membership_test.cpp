// Who is let in, under which certificate, and who may be asked to work?
#include <doctest/doctest.h>

#include <godwit/actors/machines/membership.hpp>
#include <godwit/messages/limits.hpp>

using namespace godwit;

namespace {

sha256_digest certificate(int number) {
  sha256_digest made{};
  made[0] = static_cast<std::byte>(number);
  return made;
}

hello greeting(const std::string& name) {
  return {.client = {name},
          .model = "cnn",
          .parameter_count = 100,
          .example_count = 50,
          .features = {}};
}

membership::machine job() {
  return {{.model = "cnn", .parameter_count = 100}, {}};
}

std::string why(const result<done>& out) {
  return out ? "" : std::string(name(out.why()));
}

} // namespace

TEST_CASE("an edge that greets with its certificate's name is enrolled and may be selected") {
  auto members = job();
  CHECK(members.enrol(greeting("a"), "a", certificate(1)));
  CHECK(members.present_count() == 1);
  REQUIRE(members.candidates().size() == 1);
  CHECK(members.candidates()[0].client == client_id{"a"});
  CHECK(members.candidates()[0].example_count == 50);
}

TEST_CASE("a greeting that does not fit is refused with its reason, and nobody is enrolled") {
  auto members = job();
  auto foreign = greeting("a");
  foreign.protocol = protocol_number + 1;
  CHECK(why(members.enrol(foreign, "a", certificate(1))) == "protocol_mismatch");
  CHECK(why(members.enrol(greeting("a"), "b", certificate(1))) == "identity_mismatch");
  auto other = greeting("a");
  other.model = "mlp";
  CHECK(why(members.enrol(other, "a", certificate(1))) == "wrong_job");
  other = greeting("a");
  other.parameter_count = 101;
  CHECK(why(members.enrol(other, "a", certificate(1))) == "wrong_job");
  CHECK(members.present_count() == 0);
  CHECK(members.entries().empty());
}

TEST_CASE("a name stays bound to its first certificate, also across a restart") {
  auto members = job();
  REQUIRE(members.enrol(greeting("a"), "a", certificate(1)));
  CHECK(why(members.enrol(greeting("a"), "a", certificate(2))) == "identity_mismatch");
  CHECK(members.present_count() == 1);
  members.lose({"a"});
  CHECK(why(members.enrol(greeting("a"), "a", certificate(2))) == "identity_mismatch");

  membership::machine restarted({.model = "cnn", .parameter_count = 100}, members.members());
  CHECK(restarted.present_count() == 0);
  CHECK(restarted.candidates().empty());
  CHECK(why(restarted.enrol(greeting("a"), "a", certificate(2))) == "identity_mismatch");
  CHECK(restarted.enrol(greeting("a"), "a", certificate(1)));
}

TEST_CASE("a second connection of an edge does not count it twice, and one loss is enough") {
  auto members = job();
  REQUIRE(members.enrol(greeting("a"), "a", certificate(1)));
  REQUIRE(members.enrol(greeting("a"), "a", certificate(1)));
  CHECK(members.present_count() == 1);
  members.lose({"a"});
  CHECK(members.present_count() == 0);
  members.lose({"a"});
  members.lose({"nobody"});
  CHECK(members.present_count() == 0);
  CHECK(members.members().size() == 1);
}

TEST_CASE("an edge that may not work is present and no candidate, until it may again") {
  auto members = job();
  REQUIRE(members.enrol(greeting("a"), "a", certificate(1)));
  REQUIRE(members.update({"a"}, {.eligible = 0, .reason = "hot", .power_mode = "critical"}));
  CHECK(members.candidates().empty());
  CHECK(members.present_count() == 1);
  CHECK(members.entries().at({"a"}).ineligible_because == "hot");
  REQUIRE(members.update({"a"}, {.eligible = 1, .reason = {}, .power_mode = "balanced"}));
  CHECK(members.candidates().size() == 1);
}

TEST_CASE("a status from one that is not there is refused") {
  auto members = job();
  CHECK(why(members.update({"a"}, {})) == "not_enrolled");
  REQUIRE(members.enrol(greeting("a"), "a", certificate(1)));
  members.lose({"a"});
  CHECK(why(members.update({"a"}, {})) == "not_enrolled");
}

TEST_CASE("example counts are clipped to what one client may weigh") {
  auto members = job();
  auto boast = greeting("a");
  boast.example_count = ~std::uint64_t{0};
  REQUIRE(members.enrol(boast, "a", certificate(1)));
  CHECK(members.candidates()[0].example_count == limits::example_count_max);
}

TEST_CASE("candidates come by name, whatever the order in which they came") {
  auto members = job();
  for (auto* who : {"c", "a", "b"})
    REQUIRE(members.enrol(greeting(who), who, certificate(who[0])));
  std::string order;
  for (const auto& x : members.candidates())
    order += x.client.name;
  CHECK(order == "abc");
}

TEST_CASE("candidates are counted through all that happens to them") {
  auto members = job();
  const auto agrees = [&] { return members.candidate_count() == members.candidates().size(); };
  for (auto* who : {"a", "b", "c", "a"}) {
    REQUIRE(members.enrol(greeting(who), who, certificate(who[0])));
    CHECK(agrees());
  }
  CHECK(members.candidate_count() == 3);
  for (const bool may_work : {false, false, true, false}) {
    const edge_status now{.eligible = std::uint8_t{may_work}, .reason = {}, .power_mode = {}};
    REQUIRE(members.update({"b"}, now));
    CHECK(agrees());
  }
  CHECK(members.candidate_count() == 2);
  members.lose({"b"});
  members.lose({"a"});
  members.lose({"a"});
  CHECK(agrees());
  CHECK(members.candidate_count() == 1);
  REQUIRE(members.enrol(greeting("b"), "b", certificate('b')));
  CHECK(agrees());
  CHECK(members.candidate_count() == 2);
}

TEST_CASE("whose privacy budget is spent is no candidate any more, there or not, enrolled or not") {
  auto members = job();
  for (auto* who : {"a", "b", "c"})
    REQUIRE(members.enrol(greeting(who), who, certificate(who[0])));
  CHECK(members.left_count() == 3);
  members.spend({"b"});
  members.spend({"b"});
  members.spend({"d"}); // of an earlier process; it comes later
  CHECK(members.candidate_count() == 2);
  CHECK(members.candidates().size() == 2);
  CHECK(members.spent_count() == 1);
  CHECK(members.left_count() == 2);
  members.lose({"b"});
  CHECK(members.spent_count() == 0);
  REQUIRE(members.enrol(greeting("b"), "b", certificate('b')));
  REQUIRE(members.enrol(greeting("d"), "d", certificate('d')));
  CHECK(members.candidate_count() == 2);
  CHECK(members.spent_count() == 2);
  CHECK(members.left_count() == 2);
}
