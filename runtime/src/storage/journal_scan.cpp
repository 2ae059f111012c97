#include "storage/journal_scan.hpp"

#include <algorithm>
#include <cstring>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "storage/journal_file.hpp"

namespace godwit {

namespace {

constexpr std::uint64_t window_bytes = 256 << 10; // enough to read a disk at its speed

/// The part of a file that is looked at.
class file_window {
public:
  file_window(disk& on, std::uint64_t size) : on_(on), size_(size) {}

  /// `count` bytes of the file, at most window_bytes, all of them inside; good until the next call.
  attempt<bytes_view> at(std::uint64_t offset, std::uint64_t count) {
    if (offset < begin_ || offset + count > begin_ + held_.size()) {
      held_.resize(static_cast<std::size_t>(std::min(window_bytes, size_ - offset)));
      begin_ = offset;
      if (auto read = on_.read(journal_name, offset, held_); !read)
        return read.why();
    }
    return bytes_view(held_).subspan(static_cast<std::size_t>(offset - begin_),
                                     static_cast<std::size_t>(count));
  }
  std::uint64_t size() const { return size_; }

private:
  disk& on_;
  std::uint64_t size_;
  std::uint64_t begin_ = 0;
  bytes held_;
};

/// Whether the record's head and body end inside a file, so that memory may be taken for them.
bool fits(const record_fields& fields, std::uint64_t bytes_behind_fields) {
  return fields.head_bytes <= journal_head_bytes_max && fields.head_bytes <= bytes_behind_fields &&
         fields.body_bytes <= bytes_behind_fields - fields.head_bytes;
}

class journal_reading {
public:
  journal_reading(disk& on, std::uint64_t size) : on_(on), window_(on, size) {}

  attempt<scanned_journal> run() {
    const auto begun = read_head();
    if (!begun)
      return begun.why();
    while (*begun && out_.whole_bytes < window_.size()) {
      const auto whole = read_record(out_.whole_bytes);
      if (!whole)
        return whole.why();
      if (!*whole)
        break;
    }
    return std::move(out_);
  }

private:
  /// Whether the file's own head is there.
  attempt<bool> read_head() {
    journal_head head;
    const auto content = window_.at(0, std::min<std::uint64_t>(window_.size(), sizeof head));
    if (!content)
      return content.why();
    std::ranges::copy(*content, std::as_writable_bytes(std::span(&head, 1)).begin());
    const journal_head ours;
    const bool whole = content->size() == sizeof head && sum_of(head) == head.sum &&
                       std::memcmp(head.magic, ours.magic, sizeof ours.magic) == 0 &&
                       head.kind == ours.kind;
    if (!whole && window_.size() <= sizeof head)
      return false;
    if (!whole)
      return corrupt_journal(on_, "its first bytes are damaged, or it is no journal of ours");
    if (head.schema != journal_head::schema_now)
      return failure{.code = failure_code::unsupported,
                     .detail = fmt::format("{}: has schema {}, and this version reads schema {}; "
                                           "use the version that wrote it",
                                           on_.path(journal_name), head.schema,
                                           journal_head::schema_now)};
    out_.first_number = out_.next_number = head.first_number;
    out_.whole_bytes = sizeof head;
    return true;
  }

  /// Whether there is a whole record at `place`. Fails if there is none and should be one.
  attempt<bool> read_record(std::uint64_t place) {
    const auto read = fields_at(place);
    if (!read)
      return read.why();
    auto search_from = place;
    if (const auto& fields = *read; fields && fields->number == out_.next_number) {
      // These fields say truly where the record ends; what its body holds is no record of ours.
      search_from = window_.size();
      const auto behind = place + sizeof *fields;
      if (fits(*fields, window_.size() - behind)) {
        const auto whole = take_content(*fields, place);
        if (!whole || *whole)
          return whole;
        search_from = behind + fields->head_bytes + fields->body_bytes;
      }
    }
    const auto later = later_group(search_from);
    if (!later)
      return later.why();
    if (*later)
      return corrupt_journal(
          on_, fmt::format("the record at byte {} is damaged, and the one at byte {} was written "
                           "after it; no power cut does that, but a broken disk or another program",
                           place, **later));
    return false;
  }

  /// The fields at `place`, if they are a record's.
  attempt<std::optional<record_fields>> fields_at(std::uint64_t place) {
    record_fields fields;
    if (window_.size() - place < sizeof fields)
      return std::optional<record_fields>{};
    const auto content = window_.at(place, sizeof fields);
    if (!content)
      return content.why();
    std::memcpy(&fields, content->data(), sizeof fields);
    return are_whole(fields) ? std::optional(fields) : std::nullopt;
  }

  /// Takes the record if its content is what was written, and says so.
  attempt<bool> take_content(const record_fields& fields, std::uint64_t place) {
    bytes head;
    head.reserve(fields.head_bytes);
    checksum sum;
    const auto content_bytes = fields.head_bytes + fields.body_bytes;
    for (std::uint64_t seen = 0; seen < content_bytes;) {
      const auto part =
          window_.at(place + sizeof fields + seen, std::min(window_bytes, content_bytes - seen));
      if (!part)
        return part.why();
      sum.add(*part);
      const auto of_head = part->first(std::min(part->size(), fields.head_bytes - head.size()));
      head.insert(head.end(), of_head.begin(), of_head.end());
      seen += part->size();
    }
    if (sum.value() != fields.content_sum)
      return false;
    out_.records.push_back(
        {{.head = std::move(head), .body_place = fields.number, .body_bytes = fields.body_bytes},
         place});
    out_.next_number = fields.number + 1;
    out_.whole_bytes = place + sizeof fields + content_bytes;
    return true;
  }

  /// Where, from `from` on, a record lies whose group began after the record that should come next
  /// had become durable. The fields alone show that; the record itself may be torn.
  attempt<std::optional<std::uint64_t>> later_group(std::uint64_t from) {
    const auto magic = record_fields::magic_word;
    const auto begin = raw(magic);
    record_fields fields;
    while (window_.size() - from >= sizeof fields) {
      const auto part = window_.at(from, std::min(window_bytes, window_.size() - from));
      if (!part)
        return part.why();
      for (auto at = part->begin();; ++at) {
        at = std::search(at, part->end(), begin.begin(), begin.end());
        if (part->end() - at < static_cast<std::ptrdiff_t>(sizeof fields))
          break;
        std::memcpy(&fields, &*at, sizeof fields);
        if (are_whole(fields) && fields.group_number > out_.next_number)
          return std::optional(from + static_cast<std::uint64_t>(at - part->begin()));
      }
      from += part->size() - (sizeof fields - 1);
    }
    return std::optional<std::uint64_t>{};
  }

  disk& on_;
  file_window window_;
  scanned_journal out_;
};

} // namespace

attempt<scanned_journal> scan_journal(disk& on, std::uint64_t size) {
  return journal_reading(on, size).run();
}

failure corrupt_journal(const disk& on, const std::string& what) {
  return {.code = failure_code::corrupt,
          .detail = fmt::format("{}: {}. Check the disk and restore a copy of the file; or move it "
                                "away to begin without what it holds",
                                on.path(journal_name), what)};
}

bool are_whole(const record_fields& fields) {
  return fields.magic == record_fields::magic_word && sum_of(fields) == fields.sum;
}

} // namespace godwit
