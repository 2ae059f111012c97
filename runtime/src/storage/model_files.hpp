// How does an edge keep the newest models on its disk?
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include <godwit/actors/model_store.hpp>

#include "storage/disk.hpp"

namespace godwit {

/// The newest two models, in the files `model-1` and `model-2` in turn. Nothing is synced: they are
/// there so that a restart needs no download, and what a power cut leaves of one is told by its
/// digest.
class model_files final : public model_store {
public:
  /// How many are kept.
  static constexpr std::size_t count_max = 2;

  explicit model_files(std::shared_ptr<disk> on) : disk_(std::move(on)) {}

  attempt<done> put(const model_id& what, const shared_bytes& content) override;
  attempt<shared_bytes> get(const model_id& what) override;
  /// What is there, the newest first; of one that was damaged get() says so.
  attempt<std::vector<model_id>> list() const;

private:
  /// What a file begins with.
  struct head {
    std::uint64_t magic = 0;
    std::uint64_t number = 0; ///< the larger one is the newer
    sha256_digest sha256{};
    std::uint64_t byte_count = 0;
    model_id what() const noexcept { return {sha256, byte_count}; }
  };
  static constexpr std::array<std::string_view, count_max> names = {"model-1", "model-2"};

  attempt<std::optional<head>> head_of(std::size_t file) const;
  attempt<std::array<std::optional<head>, count_max>> heads() const;

  std::shared_ptr<disk> disk_;
};

} // namespace godwit
