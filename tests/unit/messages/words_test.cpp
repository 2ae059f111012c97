// Do refusals, failures, identifiers and bytes say what they should, and is a secret wiped when it
// is dropped?
#include <csignal>
#include <set>
#include <string>
#include <string_view>

#include <sys/wait.h>
#include <unistd.h>

#include <doctest/doctest.h>

#include <godwit/messages/bytes.hpp>
#include <godwit/messages/failure.hpp>
#include <godwit/messages/ids.hpp>
#include <godwit/messages/model.hpp>
#include <godwit/messages/refusal.hpp>
#include <godwit/messages/result.hpp>
#include <godwit/messages/secret.hpp>

#include "allocation_meter.hpp"

using namespace godwit;

namespace {

bool is_word(std::string_view text) {
  return !text.empty() &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyz_") == std::string_view::npos;
}

/// Whether `work` ends its process by abort(), tried in a child.
template <class Work>
bool aborts(Work work) {
  std::fflush(nullptr);
  const auto child = fork();
  if (child == 0) {
    std::signal(SIGABRT, SIG_DFL);
    if (!freopen("/dev/null", "w", stderr))
      _exit(2);
    work();
    _exit(0);
  }
  int status = 0;
  return waitpid(child, &status, 0) == child && WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

} // namespace

TEST_CASE("every refusal has a name of its own and a sentence, and a foreign number has neither") {
  std::set<std::string_view> names, sentences;
  for (unsigned i = refusal_first; i <= refusal_last; ++i) {
    const auto why = static_cast<refusal>(i);
    CHECK(is_word(name(why)));
    CHECK(sentence(why).size() > 20);
    names.insert(name(why));
    sentences.insert(sentence(why));
  }
  CHECK(names.size() == refusal_last);
  CHECK(sentences.size() == refusal_last);
  for (unsigned i : {0U, refusal_last + 1U, 255U}) {
    CHECK(name(static_cast<refusal>(i)) == "unknown_refusal");
    CHECK_FALSE(sentence(static_cast<refusal>(i)).empty());
  }
}

TEST_CASE("a refusal's number and name never change") {
  CHECK(name(static_cast<refusal>(1)) == "wrong_phase");
  CHECK(name(static_cast<refusal>(2)) == "wrong_round");
  CHECK(name(static_cast<refusal>(4)) == "duplicate");
  CHECK(name(static_cast<refusal>(10)) == "token_expired");
  CHECK(name(static_cast<refusal>(15)) == "value_not_finite");
  CHECK(name(static_cast<refusal>(18)) == "malformed");
  CHECK(name(static_cast<refusal>(25)) == "wrong_job");
}

TEST_CASE("every failure has a name of its own") {
  std::set<std::string_view> names;
  for (unsigned i = 1; i <= 10; ++i)
    names.insert(name(static_cast<failure_code>(i)));
  CHECK(names.size() == 10);
  CHECK_FALSE(names.contains("unknown_failure"));
  CHECK(name(static_cast<failure_code>(0)) == "unknown_failure");
  CHECK(name(static_cast<failure_code>(11)) == "unknown_failure");
}

TEST_CASE("roles have names") {
  CHECK(name(role::server) == "server");
  CHECK(name(role::edge) == "edge");
  CHECK(name(role::person) == "person");
  CHECK(name(role::trustee) == "trustee");
  CHECK(name(static_cast<role>(9)) == "unknown_role");
}

TEST_CASE("a name is 1 to 64 of [a-z0-9._-]") {
  for (std::string_view good : {"a", "0", "edge-1", "x.y_z"})
    CHECK(is_valid_name(good));
  CHECK(is_valid_name(std::string(64, 'a')));
  for (std::string_view bad : {"", "A", " ", "a b", "../etc/", "a,b", "\n"})
    CHECK_FALSE(is_valid_name(bad));
  CHECK_FALSE(is_valid_name(std::string(65, 'a')));
  for (int c = 0; c < 256; ++c) {
    const bool is_good =
        (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
    CHECK(is_valid_name(std::string(1, static_cast<char>(c))) == is_good);
  }
}

TEST_CASE("identifiers are ordered and hashed by what they hold") {
  CHECK(client_id{"a"} < client_id{"b"});
  CHECK(client_id{"a"} == client_id{"a"});
  CHECK(round_id{1} < round_id{2});
  CHECK(std::hash<client_id>{}({"a"}) == std::hash<client_id>{}({"a"}));
}

TEST_CASE("bytes are shown as lower-case hexadecimal") {
  CHECK(hex({}) == "");
  CHECK(hex(as_bytes(std::string_view("\x00\x0F\xA0\xFF", 4))) == "000fa0ff");
}

TEST_CASE("a part of shared bytes keeps the whole alive") {
  shared_bytes part;
  {
    const shared_bytes whole(bytes(100, std::byte{7}));
    part = whole.part(90, 10);
  }
  CHECK(part.size() == 10);
  CHECK(part.view()[9] == std::byte{7});
  CHECK(shared_bytes().empty());
}

TEST_CASE("a layout's parameters are the products of its shapes, added up") {
  CHECK(parameter_count({}) == 0);
  CHECK(parameter_count({{"w", {3, 4}}, {"b", {4}}, {"scalar", {}}, {"none", {0, 7}}}) == 17);
}

TEST_CASE("a secret is wiped before its memory is given back") {
  constexpr std::size_t size = 777; // so odd that no other block has it
  {
    allocation_meter::watch_freed(size);
    const bytes plain(size, std::byte{0x5A});
  }
  REQUIRE(allocation_meter::stop_watching().dirty_count == 1); // the watch itself can tell

  allocation_meter::watch_freed(size);
  { const secret dropped(bytes(size, std::byte{0x5A})); }
  {
    secret replaced(bytes(size, std::byte{0x5A}));
    replaced = secret(bytes(8, std::byte{1}));
  }
  {
    secret moved(bytes(size, std::byte{0x5A}));
    const secret there(std::move(moved));
  }
  const auto seen = allocation_meter::stop_watching();
  CHECK(seen.count == 3);
  CHECK(seen.dirty_count == 0);
}

TEST_CASE("reading the wrong side of a result is a bug and ends the process") {
  const result<int> good = 1;
  const result<int> bad = refusal::full;
  CHECK(*good == 1);
  CHECK(bad.why() == refusal::full);
  CHECK(aborts([&] { (void)bad.value(); }));
  CHECK(aborts([&] { (void)good.why(); }));
  CHECK_FALSE(aborts([&] { (void)good.value(); }));
}
