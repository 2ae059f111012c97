// The terms' fields, in the order of privacy/SECURE_SUM.md, section 2.
#include <godwit/privacy/secure_terms.hpp>

#include <algorithm>
#include <bit>
#include <cmath>

#include <godwit/messages/limits.hpp>
#include <godwit/privacy/canonical.hpp>

namespace godwit::secure_sum {
namespace {

constexpr std::string_view magic = "FLSA1";
constexpr std::size_t stream_bytes_encoded = 8 + 8 + 8 + 1;

__extension__ using wide = unsigned __int128;

bool is_valid(const stream_terms& x) {
  if (x.length == 0 || x.length > limits::parameter_count_max)
    return false;
  if (x.bits == 0 || x.bits > stream_bits_most)
    return false;
  const double range = x.high - x.low;
  const double scale = std::ldexp(static_cast<double>((1U << x.bits) - 1), 24) / range;
  return std::isfinite(x.low) && std::isfinite(x.high) && std::isfinite(range) && range > 0 &&
         std::isfinite(scale) && scale > 0;
}

} // namespace

std::uint8_t modulus_bits_for(std::uint32_t clients_max, std::uint32_t weight_max,
                              const std::vector<stream_terms>& streams) {
  std::uint8_t bits = 0;
  for (const auto& x : streams)
    bits = std::max(bits, x.bits);
  auto largest = static_cast<wide>(clients_max) * weight_max * ((std::uint64_t{1} << bits) - 1);
  std::uint8_t width = 0;
  for (; largest != 0; largest >>= 1)
    ++width;
  return width > modulus_bits_most ? std::uint8_t{0} : std::max(width, modulus_bits_least);
}

std::uint8_t lane_bits_for(std::uint8_t modulus_bits) noexcept {
  return modulus_bits <= 16 ? 16 : modulus_bits <= 32 ? 32 : 64;
}

std::uint64_t entry_count(const terms& x) noexcept {
  std::uint64_t count = 1;
  for (const auto& stream : x.streams)
    count += stream.length;
  return count;
}

key_stream mask_stream(const terms& x) noexcept {
  return {.suite = x.suite, .nonce = mask_nonce(x.round)};
}

result<done> check(const terms& x) {
  const bool is_known = (x.suite == mask_suite::aes256_ctr || x.suite == mask_suite::chacha20) &&
                        (x.profile == profile::semi_honest || x.profile == profile::malicious);
  const bool is_named = is_valid_name(x.job) && x.round.value != 0;
  const bool is_counted = x.clients_min >= 2 && x.clients_min <= x.clients_max &&
                          x.clients_max <= graph_count_max && x.weight_max >= 1 &&
                          x.fractions.corrupt < 1000 && x.fractions.dropped < 1000;
  const bool is_streamed = !x.streams.empty() && x.streams.size() <= stream_count_max &&
                           std::all_of(x.streams.begin(), x.streams.end(), is_valid) &&
                           entry_count(x) <= limits::parameter_count_max;
  if (!is_known || !is_named || !is_counted || !is_streamed)
    return refusal::wrong_terms;
  const auto needed = modulus_bits_for(x.clients_max, x.weight_max, x.streams);
  if (needed == 0 || x.modulus_bits < needed || x.modulus_bits > modulus_bits_most ||
      x.lane_bits != lane_bits_for(x.modulus_bits))
    return refusal::wrong_terms;
  return done{};
}

bytes encode(const terms& x) {
  canonical::writer out;
  out.raw(as_bytes(magic))
      .u8(static_cast<std::uint8_t>(x.suite))
      .u8(static_cast<std::uint8_t>(x.profile))
      .with_length(as_bytes(x.job))
      .u64(x.round.value)
      .raw(x.server_nonce)
      .u32(x.clients_min)
      .u32(x.clients_max)
      .u16(x.fractions.corrupt)
      .u16(x.fractions.dropped)
      .u32(x.weight_max)
      .u8(x.modulus_bits)
      .u8(x.lane_bits)
      .raw(x.model)
      .u32(static_cast<std::uint32_t>(x.streams.size()));
  for (const auto& stream : x.streams)
    out.u64(stream.length).f64(stream.low).f64(stream.high).u8(stream.bits);
  return out.take();
}

result<terms> decode_terms(bytes_view encoded) {
  canonical::reader in(encoded);
  if (as_text(in.raw(magic.size())) != magic)
    return refusal::malformed;
  terms x;
  x.suite = static_cast<mask_suite>(in.u8());
  x.profile = static_cast<profile>(in.u8());
  x.job = as_text(in.with_length(limits::name_length_max));
  x.round.value = in.u64();
  in.fill(x.server_nonce);
  x.clients_min = in.u32();
  x.clients_max = in.u32();
  x.fractions.corrupt = in.u16();
  x.fractions.dropped = in.u16();
  x.weight_max = in.u32();
  x.modulus_bits = in.u8();
  x.lane_bits = in.u8();
  in.fill(x.model);
  const auto count = in.count(stream_bytes_encoded);
  if (count > stream_count_max)
    return refusal::malformed;
  for (std::uint32_t i = 0; i < count; ++i) {
    auto& stream = x.streams.emplace_back();
    stream.length = in.u64();
    stream.low = in.f64();
    stream.high = in.f64();
    stream.bits = in.u8();
  }
  if (!in.is_whole())
    return refusal::malformed;
  if (auto checked = check(x); !checked)
    return checked.why();
  return x;
}

bool is_possible_weight(const terms& x, std::uint32_t survivor_count,
                        std::uint64_t weight) noexcept {
  return weight >= survivor_count &&
         weight <= std::uint64_t{survivor_count} * std::uint64_t{x.weight_max};
}

sha256_digest hash_of_terms(bytes_view encoded) {
  return canonical::hash("FLSA1/terms", encoded);
}

} // namespace godwit::secure_sum
