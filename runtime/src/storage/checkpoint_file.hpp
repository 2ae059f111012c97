// How does a server's checkpoint lie on its disk?
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include <godwit/actors/server_ports.hpp>

#include "storage/disk.hpp"

namespace godwit {

inline constexpr std::string_view checkpoint_name = "checkpoint";

/// The checkpoint in the file `checkpoint` of a disk: the old one or the new one, at any moment.
class checkpoint_file final : public checkpoint_store {
public:
  explicit checkpoint_file(std::shared_ptr<disk> on) : disk_(std::move(on)) {}

  /// The last checkpoint, or nothing where there is none yet. Fails where it is damaged.
  attempt<std::optional<checkpoint>> load() const;
  attempt<done> save(const checkpoint&, std::span<const float> parameters) override;

private:
  std::shared_ptr<disk> disk_;
};

} // namespace godwit
