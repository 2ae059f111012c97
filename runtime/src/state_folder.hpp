// Where does a server keep its state, and who may use it?
#pragma once

#include <filesystem>
#include <memory>
#include <optional>

#include <godwit/actors/server_ports.hpp>

namespace godwit {

/// A server's state folder: `checkpoint`, and `lock`, which one process at a time holds.
class state_folder final : public checkpoint_store {
public:
  /// Makes the folder. Fails with bad_config while another process uses it.
  static attempt<std::shared_ptr<state_folder>> open(const std::filesystem::path& folder);
  ~state_folder() override;
  state_folder(const state_folder&) = delete;
  state_folder& operator=(const state_folder&) = delete;

  /// The last checkpoint, or nothing where there is none yet. Fails where it is damaged.
  attempt<std::optional<checkpoint>> load() const;
  attempt<done> save(const checkpoint&, std::span<const float> parameters) override;

private:
  state_folder(std::filesystem::path folder, int lock) : folder_(std::move(folder)), lock_(lock) {}

  std::filesystem::path folder_;
  int lock_;
};

} // namespace godwit
