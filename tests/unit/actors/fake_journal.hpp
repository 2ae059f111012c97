// What does a node write into its journal? Kept in memory, for a test that looks or starts anew.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <godwit/actors/journal_port.hpp>

namespace godwit {

class fake_journal final : public journal_port {
public:
  attempt<done> keep(std::span<const journal_record> more) override {
    if (is_full)
      return failure{.code = failure_code::no_space, .retry = true, .detail = "no space left"};
    records.insert(records.end(), more.begin(), more.end());
    ++group_count;
    return done{};
  }
  attempt<done> restart(std::span<const journal_record> all) override {
    if (is_full)
      return failure{.code = failure_code::no_space, .retry = true, .detail = "no space left"};
    records.assign(all.begin(), all.end());
    return done{};
  }
  attempt<shared_bytes> body(std::uint64_t place) override { return records[place - 1].body; }

  /// What one finds who opens it now.
  std::vector<found_record> found() const {
    std::vector<found_record> all;
    for (const auto& each : records)
      all.push_back({each.head, all.size() + 1, each.body.size()});
    return all;
  }

  std::vector<journal_record> records;
  int group_count = 0;
  bool is_full = false;
};

} // namespace godwit
