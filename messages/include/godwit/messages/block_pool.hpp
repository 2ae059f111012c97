// Memory for what arrives in bulk: not zeroed, and used again.
#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include <godwit/messages/bytes.hpp>

namespace godwit {

/// A block of memory that is being filled by its one owner. Becomes readable, and shared, by
/// `share`.
class block {
public:
  block() = default;
  std::span<std::byte> space() const noexcept { return space_; }
  std::size_t size() const noexcept { return space_.size(); }
  /// Ends the filling. The block is empty afterwards.
  shared_bytes share() &&;

private:
  friend class block_pool;
  struct memory;
  class shelf;
  block(std::shared_ptr<memory> held, std::span<std::byte> space)
      : held_(std::move(held)), space_(space) {}

  std::shared_ptr<memory> held_;
  std::span<std::byte> space_;
};

/// Hands out blocks and takes them back when their last owner is done with them, in whatever thread
/// and even after the pool itself is gone. What was touched once stays mapped: fresh memory costs a
/// page fault for every 4 KiB, more than decrypting what is then written into it. Safe from several
/// threads.
class block_pool {
public:
  /// Blocks that nobody uses are kept while they are `idle_bytes_max` together, at most.
  explicit block_pool(std::size_t idle_bytes_max);

  /// A block of `size` bytes with whatever they last held. Throws std::bad_alloc.
  block take(std::size_t size);
  /// Bytes of blocks that nobody uses.
  std::size_t idle_bytes() const;
  /// Bytes of blocks that are filled, and that somebody still holds.
  std::size_t read_bytes() const;

private:
  std::shared_ptr<block::shelf> shelf_;
};

} // namespace godwit
