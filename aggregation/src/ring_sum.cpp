#include <godwit/aggregation/ring_sum.hpp>

#include <algorithm>

#include <godwit/aggregation/packing.hpp>

namespace godwit {

ring_lanes make_lanes(std::size_t count, unsigned modulus_bits) {
  if (modulus_bits <= 16)
    return std::vector<std::uint16_t>(count);
  if (modulus_bits <= 32)
    return std::vector<std::uint32_t>(count);
  return std::vector<std::uint64_t>(count);
}

ring_sum::ring_sum(std::size_t entry_count, unsigned modulus_bits)
    : lanes_(make_lanes(entry_count, modulus_bits)), modulus_bits_(modulus_bits),
      entry_count_(entry_count) {}

result<done> ring_sum::add(bytes_view body) {
  if (auto checked = check_packed(body, entry_count_, modulus_bits_); !checked)
    return checked.why();
  std::visit([&](auto& lanes) { add_packed(lanes, body, modulus_bits_); }, lanes_);
  ++count_;
  return done{};
}

void ring_sum::clear() noexcept {
  std::visit([](auto& lanes) { std::fill(lanes.begin(), lanes.end(), 0); }, lanes_);
  count_ = 0;
}

std::uint64_t ring_sum::entry(std::size_t index) const {
  const auto mask = (std::uint64_t{1} << modulus_bits_) - 1;
  return std::visit([&](const auto& lanes) { return lanes[index] & mask; }, lanes_);
}

} // namespace godwit
