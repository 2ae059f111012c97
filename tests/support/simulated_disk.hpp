// What does a disk do when the power goes, when it is full, when it fails and when it lies?
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "storage/disk.hpp"

namespace godwit {

/// A disk in memory that knows what is durable. All chance comes in as numbers, so that a run can
/// be repeated. Every call is one step; a replace is four: write beside, sync, rename, sync the
/// folder.
class simulated_disk final : public disk {
public:
  /// All files together get no longer than this: the append that would is done in part.
  void fill_at(std::uint64_t byte_count) { bytes_max_ = byte_count; }
  /// As if a sync had been done, though nothing is durable.
  void lie_about_sync(bool lies) { lies_ = lies; }
  /// Behind `after` more steps, `count` steps fail with io and do nothing.
  void fail(std::uint64_t count, std::uint64_t after = 0) {
    failing_from_ = step_count_ + after;
    failing_until_ = failing_from_ + count;
  }
  /// Behind `after` more steps all steps fail, until `crash` has said what is left.
  void lose_power(std::uint64_t after) {
    fail(std::numeric_limits<std::uint64_t>::max() / 2, after);
  }

  /// The power is cut and comes back. What is durable stays. Of what was appended since the last
  /// sync a beginning stays, cut anywhere, perhaps with a flipped bit; truncations, renames and
  /// removals since then are in effect or not. `chance` decides it all.
  void crash(std::uint64_t chance) {
    chance_ = chance;
    folder_ = {folder_[draw(folder_.size())]};
    for (auto& [name, file] : folder_.front())
      tear(*file);
    fail(0);
  }

  std::uint64_t step_count() const { return step_count_; } ///< so far
  std::uint64_t used_bytes() const {
    std::uint64_t sum = 0;
    for (const auto& [name, file] : seen())
      sum += file->content.size();
    return sum;
  }
  /// The file's bytes, for a test that damages them. The file must exist.
  bytes& content(std::string_view name) { return seen().find(name)->second->content; }

  attempt<done> append(std::string_view name, std::span<const bytes_view> pieces) override {
    if (auto why = step(name))
      return *why;
    if (!seen().contains(name)) {
      auto changed = seen();
      changed.emplace(name, std::make_shared<held_file>());
      folder_.push_back(std::move(changed));
    }
    return write(name, *seen().find(name)->second, pieces, used_bytes());
  }

  attempt<done> sync(std::string_view name) override {
    if (auto why = step(name))
      return *why;
    const auto file = find(name);
    if (!file)
      return no_such(name);
    make_last(*file);
    make_folder_last();
    return done{};
  }

  attempt<std::uint64_t> size(std::string_view name) override {
    if (auto why = step(name))
      return *why;
    const auto file = find(name);
    if (!file)
      return no_such(name);
    return std::uint64_t{file->content.size()};
  }

  attempt<done> read(std::string_view name, std::uint64_t offset,
                     std::span<std::byte> into) override {
    if (auto why = step(name))
      return *why;
    const auto file = find(name);
    if (!file)
      return no_such(name);
    if (offset > file->content.size() || into.size() > file->content.size() - offset)
      return failure{.code = failure_code::io, .detail = std::string(name) + ": ends before"};
    std::copy_n(file->content.begin() + static_cast<std::ptrdiff_t>(offset), into.size(),
                into.begin());
    return done{};
  }

  attempt<done> truncate(std::string_view name, std::uint64_t size) override {
    if (auto why = step(name))
      return *why;
    const auto file = find(name);
    if (!file)
      return no_such(name);
    auto& content = file->content;
    const auto end = content.begin() + static_cast<std::ptrdiff_t>(size);
    if (size < file->durable_bytes) {
      const auto durable = content.begin() + static_cast<std::ptrdiff_t>(file->durable_bytes);
      file->cut_off.insert(file->cut_off.begin(), end, durable);
      file->durable_bytes = static_cast<std::size_t>(size);
    }
    content.erase(end, content.end());
    return done{};
  }

