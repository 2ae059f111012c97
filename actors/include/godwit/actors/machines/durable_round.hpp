// The round and the letters of its edges, with what has to be written down before anybody is told.
// Pure; replaying what was written gives the same state again.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <utility>
#include <variant>
#include <vector>

#include <godwit/actors/machines/mailbox.hpp>
#include <godwit/actors/machines/round.hpp>
#include <godwit/messages/checkpoint.hpp>
#include <godwit/messages/letter.hpp>
#include <godwit/messages/link.hpp>
#include <godwit/messages/result.hpp>
#include <godwit/messages/server_journal.hpp>
#include <godwit/messages/time.hpp>

namespace godwit::durable {

/// Which letter an input is, if it is one.
struct origin {
  client_id client;
  mailbox_id mailbox = 0;
  stamp letter{};
};

/// Say this to the client, if it is there.
struct say {
  client_id client;
  server_message message;
};
using effect =
    std::variant<say, round::invite, round::wake_at, round::grant, round::watch, round::revoke,
                 round::add, round::release, round::ask_to_evaluate, round::finish, round::call>;

/// What is done when a line, or the checkpoint of a round that is over, is durable.
struct owed {
  std::vector<effect> effects;
  std::vector<std::pair<client_id, std::uint64_t>> letters; ///< may leave, up to this number
  std::optional<origin> acknowledges;
};

/// What follows from one input.
struct outcome {
  std::vector<effect> at_once;
  /// To be written down before `later` is done. Nothing where the round is over: its checkpoint is.
  std::optional<server_line> line;
  /// Whose update is the line's body.
  std::optional<client_id> counted;
  owed later;
  bool ends_round = false;
  bool is_behind = false; ///< the edge has taken letters of this mailbox that were never put in it
  std::optional<refusal> why_not; ///< a letter that was refused: it has had its effect, this one
};

/// An update that counts, as a journal holds it.
struct counted_update {
  client_id client;
  std::uint64_t weight = 0;
  std::uint64_t body_place = 0;
};

/// What a server remembers of a round that was open, and of its letters.
struct past {
  round_id last; ///< the last finished round
  mailbox_id mailbox = 0;
  std::vector<client_mail> mail;
};

class machine {
public:
  /// `mailbox` of the past is this server's, and never 0.
  machine(round::plan rules, past before);
  machine(machine&&) = default;
  machine& operator=(machine&&) = default;

  /// Applies one input. A refusal changes nothing, unless the input was a letter (then it is in the
  /// outcome) or one that had been taken before or comes too early (then the outcome is empty, but
  /// for an acknowledgement). `weight`: of the update, where the input is its verdict.
  result<outcome> apply(const round::input&, const origin& from, instant now,
                        std::uint64_t weight = 0);
  /// These lines are durable, or the checkpoint is. An edge is told once what was taken of it.
  std::vector<effect> kept(std::span<const owed>, instant now);

  /// An edge has said hello; it has taken the letters of `server_mailbox` up to `heard`. What it
  /// has not is sent again, once it was welcomed with acknowledgement().
  result<outcome> connected(const client_id&, mailbox_id its, mailbox_id server_mailbox,
                            std::uint64_t heard, instant now);
  void disconnected(const client_id&) noexcept;
  /// The edge has taken these letters. Refuses (malformed) numbers that were never sent.
  result<std::vector<effect>> heard(const client_id&, std::uint64_t number, instant now);
  /// The newest letter of this mailbox whose effect is durable.
  std::uint64_t acknowledgement(const client_id&, mailbox_id its) const;

  /// Takes in a line that was found. `body_place`: of its record. Fails with corrupt where the line
  /// cannot follow the ones before it.
  attempt<done> replay(const server_line&, std::uint64_t body_place);
  /// Those that count so far in the open round, as they were replayed.
  const std::vector<counted_update>& counted() const noexcept { return counted_; }
  /// The model that the open round trains, as it was replayed.
  const model_id& model() const noexcept { return model_; }
  void opens_with(const model_id& model) noexcept { model_ = model; }

  const round::machine& round() const noexcept { return round_; }
  mailbox_id mailbox() const noexcept { return mailbox_; }
  /// What a checkpoint keeps of the letters.
  std::vector<client_mail> mail() const;

private:
  struct correspondence {
    mailbox::incoming from;
    mailbox::outgoing to;
  };

  correspondence& with(const client_id&);
  void post(const client_id&, const server_message&, instant now, owed& later);
  void sort(std::vector<round::effect>, bool is_verdict, instant now, outcome& out);
  result<bool> is_new(const origin&, outcome& out);
  outcome refuse_letter(const origin&, round_id, refusal, instant now);
  std::vector<effect> departing(const client_id&, std::vector<mailbox::departure>) const;

  round::machine round_;
  mailbox_id mailbox_ = 0;
  model_id model_;
  std::map<client_id, correspondence> mail_;
  std::vector<counted_update> counted_;
};

} // namespace godwit::durable
