// How are a folder's files reached, so that tests and simulations can play the disk?
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <godwit/messages/bytes.hpp>
#include <godwit/messages/result.hpp>

namespace godwit {

/// The files of one folder, each known by its name in it. Blocking; called from one thread at a
/// time. What was done is seen at once by the next call, and is lost in a power cut unless a `sync`
/// came behind it. Every call fails with io for what the device does; writing calls with no_space
/// where there is no room, reading ones with not_found where there is no such file.
class disk {
public:
  virtual ~disk() = default;
  /// Writes the pieces behind what the file holds; the file is made where there is none. On a
  /// failure a part of them may be in the file.
  virtual attempt<done> append(std::string_view name, std::span<const bytes_view> pieces) = 0;
  /// Makes the file as it is now last, and its name in the folder, too.
  virtual attempt<done> sync(std::string_view name) = 0;
  virtual attempt<std::uint64_t> size(std::string_view name) = 0;
  /// Fills `into` with the bytes from `offset` on. Fails with io where the file ends before.
  virtual attempt<done> read(std::string_view name, std::uint64_t offset,
                             std::span<std::byte> into) = 0;
  /// Cuts off what is behind `size`, which is at most the file's.
  virtual attempt<done> truncate(std::string_view name, std::uint64_t size) = 0;
  /// Puts the pieces in the place of all that the file held, durably: after a power cut at any
  /// moment it holds the old or the new content. After a failure it may hold either; which one is
  /// not durable then before the next `sync`.
  virtual attempt<done> replace(std::string_view name, std::span<const bytes_view> pieces) = 0;
  /// Takes the file away, durably. Fails with not_found where there is none.
  virtual attempt<done> remove(std::string_view name) = 0;
  virtual attempt<bool> exists(std::string_view name) = 0;
  /// The file as people find it, for messages: its path.
  virtual std::string path(std::string_view name) const = 0;
};

} // namespace godwit
