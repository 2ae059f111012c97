// How does a node's journal lie in one file, so that a power cut costs nothing that was kept?
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <godwit/actors/journal_port.hpp>
#include <godwit/messages/limits.hpp>

#include "storage/disk.hpp"

namespace godwit {

inline constexpr std::string_view journal_name = "journal";
inline constexpr std::uint32_t journal_head_bytes_max =
    limits::journal_head_bytes_max; ///< of one record; bodies: the file's

struct opened_journal;

/// The journal in the file `journal` of a disk. The records of one `keep` are a group: one write
/// and one sync. Records are numbered, also over restarts, and say with which number their group
/// began.
class journal_file final : public journal_port {
public:
  /// Makes an empty journal where there is none, and reads the one that is there. A record that is
  /// damaged or cut short begins a torn tail, as a power cut leaves it, unless a group behind it
  /// shows that it was durable once. A torn tail is cut off. What was found is durable then. Fails
  /// with corrupt where a record in the middle or the beginning is damaged, with unsupported where
  /// a newer version wrote the file (neither changes anything), else with what the disk says.
  static attempt<opened_journal> open(std::shared_ptr<disk> on);

  /// Each head has at most journal_head_bytes_max bytes.
  attempt<done> keep(std::span<const journal_record> records) override;
  /// Where the disk fails in the very last step and again when that is looked into, the new records
  /// may be in effect in spite of the failure; what is kept next comes behind those then.
  attempt<done> restart(std::span<const journal_record> records) override;
  /// Fails with not_found for places from before a restart. A body is read as a whole.
  attempt<shared_bytes> body(std::uint64_t place) override;

private:
  /// What is durable: whose first record has which number, how long it is, what comes next.
  struct extent {
    std::uint64_t first_number = 1;
    std::uint64_t bytes = 0;
    std::uint64_t next_number = 1;
  };

  explicit journal_file(std::shared_ptr<disk> on) : disk_(std::move(on)) {}
  attempt<done> settle();

  std::shared_ptr<disk> disk_;
  extent kept_;
  std::optional<extent> replacing_; ///< a restart that failed; the disk knows whether in effect
  bool unsettled_ = false;          ///< there may be bytes behind kept_, or another file
  std::unordered_map<std::uint64_t, std::uint64_t>
      offsets_; ///< of found bodies' records, by number
};

/// A journal and what it held.
struct opened_journal {
  journal_file journal;
  std::vector<found_record> records; ///< in the order in which they were kept
  std::uint64_t torn_bytes = 0;      ///< cut off behind the last whole record; tell people
};

} // namespace godwit
