// Where an edge keeps the models that it had, so that a restart needs no download: a port, so that
// tests and simulations can play the disk.
#pragma once

#include <godwit/messages/bytes.hpp>
#include <godwit/messages/result.hpp>
#include <godwit/messages/round.hpp>

namespace godwit {

/// A few models, known by content. Blocking; called from one thread at a time.
class model_store {
public:
  virtual ~model_store() = default;
  /// Keeps a model as the newest; the oldest make room. On a failure what was there may be gone.
  virtual attempt<done> put(const model_id& what, const shared_bytes& content) = 0;
  /// The model's bytes, checked against its digest. Fails with not_found where it is not there, or
  /// with corrupt where it is not what was kept.
  virtual attempt<shared_bytes> get(const model_id& what) = 0;
};

} // namespace godwit
