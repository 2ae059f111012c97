#include <godwit/messages/edge_journal.hpp>

#include <godwit/messages/limits.hpp>

#include "journal_line.hpp"

namespace godwit {

bytes encode(const edge_line& line) {
  return encode_line(line);
}

attempt<edge_line> decode_edge_line(bytes_view content) {
  return decode_line<edge_line>(content, limits::frame_head_bytes_max,
                                "a line of the edge's journal",
                                [](reading_archive&, edge_line&) {});
}

std::string_view name(const edge_record& what) noexcept {
  constexpr std::string_view names[] = {
      "mailbox_made",      "letter_put",        "letters_taken",    "letters_heard",
      "letter_dropped",    "task_taken",        "update_trained",   "task_over",
      "secure_task_taken", "secure_call_taken", "secure_body_made", "secure_over",
      "examples_told",     "updates_told"};
  static_assert(std::size(names) == std::variant_size_v<edge_record>);
  return names[what.index()];
}

} // namespace godwit
