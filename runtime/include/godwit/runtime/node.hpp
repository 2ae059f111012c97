// How a program runs a godwit node: the whole surface for embedding. No CAF, no xtensor, no TLS
// header comes with it.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <godwit/actors/log.hpp>
#include <godwit/actors/ports.hpp>
#include <godwit/messages/enrolment.hpp>
#include <godwit/messages/result.hpp>
#include <godwit/runtime/config.hpp>
#include <godwit/runtime/record.hpp>

namespace godwit {

/// What a server needs beside its configuration.
struct server_options {
  std::shared_ptr<event_log> log; ///< null: silence
  std::string command = "server"; ///< what the report says it was
  std::vector<std::string>
      client_names; ///< where the data of the edges is known (a demo): the names,
  std::vector<std::vector<std::uint64_t>> label_counts; ///< and [client][class], for the report
};

/// A server: coordinator, round scheduler, client selector, aggregator, evaluator and gateway, in
/// one process. Starts listening at once; stops in the destructor.
class server_node {
public:
  /// Fails with the reason and the next step: a state folder that another server uses or that
  /// belongs to another job, keys that cannot be used, an address that cannot be had, test data
  /// that is not there.
  static attempt<std::unique_ptr<server_node>> start(const server_config&, server_options);
  ~server_node();
  server_node(const server_node&) = delete;
  server_node& operator=(const server_node&) = delete;

  /// The port it listens on (where the configuration said 0: the one it got).
  std::uint16_t port() const noexcept;
  status_reply status() const;
  /// The rounds so far.
  std::vector<round_record> rounds() const;
  /// Waits until the job is done and its results are written, or the time is over. True: done.
  bool wait(std::chrono::milliseconds at_most) const;
  /// Why the job ended and what could not be written; empty until it is done.
  std::string outcome() const;
  const std::filesystem::path& folder() const noexcept;

private:
  struct parts;
  explicit server_node(std::unique_ptr<parts>);
  std::unique_ptr<parts> parts_;
};

/// What an edge needs beside its configuration.
struct edge_options {
  std::shared_ptr<event_log> log; ///< null: silence
  /// The learning engine over this machine's data; shared, because a call that never returns keeps
  /// it. Null: the built-in one for config.model over config.data. With one of the host's own,
  /// config.model is a name that server and edges agree on ("custom") and config.data is not read.
  std::shared_ptr<trainer> engine;
  /// How long the engine may go on after it was asked to stop, 0 or more. Behind it the engine
  /// counts as stuck: its edge declines rounds until the call has come back.
  std::chrono::milliseconds patience{5'000};
  /// Whether the journal has a thread of its own, or the actor system's wait for the disk, which
  /// saves switches between threads. An edge_node has its system to itself, and lets it wait.
  bool disk_has_thread = true;
};

/// An edge: trainer, worker, power monitor and uplink, in one process. Dials at once and for ever;
/// stops in the destructor. Takes part in threads of its own; the host only keeps it alive.
class edge_node {
public:
  /// Fails where keys or data cannot be used, and where the engine has no parameters. An
  /// unreachable server is no failure: the edge keeps dialling. Nor is a server that refuses it
  /// (another model, another number of parameters): the log says so, and it tries again.
  static attempt<std::unique_ptr<edge_node>> start(const edge_config&, edge_options);
  /// Hangs up, asks the engine to stop, and returns when it has, or when the patience is over: then
  /// a call that still goes on is left behind, in its thread, with a share of the engine. It
  /// touches nothing of godwit's any more. In all other cases the engine is not called again.
  ~edge_node();
  edge_node(const edge_node&) = delete;
  edge_node& operator=(const edge_node&) = delete;

private:
  struct parts;
  explicit edge_node(std::unique_ptr<parts>);
  std::unique_ptr<parts> parts_;
};

/// A trustee: holds its part of another owner's sums, and helps to open them. Dials at once and for
/// ever; stops in the destructor.
class trustee_node {
public:
  /// Fails where keys or the state folder cannot be used. An unreachable server is no failure.
  static attempt<std::unique_ptr<trustee_node>> start(const trustee_config&,
                                                      std::shared_ptr<event_log>);
  ~trustee_node();
  trustee_node(const trustee_node&) = delete;
  trustee_node& operator=(const trustee_node&) = delete;

private:
  struct parts;
  explicit trustee_node(std::unique_ptr<parts>);
  std::unique_ptr<parts> parts_;
};

/// Asks a running server how it stands, with a person's certificate.
attempt<status_reply> ask_status(const std::string& server, const tls_config&,
                                 std::chrono::milliseconds at_most);

} // namespace godwit
