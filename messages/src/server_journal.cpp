#include <godwit/messages/server_journal.hpp>

#include <utility>

#include <godwit/messages/limits.hpp>

#include "archive.hpp"

namespace godwit {
namespace {

template <std::size_t... I>
server_record record_of_kind(std::size_t kind, std::index_sequence<I...>) {
  server_record made;
  (void)((I == kind && (made.template emplace<I>(), true)) || ...);
  return made;
}

failure corrupt(const std::string& what) {
  return {.code = failure_code::corrupt, .detail = "a line of the journal " + what};
}

} // namespace

bytes encode(const server_line& line) {
  bytes made;
  writing_archive archive(made);
  archive(server_line::schema, static_cast<std::uint16_t>(line.what.index()),
          static_cast<std::int64_t>(line.at.count()), line.client, line.mailbox);
  std::visit([&archive](const auto& x) { archive(x); }, line.what);
  return made;
}

attempt<server_line> decode_server_line(bytes_view content) {
  try {
    reading_archive archive(content, limits::journal_head_bytes_max);
    std::uint16_t schema = 0, kind = 0;
    std::int64_t at = 0;
    server_line line;
    archive(schema, kind, at);
    if (schema != server_line::schema || kind >= std::variant_size_v<server_record>)
      return failure{.code = failure_code::unsupported,
                     .detail = "a line of the journal has schema " + std::to_string(schema) +
                               " and kind " + std::to_string(kind) +
                               ", which this version does not read; use the version that wrote it"};
    archive(line.client, line.mailbox);
    line.at = instant(at);
    line.what =
        record_of_kind(kind, std::make_index_sequence<std::variant_size_v<server_record>>());
    std::visit([&archive](auto& x) { archive(x); }, line.what);
    if (!archive.at_end())
      return corrupt("has bytes past its end");
    return line;
  } catch (const std::exception& e) {
    return corrupt(e.what());
  }
}

std::string_view name(const server_record& what) noexcept {
  constexpr std::string_view names[] = {"member_bound",  "round_opened",   "invitation_answer",
                                        "update_offer",  "update_arrived", "update_spoiled",
                                        "update_summed", "model_released", "evaluation_report",
                                        "edge_lost",     "edge_back",      "deadline_passed",
                                        "upload_due",    "restarted",      "letter_refused",
                                        "journal_began", "time_passed"};
  static_assert(std::size(names) == std::variant_size_v<server_record>);
  return names[what.index()];
}

} // namespace godwit
