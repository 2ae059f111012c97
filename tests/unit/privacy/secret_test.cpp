// Can what is secret be copied, compared or printed by mistake?
#include <concepts>
#include <ostream>
#include <type_traits>
#include <utility>

#include <doctest/doctest.h>
#include <fmt/core.h>
#include <fmt/ostream.h>

#include <godwit/messages/fields.hpp>
#include <godwit/messages/secret.hpp>
#include <godwit/privacy/certificates.hpp>
#include <godwit/privacy/signature.hpp>
#include <godwit/privacy/token.hpp>

using namespace godwit;

template <class T>
concept is_streamed = requires(std::ostream& out, const T& x) {
  out << x;
};

template <class T>
concept is_revealed_by_accident = std::is_copy_constructible_v<T> || std::is_copy_assignable_v<T> ||
    std::equality_comparable<T> || is_streamed<T> || fmt::is_formattable<T>::value || wire_type<T>;

static_assert(is_revealed_by_accident<client_id>, "the check itself can tell");
static_assert(!is_revealed_by_accident<secret>);
static_assert(!is_revealed_by_accident<certificate_files>);
static_assert(!is_revealed_by_accident<signing_key>);
static_assert(!is_revealed_by_accident<token_signer>);
static_assert(std::is_nothrow_move_constructible_v<secret>);

TEST_CASE("a secret that was moved away leaves nothing behind") {
  secret first(bytes{std::byte{1}, std::byte{2}});
  secret second(std::move(first));
  CHECK(first.empty()); // NOLINT: this is the promise under test
  CHECK(second.reveal().size() == 2);
  secret third;
  third = std::move(second);
  CHECK(second.empty()); // NOLINT
  CHECK(third.reveal()[1] == std::byte{2});
}

TEST_CASE("wiping overwrites every byte") {
  bytes content(1000, std::byte{0x5A});
  wipe(content);
  CHECK(content == bytes(1000));
}
