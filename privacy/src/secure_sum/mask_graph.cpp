// The permutation is Fisher and Yates's, drawn from the graph's seed without bias.
#include <godwit/privacy/mask_graph.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <numeric>
#include <utility>

#include <godwit/messages/check.hpp>
#include <godwit/privacy/canonical.hpp>
#include <godwit/privacy/mask.hpp>

namespace godwit::secure_sum {
namespace {

/// Uniform numbers from AES-256 in counter mode; nothing of it is secret.
class draws {
public:
  explicit draws(const sha256_digest& seed) : seed_(seed) {}

  /// 0 ..< m.
  std::uint32_t below(std::uint32_t m) {
    constexpr auto words = std::uint64_t{1} << 32;
    const auto end = words / m * m;
    std::uint64_t word = next();
    while (word >= end)
      word = next();
    return static_cast<std::uint32_t>(word % m);
  }

private:
  std::uint32_t next() {
    if (at_ == held_.size()) {
      write_stream(held_, mask_key(seed_), {.suite = mask_suite::aes256_ctr}, read_bytes_);
      read_bytes_ += held_.size();
      at_ = 0;
    }
    const auto word = canonical::reader(bytes_view(held_).subspan(at_, 4)).u32();
    at_ += 4;
    return word;
  }

  sha256_digest seed_;
  std::array<std::byte, 4096> held_{};
  std::uint64_t read_bytes_ = 0;
  std::size_t at_ = sizeof(held_);
};

} // namespace

mask_graph::mask_graph(const sha256_digest& terms_hash, const sha256_digest& root, std::uint32_t n,
                       std::uint32_t degree)
    : n_(n), degree_(degree) {
  GODWIT_CHECK(n >= 2 && degree >= 1 && degree < n && (degree == n - 1 || degree % 2 == 0),
               "a client has all others as neighbours, or an even number of them");
  if (degree == n - 1)
    return;
  canonical::writer seed;
  seed.raw(terms_hash).raw(root).u32(n);
  draws source(canonical::hash("FLSA1/graph", seed.view()));
  client_at_.resize(n);
  std::iota(client_at_.begin(), client_at_.end(), 0U);
  for (std::uint32_t i = n - 1; i > 0; --i)
    std::swap(client_at_[i], client_at_[source.below(i + 1)]);
  position_of_.resize(n);
  for (std::uint32_t i = 0; i < n; ++i)
    position_of_[client_at_[i]] = i;
}

std::vector<std::uint32_t> mask_graph::neighbours(std::uint32_t u) const {
  GODWIT_CHECK(u < n_, "neighbours are asked for of a client in the graph");
  std::vector<std::uint32_t> found;
  found.reserve(degree_);
  if (client_at_.empty()) {
    for (std::uint32_t v = 0; v < n_; ++v)
      if (v != u)
        found.push_back(v);
    return found;
  }
  const auto at = position_of_[u];
  for (std::uint32_t step = 1; step <= degree_ / 2; ++step) {
    found.push_back(client_at_[(at + step) % n_]);
    found.push_back(client_at_[(at + n_ - step) % n_]);
  }
  std::sort(found.begin(), found.end());
  return found;
}

bool mask_graph::are_neighbours(std::uint32_t u, std::uint32_t v) const noexcept {
  if (u == v || u >= n_ || v >= n_)
    return false;
  if (client_at_.empty())
    return true;
  const auto gap = (position_of_[v] + n_ - position_of_[u]) % n_;
  return std::min(gap, n_ - gap) <= degree_ / 2;
}

} // namespace godwit::secure_sum
