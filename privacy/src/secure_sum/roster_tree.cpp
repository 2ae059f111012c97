// RFC 6962 section 2.1's tree, level by level: a node without a sibling rises as it is, which is
// the same as splitting behind the largest power of two.
#include <algorithm>
#include <utility>

#include <godwit/messages/check.hpp>
#include <godwit/privacy/canonical.hpp>
#include <godwit/privacy/roster.hpp>

namespace godwit::secure_sum {
namespace {

sha256_digest node_of(const sha256_digest& left, const sha256_digest& right) {
  return canonical::hash("FLSA1/node", canonical::writer().raw(left).raw(right).view());
}

} // namespace

sha256_digest leaf_of(bytes_view encoded_advert) {
  return canonical::hash("FLSA1/leaf", encoded_advert);
}

roster_tree::roster_tree(std::vector<sha256_digest> leaves) {
  GODWIT_CHECK(!leaves.empty(), "a tree has at least one leaf");
  levels_.push_back(std::move(leaves));
  while (levels_.back().size() > 1) {
    const auto& below = levels_.back();
    std::vector<sha256_digest> level;
    level.reserve((below.size() + 1) / 2);
    for (std::size_t i = 0; i + 1 < below.size(); i += 2)
      level.push_back(node_of(below[i], below[i + 1]));
    if (below.size() % 2 == 1)
      level.push_back(below.back());
    levels_.push_back(std::move(level));
  }
}

std::vector<sha256_digest> roster_tree::path(std::size_t index) const {
  GODWIT_CHECK(index < levels_.front().size(), "a path is asked for of a leaf in the tree");
  std::vector<sha256_digest> found;
  for (const auto& level : levels_) {
    if (const auto sibling = index ^ 1; sibling < level.size())
      found.push_back(level[sibling]);
    index /= 2;
  }
  return found;
}

result<sha256_digest> root_over(const sha256_digest& leaf, std::size_t index, std::size_t n,
                                std::span<const sha256_digest> path) {
  if (index >= n)
    return refusal::malformed;
  auto node = leaf;
  for (; n > 1; index /= 2, n = (n + 1) / 2) {
    if ((index ^ 1) >= n) // no sibling here
      continue;
    if (path.empty())
      return refusal::malformed;
    node = index % 2 == 0 ? node_of(node, path.front()) : node_of(path.front(), node);
    path = path.subspan(1);
  }
  if (!path.empty())
    return refusal::malformed;
  return node;
}

} // namespace godwit::secure_sum
