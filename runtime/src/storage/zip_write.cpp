// Which bytes make a zip archive of stored entries?
#include "storage/zip.hpp"

#include <deque>
#include <utility>

#include <zlib.h>

#include "storage/atomic_file.hpp"

namespace godwit {

namespace {

constexpr std::uint64_t text_bytes_max = 65'535;
constexpr std::uint64_t archive_bytes_max = 0xFFFFFFFE;
constexpr std::uint16_t version_needed = 20;
constexpr std::uint16_t names_are_utf8 = 0x0800;
constexpr std::uint16_t date = 0x0021; // 1980-01-01: the time of writing is nobody's business

void put(bytes& to, std::uint64_t value, int count) {
  for (int i = 0; i < count; ++i)
    to.push_back(static_cast<std::byte>(value >> (8 * i) & 0xFF));
}

/// What the two headers of an entry have in common.
struct entry_facts {
  std::uint32_t crc = 0;
  std::uint64_t size = 0;
  std::uint64_t offset = 0; ///< of its local header
};

void put_facts(bytes& to, const zip_part& part, const entry_facts& facts) {
  put(to, version_needed, 2);
  put(to, names_are_utf8, 2);
  put(to, 0, 2); // stored
  put(to, 0, 2); // midnight
  put(to, date, 2);
  put(to, facts.crc, 4);
  put(to, facts.size, 4);
  put(to, facts.size, 4);
  put(to, part.name.size(), 2);
  put(to, 0, 2); // no extra field
}

bytes local_header(const zip_part& part, const entry_facts& facts) {
  bytes header;
  put(header, 0x04034b50, 4);
  put_facts(header, part, facts);
  const auto name = as_bytes(part.name);
  header.insert(header.end(), name.begin(), name.end());
  return header;
}

void put_directory_record(bytes& to, const zip_part& part, const entry_facts& facts) {
  put(to, 0x02014b50, 4);
  put(to, version_needed, 2);
  put_facts(to, part, facts);
  put(to, 0, 2); // no comment
  put(to, 0, 2); // first disk
  put(to, 0, 2); // internal attributes
  put(to, 0, 4); // external attributes
  put(to, facts.offset, 4);
  const auto name = as_bytes(part.name);
  to.insert(to.end(), name.begin(), name.end());
}

void put_end_record(bytes& to, std::size_t count, std::uint64_t directory_offset,
                    const std::string& comment) {
  const auto directory_bytes = to.size();
  put(to, 0x06054b50, 4);
  put(to, 0, 4); // first disk, twice
  put(to, count, 2);
  put(to, count, 2);
  put(to, directory_bytes, 4);
  put(to, directory_offset, 4);
  put(to, comment.size(), 2);
  const auto text = as_bytes(comment);
  to.insert(to.end(), text.begin(), text.end());
}

} // namespace

attempt<done> write_zip(const std::filesystem::path& path, std::span<const zip_part> parts,
                        const std::string& comment) {
  const auto too_large = [&](const std::string& what) {
    return failure{.code = failure_code::unsupported, .detail = path.string() + ": " + what};
  };
  if (comment.size() > text_bytes_max || parts.size() >= text_bytes_max)
    return too_large("a zip archive holds fewer than 65535 entries and 64 KiB of comment");
  std::deque<bytes> headers;
  std::vector<bytes_view> pieces;
  bytes directory;
  std::uint64_t offset = 0;
  for (const auto& part : parts) {
    if (part.name.size() > text_bytes_max)
      return too_large("a zip archive's names are shorter than 64 KiB");
    entry_facts facts{.offset = offset};
    for (const auto piece : part.pieces) {
      facts.crc = static_cast<std::uint32_t>(
          crc32_z(facts.crc, reinterpret_cast<const Bytef*>(piece.data()), piece.size()));
      facts.size += piece.size();
    }
    headers.push_back(local_header(part, facts));
    offset += headers.back().size() + facts.size;
    if (offset > archive_bytes_max)
      return too_large("an archive of 4 GiB or more is not written; use .safetensors");
    pieces.emplace_back(headers.back());
    pieces.insert(pieces.end(), part.pieces.begin(), part.pieces.end());
    put_directory_record(directory, part, facts);
  }
  if (offset + directory.size() > archive_bytes_max)
    return too_large("an archive of 4 GiB or more is not written; use .safetensors");
  put_end_record(directory, parts.size(), offset, comment);
  pieces.emplace_back(directory);
  return write_atomically(path, pieces);
}

} // namespace godwit
