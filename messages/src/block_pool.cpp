#include <godwit/messages/block_pool.hpp>

#include <mutex>
#include <utility>
#include <vector>

namespace godwit {

/// The blocks that nobody uses, and the count of those that are read.
class block::shelf {
public:
  struct piece {
    std::unique_ptr<std::byte[]> content;
    std::size_t size = 0;
  };

  explicit shelf(std::size_t idle_bytes_max) : idle_bytes_max_(idle_bytes_max) {}

  /// The smallest one that is large enough and not wastefully so, or nothing.
  piece find(std::size_t size) {
    std::scoped_lock lock(mutex_);
    auto best = idle_.end();
    for (auto it = idle_.begin(); it != idle_.end(); ++it)
      if (it->size >= size && it->size / 2 <= size &&
          (best == idle_.end() || it->size < best->size))
        best = it;
    if (best == idle_.end())
      return {};
    auto found = std::exchange(*best, std::move(idle_.back()));
    idle_.pop_back();
    idle_bytes_ -= found.size;
    return found;
  }
  void note_shared(std::size_t size) {
    std::scoped_lock lock(mutex_);
    shared_bytes_ += size;
  }
  /// Keeps it, in the place of older ones if need be, or lets it go.
  void put(piece back, bool was_shared) {
    std::scoped_lock lock(mutex_);
    if (was_shared)
      shared_bytes_ -= back.size;
    if (back.size > idle_bytes_max_)
      return;
    while (idle_bytes_ + back.size > idle_bytes_max_) {
      idle_bytes_ -= idle_.front().size;
      idle_.erase(idle_.begin());
    }
    idle_bytes_ += back.size;
    idle_.push_back(std::move(back));
  }
  std::pair<std::size_t, std::size_t> idle_and_shared() {
    std::scoped_lock lock(mutex_);
    return {idle_bytes_, shared_bytes_};
  }

private:
  std::mutex mutex_;
  std::vector<piece> idle_;
  std::size_t idle_bytes_ = 0, shared_bytes_ = 0;
  std::size_t idle_bytes_max_;
};

/// One block's memory; goes back to where it came from.
struct block::memory {
  memory(shelf::piece taken, std::shared_ptr<shelf> from)
      : piece(std::move(taken)), home(std::move(from)) {}
  memory(const memory&) = delete;
  memory& operator=(const memory&) = delete;
  ~memory() { home->put(std::move(piece), is_shared); }

  shelf::piece piece;
  std::shared_ptr<shelf> home;
  bool is_shared = false;
};

shared_bytes block::share() && {
  if (held_) {
    held_->is_shared = true;
    held_->home->note_shared(held_->piece.size);
  }
  return {std::move(held_), std::exchange(space_, {})};
}

block_pool::block_pool(std::size_t idle_bytes_max)
    : shelf_(std::make_shared<block::shelf>(idle_bytes_max)) {}

block block_pool::take(std::size_t size) {
  auto found = shelf_->find(size);
  if (!found.content)
    found = {std::make_unique_for_overwrite<std::byte[]>(size), size};
  auto* start = found.content.get();
  return {std::make_shared<block::memory>(std::move(found), shelf_), std::span(start, size)};
}

std::size_t block_pool::idle_bytes() const {
  return shelf_->idle_and_shared().first;
}

std::size_t block_pool::read_bytes() const {
  return shelf_->idle_and_shared().second;
}

} // namespace godwit
