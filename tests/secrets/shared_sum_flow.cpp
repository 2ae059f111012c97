// Does any branch or address in shared sums and authenticated shares depend on a key, a share or a
// value? Run in valgrind, as secret_flow.cpp is.
#include <algorithm>
#include <array>
#include <cstdio>
#include <span>
#include <vector>

#include <valgrind/memcheck.h>

#include <godwit/privacy/authenticated_sharing.hpp>
#include <godwit/privacy/shared_sum.hpp>

using namespace godwit;

namespace {

void make_secret(auto& content) {
  const auto memory = std::as_writable_bytes(std::span(content));
  VALGRIND_MAKE_MEM_UNDEFINED(memory.data(), memory.size());
}

/// Whether some of it is marked: then the secrets did flow through what made it.
bool is_marked(auto& content) {
  const auto memory = std::as_writable_bytes(std::span(content));
  std::vector<unsigned char> marks(memory.size());
  VALGRIND_GET_VBITS(memory.data(), marks.data(), marks.size());
  return std::any_of(marks.begin(), marks.end(), [](unsigned char mark) { return mark != 0; });
}

/// A client's split, and the server that adds keys' masks and lanes up.
template <class Lane>
bool split_and_sum(mask_suite suite) {
  shared_sum::terms t;
  t.suite = suite;
  t.scheme = shared_sum::scheme::replicated;
  t.server_count = 3;
  t.lane_bits = 8 * sizeof(Lane);
  t.length = 5003;
  bytes seed(32, std::byte{1});
  std::vector<Lane> entries(5003, 7);
  make_secret(seed);
  make_secret(entries);
  auto made = split(t, secret(std::move(seed)), std::move(entries));
  for (auto& head : made.heads) { // to whom and for what is no secret
    const auto known = std::span(head).first(1 + sizeof(sha256_digest));
    VALGRIND_MAKE_MEM_DEFINED(known.data(), known.size());
  }
  const auto view = std::as_bytes(std::span(made.lanes));
  const auto held =
      read_upload(t, 2, made.heads[1], shared_bytes(bytes(view.begin(), view.end()))).value();
  const std::array<const shared_sum::upload*, 2> twice{&held, &held};
  bool is_through = is_marked(made.lanes);
  for (const unsigned share : {2U, 3U}) {
    auto sum = sum_of_share(t, 2, share, twice);
    is_through = is_marked(sum) && is_through;
    const std::array<bytes_view, 1> sent{sent_share(t, 2, held, share)};
    auto print = fingerprints(t, {}, sent);
    is_through = is_marked(print) && is_through;
  }
  return is_through;
}

/// Sums, products and the check of MACs, over parts that nobody may learn.
bool authenticated_arithmetic() {
  using field = field_element;
  std::array<std::uint64_t, 4> words{1, 2, 3, 4};
  make_secret(words);
  authenticated::party_key<field> key{.party = 0, .party_count = 2, .parts = {}};
  key.parts = {field(words[0]), field(words[1])};
  authenticated::share<field> x{field(words[2]), {field(words[3]), field(words[0])}};
  const auto y = x * field(17) - key.of_public(field(9)) + x;
  const auto sign = field::of_signed(static_cast<std::int64_t>(words[3]));
  const std::array<authenticated::opened_value<field, 2>, 2> opened{
      {{field(5), y.macs}, {field(6), x.macs}}};
  const bytes coins(32);
  element_source<field> coefficients(coins);
  std::array<field, 3> out{authenticated::mac_remainder<field, 2>(key, 1, opened, coefficients),
                           y.value * y.value, sign.inverse()};
  return is_marked(out);
}

} // namespace

int main() {
  bool is_through = authenticated_arithmetic();
  for (const auto suite : {mask_suite::aes256_ctr, mask_suite::chacha20}) {
    is_through = split_and_sum<std::uint16_t>(suite) && is_through;
    is_through = split_and_sum<std::uint32_t>(suite) && is_through;
    is_through = split_and_sum<std::uint64_t>(suite) && is_through;
  }
  if (RUNNING_ON_VALGRIND && !is_through) {
    std::puts("the marks were lost on the way: this proves nothing");
    return 1;
  }
  return 0;
}
