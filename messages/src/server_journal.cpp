#include <godwit/messages/server_journal.hpp>

#include <godwit/messages/limits.hpp>

#include "journal_line.hpp"

namespace godwit {

bytes encode(const server_line& line) {
  return encode_line(line, line.client, line.mailbox);
}

attempt<server_line> decode_server_line(bytes_view content) {
  return decode_line<server_line>(
      content, limits::journal_head_bytes_max, "a line of the journal",
      [](reading_archive& archive, server_line& line) { archive(line.client, line.mailbox); });
}

std::string_view name(const server_record& what) noexcept {
  constexpr std::string_view names[] = {
      "member_bound",      "round_opened",        "invitation_answer", "update_offer",
      "update_arrived",    "update_spoiled",      "update_summed",     "model_released",
      "evaluation_report", "edge_lost",           "edge_back",         "deadline_passed",
      "upload_due",        "restarted",           "letter_refused",    "journal_began",
      "time_passed",       "secure_round_opened", "secure_word"};
  static_assert(std::size(names) == std::variant_size_v<server_record>);
  return names[what.index()];
}

} // namespace godwit
