// First what is masked; behind it, where vectors are carried, what its key encrypts.
#include <godwit/actors/machines/secure_body.hpp>

#include <algorithm>
#include <type_traits>
#include <utility>

#include <godwit/aggregation/packing.hpp>
#include <godwit/aggregation/quantiser.hpp>
#include <godwit/messages/check.hpp>

namespace godwit::secure_sum {
namespace {

value_grid grid_of(const stream_terms& stream) {
  return {.low = stream.low, .high = stream.high, .bits = stream.bits};
}

/// The weight, then the values of each stream: what is summed.
template <class Lane>
result<done> write_entries(const client::machine& machine, const client_values& values,
                           std::span<Lane> entries) {
  const auto& streams = value_streams(machine.rules());
  GODWIT_CHECK(values.streams.size() == streams.size(), "a client has a value for each entry");
  bytes rounding(rounding_bytes_each * (entries.size() - 1));
  write_stream(rounding, machine.rounding_key().first<mask_key_bytes>(),
               {.suite = mask_suite::chacha20, .nonce = {}});
  entries[0] = static_cast<Lane>(values.weight);
  std::size_t written = 0;
  result<done> outcome = done{};
  for (std::size_t i = 0; i < streams.size() && outcome; ++i) {
    const auto length = static_cast<std::size_t>(streams[i].length);
    GODWIT_CHECK(values.streams[i].size() == length, "a client has a value for each entry");
    outcome = quantise(
        values.streams[i], grid_of(streams[i]), values.weight,
        bytes_view(rounding).subspan(rounding_bytes_each * written, rounding_bytes_each * length),
        entries.subspan(1 + written, length));
    written += length;
  }
  wipe(rounding);
  return outcome;
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

result<bytes> carried_body(const client::machine& machine, const client_values& values) {
  const auto& terms = machine.rules();
  std::vector<std::uint32_t> entries(value_count(*terms.carried));
  if (const auto written = write_entries(machine, values, std::span(entries)); !written)
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

result<bytes> make_body(const client::machine& machine, const client_values& values) {
  const auto& terms = machine.rules();
  if (terms.carried)
    return carried_body(machine, values);
  return with_lanes(terms, [&](auto lanes) -> result<bytes> {
    if (const auto written = write_entries(machine, values, std::span(lanes)); !written)
      return written.why();
    bytes body(masked_bytes(terms));
    mask_and_pack(machine, std::span(lanes), std::span(body));
    return body;
  });
}

// -- the sum

opened_sum::opened_sum(const terms& of, ring_lanes lanes, unsigned modulus_bits)
    : streams_(value_streams(of)), lanes_(std::move(lanes)), modulus_bits_(modulus_bits) {}

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
