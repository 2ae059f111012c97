// Who masks with whom, and how many shares open a secret? (privacy/SECURE_SUM.md, sections 5
// and 11.)
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <godwit/messages/bytes.hpp>

namespace godwit::secure_sum {

/// What the server is trusted with.
enum class profile : std::uint8_t {
  semi_honest = 1, ///< it follows the protocol, and colludes with some clients
  malicious = 2,   ///< it does what it likes
};

/// Thousandths of the clients.
struct client_fractions {
  std::uint16_t corrupt = 0; ///< collude with the server
  std::uint16_t dropped = 0; ///< drop out
};

struct graph_choice {
  std::uint32_t degree = 0;    ///< k: neighbours of a client
  std::uint32_t threshold = 0; ///< t: shares that open a secret
  friend bool operator==(const graph_choice&, const graph_choice&) = default;
};

inline constexpr std::uint32_t complete_graph_count_max = 128; ///< semi_honest: complete up to here
inline constexpr std::uint32_t malicious_count_max = 512;
inline constexpr std::uint32_t sparse_degree_max = 2000;
inline constexpr std::uint32_t graph_count_max = 1'000'000;

/// k and t of section 11; nothing where there is no answer. Takes less than 50 ms up to n = 10^6.
std::optional<graph_choice> choose_graph(std::uint32_t n, client_fractions, profile);

/// Against what a sparse graph's threshold holds.
enum class share_rule : std::uint8_t {
  plain,              ///< nobody has t corrupt neighbours
  equivocation_proof, ///< nor 2 t - k: some asked for one share, some for the other (what we use)
};

/// The sparse part of section 11 for any n: the smallest even k <= n - 1 and the largest t.
std::optional<graph_choice> choose_sparse_graph(std::uint32_t n, client_fractions, share_rule);

/// How a graph is chosen: `choose_graph` but in tests of small sparse graphs and in benchmarks.
using graph_rule = std::optional<graph_choice> (*)(std::uint32_t n, client_fractions, profile);

/// The neighbours of every client. Each of n clients has `degree` of them: all where degree is
/// n - 1; else degree is even and they are the nearest ones on a circle, in an order that nobody
/// chooses (Harary's graph on a random permutation, Bell et al. 2020).
class mask_graph {
public:
  mask_graph(const sha256_digest& terms_hash, const sha256_digest& root, std::uint32_t n,
             std::uint32_t degree);

  /// Ascending. u < n.
  std::vector<std::uint32_t> neighbours(std::uint32_t u) const;
  bool are_neighbours(std::uint32_t u, std::uint32_t v) const noexcept;
  std::uint32_t size() const noexcept { return n_; }
  std::uint32_t degree() const noexcept { return degree_; }
  /// Client by position on the circle; empty in a complete graph.
  const std::vector<std::uint32_t>& permutation() const noexcept { return client_at_; }

private:
  std::uint32_t n_;
  std::uint32_t degree_;
  std::vector<std::uint32_t> client_at_;   ///< by position
  std::vector<std::uint32_t> position_of_; ///< by client
};

} // namespace godwit::secure_sum
