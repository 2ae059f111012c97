#include <godwit/messages/checkpoint.hpp>

#include <cstring>
#include <limits>

#include "archive.hpp"

namespace godwit {
namespace {

// The frame: what a record on disk begins and ends with.
struct frame_head {
  char magic[8];
  std::uint16_t kind;
  std::uint16_t schema;
  std::uint32_t reserved;
  std::uint64_t length;
};
static_assert(sizeof(frame_head) == 24);
constexpr char magic[8] = {'g', 'o', 'd', 'w', 'i', 't', '\n', '\0'};
constexpr std::uint16_t checkpoint_kind = 1;

// FNV-1a over 64-bit words, then the tail: finds torn and flipped bytes. It is no defence against
// an attacker, who could write any file he likes.
std::uint64_t checksum(bytes_view content) {
  std::uint64_t hash = 0xcbf29ce484222325;
  std::size_t i = 0;
  for (; i + 8 <= content.size(); i += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, content.data() + i, 8);
    hash = (hash ^ word) * 0x100000001b3;
    hash ^= hash >> 29;
  }
  for (; i < content.size(); ++i)
    hash = (hash ^ std::to_integer<std::uint64_t>(content[i])) * 0x100000001b3;
  return hash ^ (hash >> 32);
}

failure corrupt(const char* what) {
  return {.code = failure_code::corrupt,
          .detail = std::string("the checkpoint ") + what +
                    "; restore an older copy, or remove it to begin anew"};
}

} // namespace

bytes encode(const checkpoint& state) {
  bytes out(sizeof(frame_head));
  writing_archive archive(out);
  archive(state);
  frame_head head{};
  std::memcpy(head.magic, magic, sizeof magic);
  head.kind = checkpoint_kind;
  head.schema = checkpoint::schema;
  head.length = out.size() - sizeof head;
  std::memcpy(out.data(), &head, sizeof head);
  const auto sum = checksum(out);
  archive.put(&sum, sizeof sum);
  return out;
}

attempt<checkpoint> decode_checkpoint(bytes_view content) {
  frame_head head{};
  std::uint64_t sum = 0;
  if (content.size() < sizeof head + sizeof sum)
    return corrupt("is cut short");
  std::memcpy(&head, content.data(), sizeof head);
  if (std::memcmp(head.magic, magic, sizeof magic) != 0 || head.kind != checkpoint_kind)
    return corrupt("is not one of ours");
  if (head.length != content.size() - sizeof head - sizeof sum)
    return corrupt("is cut short");
  std::memcpy(&sum, content.data() + content.size() - sizeof sum, sizeof sum);
  if (sum != checksum(content.first(content.size() - sizeof sum)))
    return corrupt("does not match its checksum");
  if (head.schema != checkpoint::schema)
    return failure{.code = failure_code::unsupported,
                   .detail = "the checkpoint has schema " + std::to_string(head.schema) +
                             ", and this version reads schema 1; use the version that wrote it"};
  checkpoint state;
  try {
    reading_archive archive(content.subspan(sizeof head, head.length),
                            std::numeric_limits<std::uint32_t>::max());
    archive(state);
    if (!archive.at_end())
      return corrupt("has bytes past its end");
  } catch (const std::exception& e) {
    return corrupt(e.what());
  }
  if (state.parameters.size() != parameter_count(state.layout))
    return corrupt("holds another number of parameters than its layout says");
  return state;
}

} // namespace godwit
