// How does a line of a journal become bytes, and how is it read again? The same for a server's and
// an edge's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <string>

#include <godwit/messages/bytes.hpp>
#include <godwit/messages/result.hpp>
#include <godwit/messages/time.hpp>

#include "alternative.hpp"
#include "archive.hpp"

namespace godwit {

/// Schema, kind and time, the line's other fields, and what it says.
template <class Line, class... Fields>
bytes encode_line(const Line& line, const Fields&... fields) {
  bytes made;
  writing_archive archive(made);
  archive(Line::schema, static_cast<std::uint16_t>(line.what.index()),
          static_cast<std::int64_t>(line.at.count()), fields...);
  std::visit([&archive](const auto& x) { archive(x); }, line.what);
  return made;
}

/// `subject`: "a line of the journal", for messages. `read_fields(archive, line)` reads the line's
/// other fields.
template <class Line, class ReadFields>
attempt<Line> decode_line(bytes_view content, std::size_t length_max, const std::string& subject,
                          ReadFields read_fields) {
  using record = decltype(Line::what);
  const auto corrupt = [&subject](const std::string& why) {
    return failure{.code = failure_code::corrupt, .detail = subject + " " + why};
  };
  try {
    reading_archive archive(content, length_max);
    std::uint16_t schema = 0, kind = 0;
    std::int64_t at = 0;
    archive(schema, kind, at);
    if (schema != Line::schema || kind >= std::variant_size_v<record>)
      return failure{.code = failure_code::unsupported,
                     .detail = subject + " has schema " + std::to_string(schema) + " and kind " +
                               std::to_string(kind) +
                               ", which this version does not read; use the version that wrote it"};
    Line line;
    read_fields(archive, line);
    line.at = instant(at);
    line.what = alternative<record>(kind);
    std::visit([&archive](auto& x) { archive(x); }, line.what);
    if (!archive.at_end())
      return corrupt("has bytes past its end");
    return line;
  } catch (const std::exception& e) {
    return corrupt(e.what());
  }
}

} // namespace godwit
