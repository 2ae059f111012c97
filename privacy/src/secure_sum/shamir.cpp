// Limbs, polynomials and their values. Everything that touches a secret takes the same time for
// each.
#include <godwit/privacy/shamir.hpp>

#include <algorithm>
#include <utility>

#include <godwit/messages/check.hpp>
#include <godwit/privacy/canonical.hpp>

#include "share_decoding.hpp"

namespace godwit::shamir {
namespace {

constexpr std::size_t limb_bits[limb_count] = {52, 52, 52, 52, 48};

std::span<std::byte> memory_of(std::span<field_element> elements) {
  return std::as_writable_bytes(elements);
}

share limbs_of(bytes_view of) {
  canonical::reader in(of);
  const std::uint64_t a = in.u64(), b = in.u64(), c = in.u64(), d = in.u64();
  constexpr auto mask = (std::uint64_t{1} << 52) - 1;
  return {field_element(a & mask), field_element((a >> 52 | b << 12) & mask),
          field_element((b >> 40 | c << 24) & mask), field_element((c >> 28 | d << 36) & mask),
          field_element(d >> 16)};
}

/// A vector of elements that is wiped.
class wiped_elements {
public:
  explicit wiped_elements(std::size_t count) : held_(count) {}
  wiped_elements(const wiped_elements&) = delete;
  wiped_elements& operator=(const wiped_elements&) = delete;
  ~wiped_elements() { wipe(memory_of(held_)); }
  field_element* data() noexcept { return held_.data(); }

private:
  std::vector<field_element> held_;
};

} // namespace

std::optional<share> read_share(bytes_view encoded) {
  if (encoded.size() != share_bytes)
    return {};
  canonical::reader in(encoded);
  share made{};
  for (auto& x : made) {
    const auto value = field_element::read(in.u64());
    if (!value)
      return {};
    x = *value;
  }
  return made;
}

coefficient_source::coefficient_source(mask_key key) : key_(bytes(key.begin(), key.end())) {}

coefficient_source::~coefficient_source() {
  wipe(held_);
}

void coefficient_source::refill() {
  write_stream(held_, key_.reveal().first<mask_key_bytes>(), {.suite = mask_suite::chacha20},
               read_bytes_);
  read_bytes_ += held_.size();
  at_ = 0;
}

field_element coefficient_source::next() {
  while (true) {
    if (at_ == held_.size())
      refill();
    const auto word = canonical::reader(bytes_view(held_).subspan(at_, 8)).u64();
    at_ += 8;
    // p itself comes once in 2^61 words: who sees the time learns that a word was skipped.
    if (const auto value = field_element::read(word & field_element::modulus))
      return *value;
  }
}

secret split(bytes_view of, std::uint32_t threshold, std::uint32_t count,
             coefficient_source& source) {
  GODWIT_CHECK(of.size() == secret_bytes, "a secret of 32 bytes is shared");
  GODWIT_CHECK(1 <= threshold && threshold <= count, "there are as many shares as it takes");
  wiped_elements coefficients(limb_count * threshold); // [power][limb]
  auto limbs = limbs_of(of);
  std::copy(limbs.begin(), limbs.end(), coefficients.data());
  wipe(memory_of(limbs));
  for (std::size_t limb = 0; limb < limb_count; ++limb)
    for (std::size_t power = 1; power < threshold; ++power)
      coefficients.data()[power * limb_count + limb] = source.next();
  canonical::writer out;
  out.reserve(std::size_t{count} * share_bytes);
  for (std::uint32_t x = 1; x <= count; ++x) { // Horner, five limbs side by side
    const field_element at(x);
    share value{};
    for (std::size_t power = threshold; power-- > 0;)
      for (std::size_t limb = 0; limb < limb_count; ++limb)
        value[limb] = value[limb] * at + coefficients.data()[power * limb_count + limb];
    for (const auto limb : value)
      out.u64(limb.value());
    wipe(memory_of(value));
  }
  return secret(out.take());
}

weights::weights(std::vector<std::uint32_t> xs) : xs_(std::move(xs)), weights_(xs_.size()) {
  // x_i prod (x_j - x_i): the weight is prod x_j over that. One inversion for all.
  std::vector<field_element> below(xs_.size());
  field_element all(1);
  for (std::size_t i = 0; i < xs_.size(); ++i) {
    const field_element own(xs_[i]);
    all = all * own;
    below[i] = own;
    for (std::size_t j = 0; j < xs_.size(); ++j)
      if (j != i)
        below[i] = below[i] * (field_element(xs_[j]) - own);
  }
  field_element product(1);
  for (std::size_t i = 0; i < xs_.size(); ++i) {
    weights_[i] = product; // of all before
    product = product * below[i];
  }
  field_element inverse = product.inverse();
  for (std::size_t i = xs_.size(); i-- > 0;) {
    weights_[i] = weights_[i] * inverse * all;
    inverse = inverse * below[i];
  }
}

share weights::at_zero(std::span<const held_share> shares) const {
  GODWIT_CHECK(shares.size() == xs_.size(), "each point has its share");
  share sum{};
  for (std::size_t i = 0; i < shares.size(); ++i)
    for (std::size_t limb = 0; limb < limb_count; ++limb)
      sum[limb] = sum[limb] + weights_[i] * shares[i].share[limb];
  return sum;
}

std::optional<secret> join(const share& limbs) {
  for (std::size_t i = 0; i < limb_count; ++i)
    if (limbs[i].value() >> limb_bits[i] != 0)
      return {};
  const auto a = limbs[0].value(), b = limbs[1].value(), c = limbs[2].value(), d = limbs[3].value(),
             e = limbs[4].value();
  canonical::writer out;
  out.reserve(secret_bytes);
  out.u64(a | b << 52).u64(b >> 12 | c << 40).u64(c >> 24 | d << 28).u64(d >> 36 | e << 16);
  return secret(out.take());
}

recovery::recovery(std::uint32_t threshold) : threshold_(threshold) {
  GODWIT_CHECK(threshold >= 1, "it takes at least one share");
}

std::optional<recovered> recovery::recover(std::span<const held_share> shares,
                                           const verdict& is_right) {
  if (shares.size() < threshold_)
    return {};
  const auto first = shares.first(threshold_);
  const auto is_at = [](const held_share& held, std::uint32_t x) { return held.x == x; };
  if (!last_ || !std::equal(first.begin(), first.end(), last_->xs().begin(), is_at)) {
    std::vector<std::uint32_t> xs(threshold_);
    std::transform(first.begin(), first.end(), xs.begin(), [](const auto& held) { return held.x; });
    last_.emplace(std::move(xs));
  }
  if (auto made = join(last_->at_zero(first)); made && is_right(made->reveal()))
    return recovered{std::move(*made), {}};
  auto corrected = correct(shares, threshold_);
  if (!corrected)
    return {};
  auto made = join(corrected->at_zero);
  if (!made || !is_right(made->reveal()))
    return {};
  return recovered{std::move(*made), std::move(corrected->wrong_xs)};
}

} // namespace godwit::shamir
