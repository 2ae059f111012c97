// What must be true of a flock, whatever goes wrong? Keeps its own books beside the server's, from
// what the server writes and says.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <godwit/actors/server_ports.hpp>
#include <godwit/messages/server_journal.hpp>

namespace godwit::faults {

/// A line of the server's journal and the update that lies with it.
struct written_line {
  bytes head;
  shared_bytes body;
};

/// What is fixed for a flock.
struct ledger_plan {
  std::vector<float> first_model;
  round::plan rules;
  std::map<client_id, std::uint64_t> honest; ///< and how many examples each has
  bool trusts_disks = true; ///< false: they lie, and only what is there can be judged
};

/// The update that an honest edge makes in a round: a pure function, so that it can be made again.
bytes update_of(const client_id&, round_id, std::span<const std::byte> model);

class ledger {
public:
  /// `complain` hears what is wrong.
  ledger(ledger_plan plan, std::function<void(std::string)> complain);

  // -- the server's disk
  void server_found(const checkpoint&, const std::vector<written_line>& found);
  void line_is_durable(const journal_record&);
  void journal_is_anew(std::span<const journal_record>);
  void checkpoint_is_durable(const checkpoint&, std::span<const float> parameters);

  // -- what it says
  void receipt_sent(const client_id&, round_id);
  void round_over(const round_facts&);
  void finished(const std::string& reason, std::span<const float> parameters);

  /// The deadline of the open round, by the server's time.
  std::optional<instant> deadline() const;
  round_id open_round() const noexcept { return open_ ? open_->id : round_id{}; }
  bool is_finished() const noexcept { return outcome_.has_value(); }
  const std::string& outcome() const { return *outcome_; }
  const std::vector<float>& model() const noexcept { return model_; }
  std::uint64_t committed_count() const noexcept { return committed_count_; }
  std::uint64_t abandoned_count() const noexcept { return last_.value - committed_count_; }
  std::uint64_t counted_count() const noexcept { return counted_count_; }
  /// Records that the server has written: lines and checkpoints.
  std::uint64_t record_count() const noexcept { return record_count_; }

private:
  struct counted_update {
    std::uint64_t weight = 0;
    shared_bytes content;
  };
  struct books {
    round_id id;
    instant opened_at{};
    std::map<client_id, counted_update> counted;
    std::set<client_id> receipts; ///< sent
  };

  /// What was said of a round that is over.
  struct ending {
    round_id round;
    bool is_committed = false;
    sha256_digest model{};
    std::set<client_id> reported;
  };

  void compare_record(const checkpoint&, bool is_committed);
  void read_line(const server_line&, const shared_bytes& body);
  void note_letter(const server_line&);
  void count(const client_id&, round_id, std::uint64_t weight, const shared_bytes& body);
  void close_books(const checkpoint&, std::span<const float> parameters);
  std::vector<float> next_model() const;
  void adopt(const checkpoint&);
  void complain(std::string what) { complain_(std::move(what)); }

  ledger_plan plan_;
  std::function<void(std::string)> complain_;
  std::vector<float> model_;
  round_id last_;
  std::uint64_t committed_count_ = 0, counted_count_ = 0, record_count_ = 0;
  std::optional<books> open_;
  std::optional<books> closed_; ///< the newest
  std::optional<ending> said_;
  std::vector<bytes> lines_; ///< of the journal as it must be
  std::map<client_id, std::pair<mailbox_id, std::uint64_t>> letters_; ///< newest that had effect
  std::optional<std::string> outcome_;
};

} // namespace godwit::faults
