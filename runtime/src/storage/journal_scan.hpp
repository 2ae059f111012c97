// What does a journal's file hold, and where does its torn tail begin?
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <godwit/messages/journal.hpp>

#include "storage/disk.hpp"
#include "storage/journal_format.hpp"

namespace godwit {

/// A whole record of the file. Its place is its number.
struct scanned_record {
  found_record found;
  std::uint64_t offset = 0; ///< of its fields in the file
};

struct scanned_journal {
  std::uint64_t first_number = 1;
  std::uint64_t next_number = 1;
  std::uint64_t whole_bytes =
      0; ///< behind the last whole record; 0: not even the file's head is whole
  std::vector<scanned_record> records;
};

/// Reads the journal's file, which has `size` bytes, a window at a time, and changes nothing. Fails
/// with corrupt, unsupported (see journal_file::open) or what the disk says.
attempt<scanned_journal> scan_journal(disk& on, std::uint64_t size);

/// "PATH: what. What to do", of a journal that is not what was written.
failure corrupt_journal(const disk& on, const std::string& what);

/// Whether these bytes are the fields of some record, as they were written.
bool are_whole(const record_fields& fields);

} // namespace godwit
