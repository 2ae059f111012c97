#include "sum_frame.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <span>

#include <godwit/privacy/digest.hpp>

namespace godwit {

namespace {

constexpr std::array<char, 4> magic{'G', 'W', 'H', 'E'};
constexpr std::uint8_t version = 1;

class writer {
public:
  explicit writer(std::byte* to) : to_(to) {}
  template <class T>
  void number(T value) {
    for (std::size_t i = 0; i < sizeof(T); ++i)
      *to_++ = static_cast<std::byte>(static_cast<std::uint64_t>(value) >> (8 * i));
  }
  void raw(bytes_view content) { to_ = std::copy(content.begin(), content.end(), to_); }

private:
  std::byte* to_;
};

class reader {
public:
  explicit reader(const std::byte* from) : from_(from) {}
  template <class T>
  T number() {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < sizeof(T); ++i)
      value |= std::to_integer<std::uint64_t>(*from_++) << (8 * i);
    return static_cast<T>(value);
  }
  void raw(std::span<std::byte> to) {
    std::copy_n(from_, to.size(), to.begin());
    from_ += to.size();
  }

private:
  const std::byte* from_;
};

} // namespace

bytes open_frame(const frame& head, std::size_t body_bytes) {
  bytes content(frame_bytes + body_bytes);
  writer to(content.data());
  to.raw(std::as_bytes(std::span(magic)));
  to.number(version);
  to.number(static_cast<std::uint8_t>(head.kind));
  to.number(static_cast<std::uint16_t>(head.label.set));
  to.number(head.label.round);
  to.number(head.label.level);
  to.number(head.label.value_count);
  to.number(head.label.parties);
  to.number(head.party);
  to.number(head.label.value_bits);
  to.number(std::uint8_t{0});
  to.number(std::uint16_t{0});
  to.raw(head.label.key);
  return content;
}

void seal_frame(bytes& content) {
  const auto digest = sha256(bytes_view(content).first(content.size() - 32));
  std::copy(digest.begin(), digest.end(), content.end() - 32);
}

sum_result<framed> read_frame(bytes_view content, frame_kind kind, sum_set set) {
  if (content.size() < frame_bytes)
    return sum_refusal::malformed;
  framed read{.head = {}, .body = content.subspan(frame_head_bytes, content.size() - frame_bytes)};
  reader from(content.data());
  std::array<std::byte, magic.size()> begin{};
  from.raw(begin);
  if (std::memcmp(begin.data(), magic.data(), magic.size()) != 0 ||
      from.number<std::uint8_t>() != version)
    return sum_refusal::malformed;
  if (sha256(content.first(content.size() - 32)) != digest_of_frame(content))
    return sum_refusal::wrong_checksum;
  const auto read_kind = from.number<std::uint8_t>();
  const auto read_set = from.number<std::uint16_t>();
  if (read_kind != static_cast<std::uint8_t>(kind) || read_set != static_cast<std::uint16_t>(set))
    return sum_refusal::wrong_set;
  read.head.kind = kind;
  auto& label = read.head.label;
  label.set = set;
  label.round = from.number<std::uint64_t>();
  label.level = from.number<std::uint64_t>();
  label.value_count = from.number<std::uint64_t>();
  label.parties = from.number<std::uint16_t>();
  read.head.party = from.number<std::uint16_t>();
  label.value_bits = from.number<std::uint8_t>();
  if (from.number<std::uint8_t>() != 0 || from.number<std::uint16_t>() != 0)
    return sum_refusal::malformed;
  from.raw(label.key);
  return read;
}

sha256_digest digest_of_frame(bytes_view content) {
  sha256_digest digest{};
  std::copy(content.end() - 32, content.end(), digest.begin());
  return digest;
}

} // namespace godwit
