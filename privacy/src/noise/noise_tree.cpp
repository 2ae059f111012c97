#include <godwit/privacy/noise_tree.hpp>

#include <bit>
#include <string_view>

#include <godwit/messages/bytes.hpp>
#include <godwit/messages/check.hpp>
#include <godwit/privacy/digest.hpp>

namespace godwit {

std::vector<tree_node> nodes_of_prefix(std::uint64_t count) {
  std::vector<tree_node> nodes;
  std::uint64_t begin = 0;
  for (std::uint64_t rest = count; rest != 0;) {
    const auto level = static_cast<unsigned>(std::bit_width(rest) - 1);
    nodes.push_back({level, begin >> level});
    begin += std::uint64_t{1} << level;
    rest -= std::uint64_t{1} << level;
  }
  return nodes;
}

noise_tree::noise_tree(noise_sampler node_noise, secret seed)
    : noise_(std::move(node_noise)), seed_(std::move(seed)) {
  GODWIT_CHECK(seed_.reveal().size() == mask_key_bytes, "a tree's seed has 32 bytes");
}

/// H("godwit/noise/tree", seed || u64 tree || u8 level || u64 index): privacy/NOISE.md, section 8.
secret noise_tree::key_of(std::uint64_t tree, const tree_node& node) const {
  constexpr std::string_view domain("godwit/noise/tree\0", 18);
  bytes place;
  for (int i = 0; i < 8; ++i)
    place.push_back(static_cast<std::byte>(tree >> (8 * i)));
  place.push_back(static_cast<std::byte>(node.level));
  for (int i = 0; i < 8; ++i)
    place.push_back(static_cast<std::byte>(node.index >> (8 * i)));
  sha256_stream hash;
  hash.add(as_bytes(domain));
  hash.add(seed_.reveal());
  hash.add(place);
  auto digest = hash.finish();
  secret key(bytes(digest.begin(), digest.end()));
  wipe(digest);
  return key;
}

void noise_tree::add_to_prefix(std::span<std::uint64_t> sum, std::uint64_t tree,
                               std::uint64_t count) const {
  for (const auto& node : nodes_of_prefix(count)) {
    const auto key = key_of(tree, node);
    noise_.add_to(sum, mask_key(key.reveal()));
  }
}

double noise_tree::prefix_variance(std::uint64_t count) const {
  return static_cast<double>(std::popcount(count)) * noise_.variance();
}

} // namespace godwit
