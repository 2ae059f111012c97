// The terms' fields, in the order of privacy/SECURE_SUM.md, sections 2, 12 and 13.
#include <godwit/privacy/secure_terms.hpp>

#include <algorithm>
#include <bit>
#include <cmath>

#include <godwit/messages/limits.hpp>
#include <godwit/privacy/canonical.hpp>
#include <godwit/privacy/clipping.hpp>
#include <godwit/privacy/noise_share.hpp>

#include "rlwe/packing.hpp"
#include "rlwe/parameters.hpp"

namespace godwit::secure_sum {
namespace {

constexpr std::string_view magic = "FLSA1";
constexpr std::size_t stream_bytes_encoded = 8 + 8 + 8 + 1;
constexpr std::uint16_t noised_mark = 0x4e00; ///< plus the law's number; no set has such a number

__extension__ using wide = unsigned __int128;

std::uint8_t largest_bits(const std::vector<stream_terms>& streams) {
  std::uint8_t bits = 0;
  for (const auto& x : streams)
    bits = std::max(bits, x.bits);
  return bits;
}

std::uint64_t entries_of(const std::vector<stream_terms>& streams) {
  std::uint64_t count = 1;
  for (const auto& stream : streams)
    count += stream.length;
  return count;
}

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

bool are_valid(const std::vector<stream_terms>& streams) {
  return !streams.empty() && streams.size() <= stream_count_max &&
         std::all_of(streams.begin(), streams.end(), is_valid) &&
         entries_of(streams) <= limits::parameter_count_max;
}

/// The set, where its keys add up; else null.
const rlwe::parameter_set* key_additive(sum_set set) {
  const auto* found = rlwe::find_set(set);
  return found != nullptr && found->polynomials == 1 ? found : nullptr;
}

/// Whether the terms are those of a key's sum, and no sum of what it opens could go wrong.
bool is_valid(const carried_terms& x, const terms& of) {
  return key_additive(x.set) != nullptr && x.weight_max >= 1 && are_valid(x.streams) &&
         value_count(x) <= sum_value_count_max && of.weight_max == 1 &&
         of.streams == key_streams(x.set) && of.clients_max <= carried_clients_max(x);
}

bool is_scale(double x) {
  return x >= 0x1p-100 && x <= 0x1p100;
}

/// Whether what each client says fits the one stream that the terms have, for certain.
bool is_valid(const noised_terms& x, const terms& of) {
  const bool is_known = x.law == noise_kind::discrete_gaussian || x.law == noise_kind::skellam;
  const double share_max = x.law == noise_kind::skellam ? skellam_scale_max : noise_scale_max;
  const auto& streams = value_streams(of);
  return is_known && is_scale(x.norm_max) && is_scale(x.step) && x.norm_max / x.step >= 1 &&
         x.norm_max / x.step <= 0x1p23 && x.share_deviation >= noise_share_scale_min &&
         x.share_deviation <= share_max && value_weight_max(of) == 1 && streams.size() == 1 &&
         streams[0].length <= clipped_length_max &&
         streams[0] == noised_stream(x, streams[0].length);
}

void put(canonical::writer& out, const std::vector<stream_terms>& streams) {
  out.u32(static_cast<std::uint32_t>(streams.size()));
  for (const auto& stream : streams)
    out.u64(stream.length).f64(stream.low).f64(stream.high).u8(stream.bits);
}

std::vector<stream_terms> get_streams(canonical::reader& in) {
  std::vector<stream_terms> streams;
  const auto count = in.count(stream_bytes_encoded);
  if (count > stream_count_max)
    in.spoil();
  for (std::uint32_t i = 0; i < count && in.is_good(); ++i) {
    auto& stream = streams.emplace_back();
    stream.length = in.u64();
    stream.low = in.f64();
    stream.high = in.f64();
    stream.bits = in.u8();
  }
  return streams;
}

/// What stands first in each part behind the streams; nothing where there is no more of them.
std::optional<std::uint16_t> mark_of_rest(canonical::reader& in) {
  if (!in.is_good() || in.is_whole())
    return {};
  return in.u16();
}

noised_terms get_noised(canonical::reader& in, std::uint16_t mark) {
  const int law = mark - noised_mark;
  if (law < 0 || law > 0xff)
    in.spoil();
  noised_terms x{.law = static_cast<noise_kind>(law)};
  x.norm_max = in.f64();
  x.step = in.f64();
  x.share_deviation = in.f64();
  return x;
}

} // namespace

stream_terms noised_stream(const noised_terms& x, std::uint64_t length) {
  const auto square = grid_square_max({x.norm_max, x.step}, static_cast<std::size_t>(length));
  const double reach =
      std::floor(std::sqrt(static_cast<double>(square))) + noise_share_reach(x.share_deviation);
  std::uint8_t bits = 2;
  while (bits <= stream_bits_most && std::ldexp(1, bits - 1) - 1 < reach)
    ++bits;
  return {.length = length,
          .low = -std::ldexp(x.step, bits - 1),
          .high = x.step * (std::ldexp(1, bits - 1) - 1),
          .bits = bits};
}

std::uint8_t modulus_bits_for(std::uint32_t clients_max, std::uint32_t weight_max,
                              const std::vector<stream_terms>& streams) {
  auto largest = static_cast<wide>(clients_max) * weight_max *
                 ((std::uint64_t{1} << largest_bits(streams)) - 1);
  std::uint8_t width = 0;
  for (; largest != 0; largest >>= 1)
    ++width;
  return width > modulus_bits_most ? std::uint8_t{0} : std::max(width, modulus_bits_least);
}

std::uint8_t lane_bits_for(std::uint8_t modulus_bits) noexcept {
  return modulus_bits <= 16 ? 16 : modulus_bits <= 32 ? 32 : 64;
}

std::uint64_t entry_count(const terms& x) noexcept {
  return entries_of(x.streams);
}

std::vector<stream_terms> key_streams(sum_set set) {
  const auto* found = key_additive(set);
  // The low of a grid is 0: so a term x is x + 1, and is not rounded.
  return {{.length = found == nullptr ? 0 : found->degree, .low = -1, .high = 2, .bits = 2}};
}

const std::vector<stream_terms>& value_streams(const terms& x) noexcept {
  return x.carried ? x.carried->streams : x.streams;
}

std::uint32_t value_weight_max(const terms& x) noexcept {
  return x.carried ? x.carried->weight_max : x.weight_max;
}

std::uint64_t value_count(const carried_terms& x) noexcept {
  return entries_of(x.streams);
}

std::uint8_t value_bits(const carried_terms& x) noexcept {
  const auto largest =
      std::uint64_t{x.weight_max} * ((std::uint64_t{1} << largest_bits(x.streams)) - 1);
  return static_cast<std::uint8_t>(std::bit_width(largest));
}

std::uint64_t carried_clients_max(const carried_terms& x) {
  const auto* set = key_additive(x.set);
  return set == nullptr ? 0 : rlwe::level_max(*set, value_bits(x), 1);
}

std::uint64_t carried_bytes(const carried_terms& x) {
  const auto* set = key_additive(x.set);
  if (set == nullptr)
    return 0;
  const auto block = rlwe::values_in_block(*set);
  const auto blocks = (value_count(x) + block - 1) / block;
  return blocks * rlwe::packed_bytes(rlwe::words_in_polynomial(*set));
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
  const bool is_streamed = are_valid(x.streams) && (!x.carried || is_valid(*x.carried, x)) &&
                           (!x.noised || is_valid(*x.noised, x));
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
      .raw(x.model);
  put(out, x.streams);
  if (x.carried) {
    out.u16(static_cast<std::uint16_t>(x.carried->set)).u32(x.carried->weight_max);
    put(out, x.carried->streams);
  }
  if (x.noised)
    out.u16(static_cast<std::uint16_t>(noised_mark + static_cast<std::uint8_t>(x.noised->law)))
        .f64(x.noised->norm_max)
        .f64(x.noised->step)
        .f64(x.noised->share_deviation);
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
  x.streams = get_streams(in);
  auto mark = mark_of_rest(in);
  if (mark && *mark < noised_mark) {
    auto& carried = x.carried.emplace();
    carried.set = static_cast<sum_set>(*mark);
    carried.weight_max = in.u32();
    carried.streams = get_streams(in);
    mark = mark_of_rest(in);
  }
  if (mark)
    x.noised = get_noised(in, *mark);
  if (!in.is_whole())
    return refusal::malformed;
  if (auto checked = check(x); !checked)
    return checked.why();
  return x;
}

bool is_possible_weight(const terms& x, std::uint32_t survivor_count,
                        std::uint64_t weight) noexcept {
  return weight >= survivor_count &&
         weight <= std::uint64_t{survivor_count} * std::uint64_t{value_weight_max(x)};
}

sha256_digest hash_of_terms(bytes_view encoded) {
  return canonical::hash("FLSA1/terms", encoded);
}

} // namespace godwit::secure_sum
