// How does an edge keep the newest models on its disk?
#pragma once

#include <memory>
#include <vector>

#include <godwit/actors/model_store.hpp>

#include "storage/disk.hpp"

namespace godwit {

/// The newest models, each in a file `model-SHA256`, and the file `models`, which lists them: a
/// line each, digest and bytes, the newest first. A crash at any moment leaves a list in which each
/// model's file is whole or not there.
class model_files final : public model_store {
public:
  /// How many are kept.
  static constexpr std::size_t count_max = 2;

  explicit model_files(std::shared_ptr<disk> on) : disk_(std::move(on)) {}

  attempt<done> put(const model_id& what, const shared_bytes& content) override;
  attempt<shared_bytes> get(const model_id& what) override;
  /// What is there, the newest first; of some the file may be missing.
  attempt<std::vector<model_id>> list() const;

private:
  attempt<done> write_list(const std::vector<model_id>& models);

  std::shared_ptr<disk> disk_;
};

} // namespace godwit
