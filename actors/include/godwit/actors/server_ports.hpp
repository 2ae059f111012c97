// What a server's actors need from the world around them: a disk, a signer, a held-out set, and
// somebody who watches.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <godwit/actors/machines/round.hpp>
#include <godwit/messages/checkpoint.hpp>
#include <godwit/messages/node.hpp>
#include <godwit/messages/result.hpp>
#include <godwit/messages/training.hpp>

namespace godwit {

/// The record of a round as its machine gave it, and what its checkpoint keeps of the letters.
struct round_report {
  round::finish end;
  std::vector<client_mail> mail;
  instant at{}; ///< the server's time
};

/// Keeps the server's state across its death. Blocking.
class checkpoint_store {
public:
  virtual ~checkpoint_store() = default;
  /// `parameters` is the model, in the place of the checkpoint's own.
  virtual attempt<done> save(const checkpoint&, std::span<const float> parameters) = 0;
};

/// Keeps the privacy ledger's lines. Blocking.
class release_file {
public:
  virtual ~release_file() = default;
  /// Writes a line behind those that are there; it is durable when this returns. On a failure it
  /// does not count, and the same call may be made again.
  virtual attempt<done> append(bytes_view line) = 0;
};

/// Issues and checks the edges' tokens. Safe from several threads.
class token_authority {
public:
  virtual ~token_authority() = default;
  virtual std::string issue(const client_id&, const sha256_digest& fingerprint) = 0;
  virtual std::chrono::seconds lifetime() const = 0;
  /// Whether `token` was issued to this client under this certificate, and when it ends: seconds
  /// since 1970.
  virtual result<std::chrono::seconds> verify(std::string_view token, const client_id&,
                                              const sha256_digest& fingerprint) = 0;
  /// Seconds since 1970, by the clock that the tokens go by.
  virtual std::chrono::seconds now() const = 0;
};

/// One finished round, with all that is known of it.
struct round_facts {
  const round::finish& end;
  std::optional<evaluation> central;
  traffic during;                  ///< in this round only
  model_id model;                  ///< the released one, or the old one
  duration since_start{};          ///< the run's length so far
  std::optional<double> epsilon{}; ///< with differential privacy: what was spent by the client that
                                   ///< spent most
  std::optional<double> clip_norm{};      ///< of updates, where it adapts itself
  std::optional<double> noise_variance{}; ///< of each coordinate of the sum, where edges added it
};

/// Watches a run: writes rounds.jsonl, feeds the live view. Called from the coordinator's own
/// thread.
class run_observer {
public:
  virtual ~run_observer() = default;
  virtual void round_over(const round_facts&) = 0;
  /// The job is done; `parameters` is the final model.
  virtual void finished(const std::string& reason, std::span<const float> parameters) = 0;
  /// A file could not be written: the run goes on as far as it can.
  virtual void failed(const failure&) = 0;
};

/// Evaluates a model on the held-out set. Called from a thread of its own.
class central_evaluator {
public:
  virtual ~central_evaluator() = default;
  /// A failure (or an exception) leaves the round without central figures.
  virtual attempt<evaluation> evaluate(std::span<const float> parameters) = 0;
};

} // namespace godwit
