// How is a folder of this machine a disk?
#pragma once

#include <filesystem>
#include <map>
#include <set>
#include <string>

#include "storage/disk.hpp"
#include "storage/output_file.hpp"

namespace godwit {

/// A folder's files. The folder must exist; nobody else writes to the files meanwhile. Files that
/// were written to stay open. New ones can be read by their owner only.
class real_disk final : public disk {
public:
  explicit real_disk(std::filesystem::path folder) : folder_(std::move(folder)) {}

  attempt<done> append(std::string_view name, std::span<const bytes_view> pieces) override;
  attempt<done> sync(std::string_view name) override;
  attempt<std::uint64_t> size(std::string_view name) override;
  attempt<done> read(std::string_view name, std::uint64_t offset,
                     std::span<std::byte> into) override;
  attempt<done> truncate(std::string_view name, std::uint64_t size) override;
  attempt<done> replace(std::string_view name, std::span<const bytes_view> pieces) override;
  attempt<done> remove(std::string_view name) override;
  attempt<bool> exists(std::string_view name) override;
  std::string path(std::string_view name) const override { return (folder_ / name).string(); }

private:
  attempt<int> opened(std::string_view name, bool make);
  void forget(std::string_view name);

  std::filesystem::path folder_;
  std::map<std::string, descriptor, std::less<>> open_; ///< for appending
  std::set<std::string, std::less<>> last_in_folder_;   ///< whose names are known to be durable
};

} // namespace godwit
