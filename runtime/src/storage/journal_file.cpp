#include "storage/journal_file.hpp"

#include <cstring>
#include <utility>

#include <fmt/format.h>

#include <godwit/messages/check.hpp>

#include "storage/journal_format.hpp"
#include "storage/journal_scan.hpp"

namespace godwit {

namespace {

/// Records as bytes for the disk: the fields are made here, heads and bodies stay where they are.
class encoded_group {
public:
  encoded_group(bytes_view before, std::span<const journal_record> records,
                std::uint64_t first_number) {
    add(before);
    fields_.reserve(records.size());
    for (const auto& record : records) {
      GODWIT_CHECK(record.head.size() <= journal_head_bytes_max, "a record's head is short");
      record_fields fields;
      fields.head_bytes = static_cast<std::uint32_t>(record.head.size());
      fields.body_bytes = record.body.size();
      fields.number = first_number + fields_.size();
      fields.group_number = first_number;
      fields.content_sum = checksum().add(record.head).add(record.body.view()).value();
      fields.sum = sum_of(fields);
      fields_.push_back(fields);
      for (const auto piece : {raw(fields_.back()), bytes_view(record.head), record.body.view()})
        add(piece);
    }
  }
  std::span<const bytes_view> pieces() const { return pieces_; }
  std::uint64_t size() const { return size_; }

private:
  void add(bytes_view piece) {
    pieces_.push_back(piece);
    size_ += piece.size();
  }
  std::vector<record_fields> fields_;
  std::vector<bytes_view> pieces_;
  std::uint64_t size_ = 0;
};

attempt<done> write_durably(disk& to, std::span<const bytes_view> pieces) {
  if (auto written = to.append(journal_name, pieces); !written)
    return written;
  return to.sync(journal_name);
}

journal_head head_of(std::uint64_t first_number) {
  journal_head head;
  head.first_number = first_number;
  head.sum = sum_of(head);
  return head;
}

} // namespace

attempt<opened_journal> journal_file::open(std::shared_ptr<disk> on) {
  opened_journal out{journal_file(on), {}, 0};
  scanned_journal found;
  const auto size = on->size(journal_name);
  if (!size && size.why().code != failure_code::not_found)
    return size.why();
  if (size) {
    auto scanned = scan_journal(*on, *size);
    if (!scanned)
      return scanned.why();
    found = std::move(*scanned);
    out.torn_bytes = *size - found.whole_bytes;
  }
  if (found.whole_bytes == 0) {
    const auto head = head_of(found.first_number);
    const auto content = raw(head);
    if (auto made = on->replace(journal_name, std::span(&content, 1)); !made)
      return made.why();
    found.whole_bytes = content.size();
  }
  out.journal.kept_ = {found.first_number, found.whole_bytes, found.next_number};
  // What was found may have been written by a process that was ended before its sync.
  if (auto settled = out.journal.settle(); !settled)
    return settled.why();
  for (auto& record : found.records) {
    if (record.found.body_bytes > 0)
      out.journal.offsets_.emplace(record.found.body_place, record.offset);
    out.records.push_back(std::move(record.found));
  }
  return out;
}

attempt<done> journal_file::keep(std::span<const journal_record> records) {
  if (unsettled_)
    if (auto settled = settle(); !settled)
      return settled;
  if (records.empty())
    return done{};
  const encoded_group group({}, records, kept_.next_number);
  unsettled_ = true;
  if (auto written = write_durably(*disk_, group.pieces()); !written) {
    unsettled_ = !settle().has_value(); // else the next call does it first
    return written;
  }
  unsettled_ = false;
  kept_.bytes += group.size();
  kept_.next_number += records.size();
  return done{};
}

attempt<done> journal_file::restart(std::span<const journal_record> records) {
  if (unsettled_)
    if (auto settled = settle(); !settled)
      return settled;
  const auto first_number = kept_.next_number + 1; // one is left out: no two files begin alike
  const auto head = head_of(first_number);
  const encoded_group group(raw(head), records, first_number);
  replacing_ = {first_number, group.size(), first_number + records.size()};
  const auto replaced = disk_->replace(journal_name, group.pieces());
  if (!replaced) {
    unsettled_ = !settle().has_value();
    return kept_.first_number == first_number && !unsettled_ ? attempt<done>(done{}) : replaced;
  }
  kept_ = *std::exchange(replacing_, std::nullopt);
  offsets_.clear();
  return done{};
}

/// Finds out what is in the file and makes it, and nothing behind it, durable.
attempt<done> journal_file::settle() {
  if (replacing_) {
    journal_head head;
    if (auto read = disk_->read(journal_name, 0, std::as_writable_bytes(std::span(&head, 1)));
        !read)
      return read;
    if (head.first_number == replacing_->first_number) {
      kept_ = *replacing_;
      offsets_.clear();
    }
  }
  if (auto cut = disk_->truncate(journal_name, kept_.bytes); !cut)
    return cut;
  if (auto flushed = disk_->sync(journal_name); !flushed)
    return flushed;
  replacing_.reset();
  unsettled_ = false;
  return done{};
}

attempt<shared_bytes> journal_file::body(std::uint64_t place) {
  const auto found = offsets_.find(place);
  if (found == offsets_.end())
    return failure{
        .code = failure_code::not_found,
        .detail = fmt::format("{}: has no body of a record {}", disk_->path(journal_name), place)};
  const auto offset = found->second;
  const auto damaged = [&] {
    return corrupt_journal(*disk_, fmt::format("the record at byte {} is damaged", offset));
  };
  record_fields fields;
  if (auto read = disk_->read(journal_name, offset, std::as_writable_bytes(std::span(&fields, 1)));
      !read)
    return read.why();
  if (!are_whole(fields) || fields.number != place)
    return damaged();
  bytes head(fields.head_bytes), content(static_cast<std::size_t>(fields.body_bytes));
  if (auto read = disk_->read(journal_name, offset + sizeof fields, head); !read)
    return read.why();
  if (auto read = disk_->read(journal_name, offset + sizeof fields + head.size(), content); !read)
    return read.why();
  if (checksum().add(head).add(content).value() != fields.content_sum)
    return damaged();
  return shared_bytes(std::move(content));
}

} // namespace godwit
