// First what is masked; behind it, where vectors are carried, what its key encrypts.
#include <godwit/actors/machines/secure_body.hpp>

#include <algorithm>
#include <array>
#include <type_traits>
#include <utility>

#include <godwit/aggregation/packing.hpp>
#include <godwit/aggregation/quantiser.hpp>
#include <godwit/messages/check.hpp>
#include <godwit/privacy/clipping.hpp>
#include <godwit/privacy/noise_share.hpp>

namespace godwit::secure_sum {
namespace {

value_grid grid_of(const stream_terms& stream) {
  return {.low = stream.low, .high = stream.high, .bits = stream.bits};
}

template <class Lane>
void mask_and_pack(const client::machine& machine, std::span<Lane> lanes,
                   std::span<std::byte> body) {
  const auto& terms = machine.rules();
  const auto masks = machine.masks();
  GODWIT_CHECK(!masks.empty(), "a vector is masked once the shares are here");
  add_masks(lanes, as_terms(masks), mask_stream(terms));
  pack(std::span<const Lane>(lanes), terms.modulus_bits, body);
}

template <class Use>
auto with_lanes(const terms& of, Use&& use) {
  return std::visit(std::forward<Use>(use), make_lanes(entry_count(of), of.modulus_bits));
}

std::uint64_t masked_bytes(const terms& of) {
  return packed_bytes(entry_count(of), of.modulus_bits);
}

/// The roster's root, in the phases in which a body is made.
const sha256_digest& root_of(const client::machine& machine) {
  const auto* root = std::visit(
      [](const auto& here) -> const sha256_digest* {
        if constexpr (std::is_base_of_v<client::masking, std::remove_cvref_t<decltype(here)>>)
          return &here.root;
        else
          return nullptr;
      },
      machine.current());
  GODWIT_CHECK(root != nullptr, "a vector is masked once the shares are here");
  return *root;
}

entry_keys keys_of(const client::machine& machine) {
  const auto& drawn = machine.draws();
  const auto key = [](const secret& x) { return x.reveal().first<mask_key_bytes>(); };
  return {
      .rounding = key(drawn.rounding), .clipping = key(drawn.clipping), .noise = key(drawn.noise)};
}

result<bytes> carried_body(const client::machine& machine, const client_values& values) {
  const auto& terms = machine.rules();
  std::vector<std::uint32_t> entries(value_count(*terms.carried));
  if (const auto written = entry_writer(terms).write(values, keys_of(machine), std::span(entries));
      !written)
    return written.why();
  const auto made = carry(*terms.carried, machine.draws(), root_of(machine), terms.round, entries);
  const auto key_bytes = masked_bytes(terms);
  bytes body(key_bytes + made.ciphertext.size());
  with_lanes(terms, [&](auto lanes) {
    using lane = typename decltype(lanes)::value_type;
    const auto key = made.key.reveal();
    lanes[0] = 1; // every key weighs the same
    std::ranges::transform(key, lanes.begin() + 1, [](auto x) { return static_cast<lane>(x); });
    mask_and_pack(machine, std::span(lanes), std::span(body).first(key_bytes));
  });
  std::ranges::copy(made.ciphertext, body.begin() + static_cast<std::ptrdiff_t>(key_bytes));
  return body;
}

} // namespace

std::uint64_t body_bytes(const terms& of) {
  return masked_bytes(of) + (of.carried ? carried_bytes(*of.carried) : 0);
}

result<done> check_body(const terms& of, bytes_view body) {
  if (body.size() != body_bytes(of))
    return refusal::wrong_shape;
  const auto masked = body.first(masked_bytes(of));
  if (auto checked = check_packed(masked, entry_count(of), of.modulus_bits); !checked)
    return checked.why();
  if (of.carried)
    return check_carried(*of.carried, body.subspan(masked.size()));
  return done{};
}

entry_writer::entry_writer(const terms& of) : streams_(value_streams(of)), noised_(of.noised) {
  if (!noised_)
    return;
  auto share = noise_sampler::make(noised_->law, noised_->share_deviation);
  GODWIT_CHECK(share && static_cast<double>(share->reach()) <=
                            noise_share_reach(noised_->share_deviation),
               "terms within their bounds, and noise that they have no room for");
  noise_.emplace(std::move(*share));
}

/// A step is one of the stream's; 0 stands in its middle. What is written lies within the stream,
/// for certain: so no sum wraps, and no carried slot runs over.
template <class Lane>
result<done> entry_writer::write_noised(std::span<const float> values, const entry_keys& keys,
                                        std::span<Lane> entries) const {
  const auto clipped = clip_to_grid(values, {noised_->norm_max, noised_->step}, keys.clipping);
  if (!clipped)
    return clipped.why();
  const auto middle = std::int64_t{1} << (streams_[0].bits - 1);
  std::array<std::int64_t, noise_block_size> noise{};
  for (std::size_t at = 0; at < entries.size(); at += noise.size()) {
    const auto part = std::span(noise).first(std::min(noise.size(), entries.size() - at));
    noise_->draw(part, keys.noise, at / noise.size());
    for (std::size_t i = 0; i < part.size(); ++i) {
      const auto entry = middle + (*clipped)[at + i] + part[i];
      GODWIT_CHECK(entry >= 0 && entry < 2 * middle, "an entry that its stream has no room for");
      entries[at + i] = static_cast<Lane>(entry);
    }
  }
  wipe(std::as_writable_bytes(std::span(noise)));
  return done{};
}

template <class Lane>
result<done> entry_writer::write(const client_values& values, const entry_keys& keys,
                                 std::span<Lane> entries) const {
  GODWIT_CHECK(values.streams.size() == streams_.size(), "a client has a value for each entry");
  entries[0] = static_cast<Lane>(values.weight);
  if (noised_) {
    GODWIT_CHECK(values.weight == 1 && values.streams[0].size() == entries.size() - 1,
                 "a client has a value for each entry");
    return write_noised(values.streams[0], keys, entries.subspan(1));
  }
  bytes rounding(rounding_bytes_each * (entries.size() - 1));
  write_stream(rounding, keys.rounding, {.suite = mask_suite::chacha20, .nonce = {}});
  std::size_t written = 0;
  result<done> outcome = done{};
  for (std::size_t i = 0; i < streams_.size() && outcome; ++i) {
    const auto length = static_cast<std::size_t>(streams_[i].length);
    GODWIT_CHECK(values.streams[i].size() == length, "a client has a value for each entry");
    outcome = quantise(
        values.streams[i], grid_of(streams_[i]), values.weight,
        bytes_view(rounding).subspan(rounding_bytes_each * written, rounding_bytes_each * length),
        entries.subspan(1 + written, length));
    written += length;
  }
  wipe(rounding);
  return outcome;
}

result<bytes> make_bare_body(const terms& of, const entry_writer& writer,
                             const client_values& values, const entry_keys& keys) {
  GODWIT_CHECK(!of.carried, "what is carried is never bare");
  return with_lanes(of, [&](auto lanes) -> result<bytes> {
    if (const auto written = writer.write(values, keys, std::span(lanes)); !written)
      return written.why();
    bytes body(masked_bytes(of));
    pack(std::as_const(lanes), of.modulus_bits, body);
    return body;
  });
}

result<bytes> make_body(const client::machine& machine, const client_values& values) {
  const auto& terms = machine.rules();
  if (terms.carried)
    return carried_body(machine, values);
  return with_lanes(terms, [&](auto lanes) -> result<bytes> {
    if (const auto written = entry_writer(terms).write(values, keys_of(machine), std::span(lanes));
        !written)
      return written.why();
    bytes body(masked_bytes(terms));
    mask_and_pack(machine, std::span(lanes), std::span(body));
    return body;
  });
}

// -- the sum

opened_sum::opened_sum(const terms& of, ring_lanes lanes, unsigned modulus_bits)
    : streams_(value_streams(of)), noised_(of.noised), lanes_(std::move(lanes)),
      modulus_bits_(modulus_bits) {}

std::uint64_t opened_sum::entry(std::size_t index) const {
  const auto mask = (std::uint64_t{1} << modulus_bits_) - 1;
  return std::visit([&](const auto& lanes) { return lanes[index] & mask; }, lanes_);
}

std::optional<std::vector<float>> opened_sum::mean_of(std::size_t stream) const {
  std::size_t first = 1;
  for (std::size_t i = 0; i < stream; ++i)
    first += streams_[i].length;
  std::vector<float> mean(streams_.at(stream).length);
  const auto violations = std::visit(
      [&](const auto& lanes) {
        return mean_of_sums(std::span(lanes).subspan(first, mean.size()), modulus_bits_, weight(),
                            grid_of(streams_[stream]), mean);
      },
      lanes_);
  if (violations != 0)
    return {};
  return mean;
}

std::optional<std::vector<float>> opened_sum::noisy_sum_over(std::uint32_t divisor) const {
  GODWIT_CHECK(noised_ && divisor > 0, "values without noise are not what was asked for");
  const auto largest = weight() * ((std::uint64_t{1} << streams_[0].bits) - 1);
  const auto middle = static_cast<std::int64_t>(weight() << (streams_[0].bits - 1));
  std::vector<float> mean(streams_[0].length);
  for (std::size_t i = 0; i < mean.size(); ++i) {
    const auto sum = entry(1 + i);
    if (sum > largest)
      return {};
    const auto steps = static_cast<double>(static_cast<std::int64_t>(sum) - middle);
    mean[i] = static_cast<float>(steps * noised_->step / divisor);
  }
  return mean;
}

body_sum::body_sum(const terms& of) : terms_(of), masked_(entry_count(of), of.modulus_bits) {
  if (of.carried)
    carried_.emplace(*of.carried);
}

result<done> body_sum::add(bytes_view body) {
  if (!carried_)
    return masked_.add(body);
  if (body.size() != body_bytes(terms_))
    return refusal::wrong_shape;
  const auto key = body.first(masked_bytes(terms_));
  if (auto checked = check_packed(key, entry_count(terms_), terms_.modulus_bits); !checked)
    return checked.why();
  if (auto added = carried_->add(body.subspan(key.size())); !added)
    return added.why();
  return masked_.add(key); // which was checked
}

void body_sum::clear() {
  masked_.clear();
  if (carried_)
    carried_->clear();
}

std::optional<opened_sum> body_sum::open_carried(const sha256_digest& root) const {
  std::vector<std::uint64_t> keys(entry_count(terms_) - 1);
  for (std::size_t i = 0; i < keys.size(); ++i)
    keys[i] = masked_.entry(1 + i);
  auto opened = carried_->open(root, keys);
  if (!opened)
    return {};
  return opened_sum(terms_, std::move(*opened), 32);
}

std::optional<opened_sum> body_sum::open(const sum_opening& with, round_id round) {
  const key_stream stream{.suite = terms_.suite, .nonce = mask_nonce(round)};
  std::visit([&](auto& lanes) { add_masks(std::span(lanes), as_terms(with.masks), stream); },
             masked_.lanes());
  const auto clients = count();
  std::optional<opened_sum> opened;
  if (terms_.carried) {
    if (masked_.entry(0) == clients)
      opened = open_carried(with.root);
  } else {
    opened.emplace(terms_, std::exchange(masked_.lanes(), {}), terms_.modulus_bits);
  }
  if (opened && !is_possible_weight(terms_, static_cast<std::uint32_t>(clients), opened->weight()))
    opened.reset();
  *this = body_sum(terms_);
  return opened;
}

} // namespace godwit::secure_sum
