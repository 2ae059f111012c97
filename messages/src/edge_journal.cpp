#include <godwit/messages/edge_journal.hpp>

#include <utility>

#include <godwit/messages/limits.hpp>

#include "archive.hpp"

namespace godwit {
namespace {

template <std::size_t... I>
edge_record record_of_kind(std::size_t kind, std::index_sequence<I...>) {
  edge_record made;
  (void)((I == kind && (made.template emplace<I>(), true)) || ...);
  return made;
}

failure corrupt(const std::string& what) {
  return {.code = failure_code::corrupt, .detail = "a line of the edge's journal " + what};
}

} // namespace

bytes encode(const edge_line& line) {
  bytes made;
  writing_archive archive(made);
  archive(edge_line::schema, static_cast<std::uint16_t>(line.what.index()),
          static_cast<std::int64_t>(line.at.count()));
  std::visit([&archive](const auto& x) { archive(x); }, line.what);
  return made;
}

attempt<edge_line> decode_edge_line(bytes_view content) {
  try {
    reading_archive archive(content, limits::frame_head_bytes_max);
    std::uint16_t schema = 0, kind = 0;
    std::int64_t at = 0;
    archive(schema, kind, at);
    if (schema != edge_line::schema || kind >= std::variant_size_v<edge_record>)
      return failure{.code = failure_code::unsupported,
                     .detail = "a line of the edge's journal has schema " + std::to_string(schema) +
                               " and kind " + std::to_string(kind) +
                               ", which this version does not read; use the version that wrote it"};
    edge_line line;
    line.at = instant(at);
    line.what = record_of_kind(kind, std::make_index_sequence<std::variant_size_v<edge_record>>());
    std::visit([&archive](auto& x) { archive(x); }, line.what);
    if (!archive.at_end())
      return corrupt("has bytes past its end");
    return line;
  } catch (const std::exception& e) {
    return corrupt(e.what());
  }
}

std::string_view name(const edge_record& what) noexcept {
  constexpr std::string_view names[] = {"mailbox_made",   "letter_put",     "letters_taken",
                                        "letters_heard",  "letter_dropped", "task_taken",
                                        "update_trained", "task_over"};
  static_assert(std::size(names) == std::variant_size_v<edge_record>);
  return names[what.index()];
}

} // namespace godwit
