#include <godwit/messages/checkpoint.hpp>

#include <cstring>
#include <limits>

#include <godwit/messages/checksum.hpp>

#include "archive.hpp"
#include "history/checkpoint_v1.hpp"
#include "history/checkpoint_v2.hpp"

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

/// The fields before the parameters, which are the last one.
void put_all_but_the_last(writing_archive&, const std::vector<float>&) {}
void put_all_but_the_last(writing_archive& archive, const auto& first, const auto&... rest) {
  archive(first);
  put_all_but_the_last(archive, rest...);
}

failure corrupt(const char* what) {
  return {.code = failure_code::corrupt,
          .detail = std::string("the checkpoint ") + what +
                    "; restore an older copy, or remove it to begin anew"};
}

} // namespace

checkpoint_parts encode_in_parts(const checkpoint& state, std::span<const float> parameters) {
  checkpoint_parts out{bytes(sizeof(frame_head)), std::as_bytes(parameters), {}};
  writing_archive archive(out.before);
  checkpoint::fields(state, [&](const auto&... each) { put_all_but_the_last(archive, each...); });
  const auto count = static_cast<std::uint32_t>(parameters.size());
  archive.put(&count, sizeof count);
  frame_head head{};
  std::memcpy(head.magic, magic, sizeof magic);
  head.kind = checkpoint_kind;
  head.schema = checkpoint::schema;
  head.length = out.before.size() + out.parameters.size() - sizeof head;
  std::memcpy(out.before.data(), &head, sizeof head);
  const auto sum = checksum().add(out.before).add(out.parameters).value();
  writing_archive(out.after).put(&sum, sizeof sum);
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
  if (sum != checksum().add(content.first(content.size() - sizeof sum)).value())
    return corrupt("does not match its checksum");
  if (head.schema < 1 || head.schema > checkpoint::schema)
    return failure{.code = failure_code::unsupported,
                   .detail = "the checkpoint has schema " + std::to_string(head.schema) +
                             ", and this version reads schema 1 to 3; use the version that wrote "
                             "it"};
  checkpoint state;
  try {
    reading_archive archive(content.subspan(sizeof head, head.length),
                            std::numeric_limits<std::uint32_t>::max());
    const auto read_old = [&](auto old) {
      archive(old);
      state = history::upgrade(std::move(old));
    };
    if (head.schema == history::checkpoint_v1::schema) {
      read_old(history::checkpoint_v1());
    } else if (head.schema == history::checkpoint_v2::schema) {
      read_old(history::checkpoint_v2());
    } else {
      archive(state);
    }
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
