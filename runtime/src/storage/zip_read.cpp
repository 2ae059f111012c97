// What does a zip archive hold, and is it what it says?
#include "storage/zip.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include <zlib.h>

#include <godwit/messages/check.hpp>
#include <godwit/messages/limits.hpp>

namespace godwit {

namespace {

constexpr std::uint32_t local_signature = 0x04034b50;
constexpr std::uint32_t central_signature = 0x02014b50;
constexpr std::uint32_t end_signature = 0x06054b50;
constexpr std::size_t local_bytes = 30;
constexpr std::size_t central_bytes = 46;
constexpr std::size_t end_bytes = 22;
constexpr std::uint64_t comment_bytes_max = 65'535;
constexpr std::uint64_t directory_bytes_max = std::uint64_t{16} << 20;
constexpr std::uint64_t deflate_ratio_max = 1032;
constexpr std::size_t portion_bytes = std::size_t{64} << 10;

template <class Number>
Number number_at(bytes_view from, std::size_t offset) {
  Number number{};
  std::memcpy(&number, from.data() + offset, sizeof(number)); // little endian, as we are
  return number;
}
std::uint64_t two_at(bytes_view from, std::size_t offset) {
  return number_at<std::uint16_t>(from, offset);
}
std::uint64_t four_at(bytes_view from, std::size_t offset) {
  return number_at<std::uint32_t>(from, offset);
}

failure unsupported(const input_file& file, const std::string& what) {
  return {.code = failure_code::unsupported, .detail = file.path().string() + ": " + what};
}

/// The archive's last record.
struct end_record {
  std::uint64_t entry_count = 0;
  std::uint64_t directory_bytes = 0;
  std::uint64_t directory_offset = 0;
  std::string comment;
};

attempt<end_record> read_end(const input_file& file) {
  const auto tail_bytes = std::min(file.size(), end_bytes + comment_bytes_max);
  const auto tail_offset = file.size() - tail_bytes;
  const auto tail = file.read_at(tail_offset, static_cast<std::size_t>(tail_bytes));
  if (!tail)
    return tail.why();
  std::optional<std::size_t> found;
  for (std::size_t behind = end_bytes; behind <= tail->size() && !found; ++behind) {
    const auto at = tail->size() - behind;
    if (four_at(*tail, at) == end_signature && two_at(*tail, at + 20) == behind - end_bytes)
      found = at;
  }
  if (!found)
    return corrupt_file(file.path(), "has no end record; it is cut off or not a zip archive");
  const auto record = bytes_view(*tail).subspan(*found);
  end_record end{.entry_count = two_at(record, 10),
                 .directory_bytes = four_at(record, 12),
                 .directory_offset = four_at(record, 16),
                 .comment = as_text(record.subspan(end_bytes))};
  if (end.entry_count == 0xFFFF || end.directory_bytes == 0xFFFFFFFF ||
      end.directory_offset == 0xFFFFFFFF)
    return unsupported(file, "is a 64-bit zip archive; convert models of 4 GiB and more to "
                             ".safetensors");
  if (two_at(record, 4) != 0 || two_at(record, 6) != 0 || two_at(record, 8) != end.entry_count ||
      end.directory_offset + end.directory_bytes != tail_offset + *found ||
      end.directory_bytes > directory_bytes_max || end.entry_count > limits::tensor_count_max)
    return corrupt_file(file.path(),
                        "its end record does not fit the file: " + std::to_string(end.entry_count) +
                            " entries, a directory of " + std::to_string(end.directory_bytes) +
                            " bytes at " + std::to_string(end.directory_offset));
  return end;
}

/// Follows the directory's pointer to the entry itself, and checks that its data lie before the
/// directory.
std::optional<failure> locate(const input_file& file, zip_entry& entry, std::uint64_t local_offset,
                              std::uint64_t directory_offset) {
  const auto where = "entry '" + entry.name + "' ";
  if (local_offset > directory_offset || directory_offset - local_offset < local_bytes)
    return corrupt_file(file.path(),
                        where + "lies at " + std::to_string(local_offset) + ", behind the data");
  const auto local = file.read_at(local_offset, local_bytes);
  if (!local)
    return local.why();
  if (four_at(*local, 0) != local_signature || two_at(*local, 26) != entry.name.size())
    return corrupt_file(file.path(), where + "is not where the directory says");
  entry.data_offset = local_offset + local_bytes + two_at(*local, 26) + two_at(*local, 28);
  if (entry.data_offset > directory_offset ||
      entry.packed_bytes > directory_offset - entry.data_offset)
    return corrupt_file(file.path(), where + "has " + std::to_string(entry.packed_bytes) +
                                         " bytes, more than there are before the directory");
  return std::nullopt;
}

/// One record of the directory.
struct directory_record {
  zip_entry entry;
  std::uint64_t local_offset = 0;
  std::size_t record_bytes = 0;
};

attempt<directory_record> read_record(const input_file& file, bytes_view directory) {
  if (directory.size() < central_bytes || four_at(directory, 0) != central_signature)
    return corrupt_file(file.path(), "its directory is broken");
  const auto name_bytes = static_cast<std::size_t>(two_at(directory, 28));
  const auto record_bytes = central_bytes + name_bytes +
                            static_cast<std::size_t>(two_at(directory, 30) + two_at(directory, 32));
  if (record_bytes > directory.size())
    return corrupt_file(file.path(), "its directory is cut off");
  directory_record record{.entry = {.name = as_text(directory.subspan(central_bytes, name_bytes)),
                                    .deflated = two_at(directory, 10) == 8,
                                    .crc = number_at<std::uint32_t>(directory, 16),
                                    .packed_bytes = four_at(directory, 20),
                                    .content_bytes = four_at(directory, 24)},
                          .local_offset = four_at(directory, 42),
                          .record_bytes = record_bytes};
  const auto& entry = record.entry;
  const auto where = "entry '" + entry.name + "' ";
  if ((two_at(directory, 8) & 0x41) != 0)
    return unsupported(file, where + "is encrypted");
  if (two_at(directory, 10) != 0 && !entry.deflated)
    return unsupported(file, where + "is packed by method " +
                                 std::to_string(two_at(directory, 10)) +
                                 "; stored (0) and deflate (8) are read");
  if (entry.packed_bytes == 0xFFFFFFFF || entry.content_bytes == 0xFFFFFFFF ||
      record.local_offset == 0xFFFFFFFF)
    return unsupported(file, where + "needs the 64-bit extension; convert models of 4 GiB and "
                                     "more to .safetensors");
  if (entry.deflated ? entry.content_bytes / deflate_ratio_max > entry.packed_bytes
                     : entry.content_bytes != entry.packed_bytes)
    return corrupt_file(file.path(), where + "announces " + std::to_string(entry.content_bytes) +
                                         " bytes, packed into " +
                                         std::to_string(entry.packed_bytes));
  return record;
}

} // namespace

attempt<zip_directory> read_zip_directory(const input_file& file) {
  const auto end = read_end(file);
  if (!end)
    return end.why();
  const auto content =
      file.read_at(end->directory_offset, static_cast<std::size_t>(end->directory_bytes));
  if (!content)
    return content.why();
  std::vector<std::pair<std::uint64_t, zip_entry>> found; // by the offset of the local header
  std::set<std::string> names;
  auto rest = bytes_view(*content);
  for (std::uint64_t i = 0; i < end->entry_count; ++i) {
    auto record = read_record(file, rest);
    if (!record)
      return record.why();
    if (auto why = locate(file, record->entry, record->local_offset, end->directory_offset))
      return *why;
    if (!names.insert(record->entry.name).second)
      return corrupt_file(file.path(), "has two entries '" + record->entry.name + "'");
    rest = rest.subspan(record->record_bytes);
    found.emplace_back(record->local_offset, std::move(record->entry));
  }
  if (!rest.empty())
    return corrupt_file(file.path(), "its directory has more in it than it announces");
  std::sort(found.begin(), found.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  zip_directory directory{.entries = {}, .comment = end->comment};
  std::uint64_t free_from = 0;
  for (auto& [offset, entry] : found) {
    if (offset < free_from)
      return corrupt_file(file.path(), "entry '" + entry.name + "' lies on another one");
    free_from = entry.data_offset + entry.packed_bytes;
    directory.entries.push_back(std::move(entry));
  }
  return directory;
}

struct zip_content::inflater {
  inflater() { GODWIT_CHECK(inflateInit2(&stream, -MAX_WBITS) == Z_OK, "zlib can be set up"); }
  inflater(const inflater&) = delete;
  inflater& operator=(const inflater&) = delete;
  ~inflater() { inflateEnd(&stream); }
  z_stream stream{};
  std::array<std::byte, portion_bytes> packed;
  bool ended = false;
};

zip_content::zip_content(const input_file& file, const zip_entry& entry)
    : file_(file), entry_(entry), left_(entry.content_bytes),
      inflater_(entry.deflated ? std::make_unique<inflater>() : nullptr) {}
zip_content::zip_content(zip_content&&) noexcept = default;
zip_content::~zip_content() = default;

attempt<done> zip_content::read(std::span<std::byte> into) {
  GODWIT_CHECK(into.size() <= left_, "no more is read than an entry has");
  if (into.empty())
    return done{};
  if (inflater_ != nullptr) {
    if (auto unpacked = inflate_into(into); !unpacked)
      return unpacked;
  } else {
    if (auto read = file_.read_at(entry_.data_offset + packed_read_, into); !read)
      return read;
    packed_read_ += into.size();
  }
  crc_ = static_cast<std::uint32_t>(
      crc32_z(crc_, reinterpret_cast<const Bytef*>(into.data()), into.size()));
  left_ -= into.size();
  return left_ == 0 ? finish() : attempt<done>(done{});
}

attempt<done> zip_content::inflate_into(std::span<std::byte> into) {
  auto& stream = inflater_->stream;
  while (!into.empty()) {
    if (stream.avail_in == 0) {
      const auto count = std::min<std::uint64_t>(entry_.packed_bytes - packed_read_, portion_bytes);
      const auto portion = std::span(inflater_->packed).first(static_cast<std::size_t>(count));
      if (auto read = file_.read_at(entry_.data_offset + packed_read_, portion); !read)
        return read;
      packed_read_ += count;
      stream.next_in = reinterpret_cast<Bytef*>(portion.data());
      stream.avail_in = static_cast<uInt>(count);
    }
    const auto room = static_cast<uInt>(std::min<std::size_t>(into.size(), std::size_t{1} << 30));
    stream.next_out = reinterpret_cast<Bytef*>(into.data());
    stream.avail_out = room;
    const int code = inflate(&stream, Z_NO_FLUSH);
    into = into.subspan(room - stream.avail_out);
    inflater_->ended = code == Z_STREAM_END;
    const bool starved = code == Z_BUF_ERROR && packed_read_ == entry_.packed_bytes;
    if ((code != Z_OK && code != Z_BUF_ERROR && code != Z_STREAM_END) || starved ||
        (inflater_->ended && !into.empty()))
      return corrupt_file(file_.path(), "entry '" + entry_.name + "' cannot be unpacked");
  }
  return done{};
}

attempt<done> zip_content::finish() {
  if (crc_ == entry_.crc)
    return done{};
  return corrupt_file(file_.path(), "entry '" + entry_.name + "' does not match its check sum");
}

} // namespace godwit
