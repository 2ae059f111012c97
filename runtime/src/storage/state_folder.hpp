// Where does a node keep its state, and who may use it?
#pragma once

#include <filesystem>
#include <memory>
#include <string_view>

#include <godwit/messages/result.hpp>

#include "storage/disk.hpp"

namespace godwit {

/// A node's state folder, with `lock`, which one process at a time holds.
class state_folder {
public:
  /// Makes the folder. `owner` is "server" or "edge", for the message. Fails with bad_config while
  /// another process uses it.
  static attempt<std::shared_ptr<state_folder>> open(const std::filesystem::path& folder,
                                                     std::string_view owner);
  ~state_folder();
  state_folder(const state_folder&) = delete;
  state_folder& operator=(const state_folder&) = delete;

  /// The folder's files. Valid as long as the lock is held by whoever holds this.
  const std::shared_ptr<disk>& files() const noexcept { return disk_; }

private:
  state_folder(std::shared_ptr<disk> files, int lock) : disk_(std::move(files)), lock_(lock) {}

  std::shared_ptr<disk> disk_;
  int lock_;
};

} // namespace godwit
