// How bytes that are longer than one frame come in: chunk by chunk, by credit, in order, checked by
// digest. Pure.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include <godwit/messages/block_pool.hpp>
#include <godwit/messages/bytes.hpp>
#include <godwit/messages/limits.hpp>
#include <godwit/messages/result.hpp>
#include <godwit/messages/round.hpp>
#include <godwit/privacy/digest.hpp>

namespace godwit::transfer {

/// Memory that a server's uploads may take at a time, whatever the number of clients; so much of it
/// is kept for the next ones, too.
inline constexpr std::uint64_t upload_bytes_max = 12 * 1024 * 1024;

/// One transfer's receiving end. Memory for `what.byte_count` bytes is taken from `from` at
/// construction: the caller has checked that number against what it expects.
class reception {
public:
  reception(const model_id& what, block_pool& from);

  /// Takes the next chunk. Refuses one that is not the next (wrong_phase), longer than the rest
  /// (too_large), or, with the last one, content that does not match its digest (wrong_checksum).
  result<done> take(std::uint64_t offset, bytes_view chunk);

  bool is_complete() const noexcept { return received_ == content_.size(); }
  std::uint64_t received() const noexcept { return received_; }
  const model_id& what() const noexcept { return what_; }

  /// The chunks to ask for now, if the credit given so far is half used up: {offset, chunk_count}.
  std::optional<model_request> next_request();
  /// After a lost connection: credit given before is worth nothing.
  void restart_credit() noexcept { credited_ = received_; }

  /// The complete content. Ends the reception.
  shared_bytes finish();

private:
  model_id what_;
  block content_;
  sha256_stream digest_; ///< of what has been received
  std::uint64_t received_ = 0;
  std::uint64_t credited_ = 0;
};

/// One transfer's sending end: what to send next.
class emission {
public:
  emission(shared_bytes content, std::uint64_t from, std::uint64_t to)
      : content_(std::move(content)), next_(from),
        end_(std::min<std::uint64_t>(to, content_.size())) {}

  struct chunk {
    std::uint64_t offset = 0;
    shared_bytes body;
  };
  /// The next chunk of at most limits::chunk_bytes, or nothing at the end.
  std::optional<chunk> next();
  bool is_at_end() const noexcept { return next_ >= end_; }

private:
  shared_bytes content_;
  std::uint64_t next_;
  std::uint64_t end_;
};

} // namespace godwit::transfer