  attempt<done> replace(std::string_view name, std::span<const bytes_view> pieces) override {
    if (auto why = step(name))
      return *why;
    const auto fresh = std::make_shared<held_file>();
    if (auto written = write(name, *fresh, pieces, used_bytes()); !written)
      return written;
    if (auto why = step(name))
      return *why;
    make_last(*fresh);
    if (auto why = step(name))
      return *why;
    auto changed = seen();
    changed.insert_or_assign(std::string(name), fresh);
    folder_.push_back(std::move(changed));
    if (auto why = step(name))
      return *why;
    make_folder_last();
    return done{};
  }

  attempt<done> remove(std::string_view name) override {
    if (auto why = step(name))
      return *why;
    if (!find(name))
      return no_such(name);
    auto changed = seen();
    changed.erase(changed.find(name));
    folder_.push_back(std::move(changed));
    make_folder_last();
    return done{};
  }

  attempt<bool> exists(std::string_view name) override {
    if (auto why = step(name))
      return *why;
    return find(name) != nullptr;
  }

  std::string path(std::string_view name) const override { return std::string(name); }

private:
  struct held_file {
    bytes content;                 ///< as it is read
    std::size_t durable_bytes = 0; ///< a crash leaves at least these
    bytes cut_off;                 ///< durable, too, until the truncation is
  };
  using folder = std::map<std::string, std::shared_ptr<held_file>, std::less<>>;

  const folder& seen() const { return folder_.back(); }

  held_file* find(std::string_view name) const {
    const auto found = seen().find(name);
    return found == seen().end() ? nullptr : found->second.get();
  }

  static failure no_such(std::string_view name) {
    return {.code = failure_code::not_found,
            .detail = std::string(name) + ": there is no such file"};
  }

  std::optional<failure> step(std::string_view name) {
    const auto now = step_count_++;
    if (now < failing_from_ || now >= failing_until_)
      return std::nullopt;
    return failure{
        .code = failure_code::io, .retry = true, .detail = std::string(name) + ": failed"};
  }

  attempt<done> write(std::string_view name, held_file& to, std::span<const bytes_view> pieces,
                      std::uint64_t used) const {
    for (const auto piece : pieces) {
      const auto room = bytes_max_ - std::min(bytes_max_, used);
      const auto part = piece.first(static_cast<std::size_t>(std::min(piece.size(), room)));
      to.content.insert(to.content.end(), part.begin(), part.end());
      used += part.size();
      if (part.size() < piece.size())
        return failure{.code = failure_code::no_space, .detail = std::string(name) + ": full"};
    }
    return done{};
  }

  void make_last(held_file& file) {
    if (lies_)
      return;
    file.durable_bytes = file.content.size();
    file.cut_off.clear();
  }

  void make_folder_last() {
    if (!lies_ && folder_.size() > 1)
      folder_ = {std::move(folder_.back())};
  }

  void tear(held_file& file) {
    auto& content = file.content;
    if (!file.cut_off.empty() && draw(2) == 0) { // the truncation has not reached the disk
      content.resize(file.durable_bytes);
      content.insert(content.end(), file.cut_off.begin(), file.cut_off.end());
    } else if (const auto unsure = content.size() - file.durable_bytes; unsure > 0) {
      const auto kind = draw(4); // all of it, none of it, or cut anywhere
      const auto kept = kind == 0 ? unsure : kind == 1 ? 0 : draw(unsure + 1);
      content.resize(file.durable_bytes + kept);
      if (kept > 0 && draw(2) == 0)
        content[file.durable_bytes + draw(kept)] ^= std::byte{1} << draw(8);
    }
    file.durable_bytes = content.size();
    file.cut_off.clear();
  }

  /// The next number below `bound`, by SplitMix64 (Steele, Lea and Flood 2014).
  std::size_t draw(std::size_t bound) {
    auto bits = chance_ += 0x9e3779b97f4a7c15;
    bits = (bits ^ (bits >> 30)) * 0xbf58476d1ce4e5b9;
    bits = (bits ^ (bits >> 27)) * 0x94d049bb133111eb;
    return static_cast<std::size_t>((bits ^ (bits >> 31)) % bound);
  }

  std::vector<folder> folder_{1}; ///< from the durable one to the one that is seen
  std::uint64_t bytes_max_ = std::numeric_limits<std::uint64_t>::max();
  bool lies_ = false;
  std::uint64_t step_count_ = 0;
  std::uint64_t failing_from_ = 0, failing_until_ = 0;
  std::uint64_t chance_ = 0;
};

} // namespace godwit
