// Which letters are sent, sent again, taken and forgotten, so that each has its effect exactly
// once? Pure; the same at both ends and in both directions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include <godwit/messages/bytes.hpp>
#include <godwit/messages/letter.hpp>
#include <godwit/messages/result.hpp>
#include <godwit/messages/time.hpp>

namespace godwit::mailbox {

/// A letter is sent again when it was not acknowledged for so long. A link on which nothing comes
/// is closed after 15 s, and a reconnect sends everything again anyway; so whoever is still silent
/// about a letter after this time has dropped it, or waits for its disk, and once more does no
/// harm.
inline constexpr duration again_after = std::chrono::seconds{20};

/// How much a mailbox holds and sends.
struct plan {
  std::uint32_t bytes_max = 4 * 1024 * 1024;     ///< of contents; above it the oldest are dropped
  std::uint32_t count_max = 4096;                ///< of letters; above it the oldest are dropped
  duration age_max = std::chrono::hours{7 * 24}; ///< since `put`; what is older is dropped
  std::uint32_t window_count = 32;               ///< letters on their way at once; at least 1
  std::uint32_t window_bytes = 256 * 1024; ///< of contents on their way; one letter may exceed it
};

/// A letter that was put into a mailbox.
struct letter {
  std::uint64_t number = 0;
  std::uint16_t kind = 0; ///< what it says, for reports; the machine does not look at it
  bytes content;          ///< encoded
  instant put_at{};
};

/// A letter to be sent now.
struct departure {
  stamp place;
  std::uint16_t kind = 0;
  bytes content;
};

/// Writes the stamp into a message that is a letter; `Message` is a variant of all that may be
/// said.
template <class Message>
void put_stamp(Message& message, const stamp& place) {
  std::visit(
      [&place](auto& x) {
        if constexpr (requires { x.letter; })
          x.letter = place;
      },
      message);
}

/// Why a letter was given up.
enum class drop_reason : std::uint8_t {
  too_many_bytes, ///< the mailbox held more than plan::bytes_max
  too_many,       ///< it held more than plan::count_max
  too_old,        ///< it waited for longer than plan::age_max
};

/// "too_many_bytes", "too_many", "too_old".
std::string_view name(drop_reason) noexcept;

/// A letter that was given up: to be reported, and written down so that it does not come back.
struct drop {
  std::uint64_t number = 0;
  std::uint16_t kind = 0;
  drop_reason why{};
};

/// What `outgoing::put` did.
struct posted {
  std::uint64_t number = 0; ///< the new letter's
  std::vector<drop> dropped;
};

/// What `outgoing::look_after` wants done.
struct chores {
  std::vector<drop> dropped;
  std::vector<departure> again;
};

/// What a journal held of a sending end.
struct outgoing_past {
  std::vector<letter> letters;    ///< in the order of their numbers
  std::uint64_t newest = 0;       ///< the newest number that was ever written down
  std::uint64_t acknowledged = 0; ///< the newest number that the other end has acknowledged
};

/// The sending end of one mailbox.
///
/// A letter's number is given by `put`, and the letter may leave only when the shell says with
/// `stored` that the journal has it. Letters must be written down in the order of their numbers.
/// Then no two letters that anyone has seen bear one number: if a crash loses a letter before it is
/// durable, its number is given again, but it has not left, nor has any letter behind it, whose
/// `previous` could have named it.
///
/// Acknowledgements and drops are to be written down too, before any later letter; they may become
/// durable at leisure: a letter that comes back because its end was not is known to the other end.
class outgoing {
public:
  /// An empty mailbox that has never given a number. Keeps a reference to `rules`.
  explicit outgoing(const plan& rules);
  /// What is left of one. Letters that were acknowledged are forgotten; what is over the bounds is
  /// dropped by the next `put` or `look_after`.
  outgoing(const plan& rules, outgoing_past past);

  /// Takes in a letter of at most plan::bytes_max. What is over the bounds then is dropped, the
  /// oldest first, also while it is on its way; its arrival is not harmed by that.
  posted put(std::uint16_t kind, bytes content, instant now);
  /// All letters up to this number are durable. Returns what may leave now.
  std::vector<departure> stored(std::uint64_t number, instant now);

  /// The link is there, and the other end says what it has acknowledged of this mailbox (0: it does
  /// not know it). Everything behind that is sent again, a window at first. Refuses a number that
  /// was never sent (malformed): the other end lies, or this end's disk has lost what it had called
  /// durable. Then only a mailbox of another id helps; its letters may keep their numbers.
  result<std::vector<departure>> connected(std::uint64_t heard, instant now);
  /// The link is gone: nothing is sent.
  void disconnected() noexcept;

  /// The other end acknowledges all letters up to this number: they are forgotten. Returns what may
  /// leave now. Refuses a number that was never sent, as `connected` does.
  result<std::vector<departure>> heard(std::uint64_t number, instant now);

  /// Drops what is over the bounds, and sends again what was not acknowledged for `again_after`. To
  /// be called at `wake_at` and after a restart.
  chores look_after(instant now);
  /// When `look_after` has something to do, unless something else happens before.
  std::optional<instant> wake_at() const noexcept;

  /// What was put and is neither acknowledged nor dropped, the oldest first.
  std::vector<letter> pending() const;
  std::size_t pending_count() const noexcept { return letters_.size() - first_; }
  std::size_t pending_bytes() const noexcept { return bytes_; } ///< of contents
  std::size_t in_flight_count() const noexcept { return in_flight_; }
  std::uint64_t newest() const noexcept { return newest_; } ///< number given; 0: none

private:
  struct entry {
    letter held;
    instant sent_at{}; ///< means something only while it is in flight
  };

  entry& at(std::size_t index) noexcept { return letters_[first_ + index]; }
  const entry& at(std::size_t index) const noexcept { return letters_[first_ + index]; }
  bool may_answer(std::uint64_t heard) const noexcept { return heard <= stored_; }
  departure depart(std::size_t index, instant now);
  std::vector<departure> fill_window(instant now);
  void keep_bounds(instant now, std::vector<drop>& dropped);
  void forget_first() noexcept;
  void forget_up_to(std::uint64_t number) noexcept;

  // A server holds one for each client: an idle one must stay small.
  const plan* rules_;
  std::uint64_t newest_ = 0;
  std::uint64_t stored_ = 0;    ///< the newest that is durable: up to it, letters may leave
  std::vector<entry> letters_;  ///< those from `first_` on are pending, the oldest first
  std::uint32_t first_ = 0;     ///< before it lies what has been forgotten
  std::uint32_t bytes_ = 0;     ///< of the pending ones
  std::uint32_t in_flight_ = 0; ///< so many of the pending ones, from the oldest on
  std::uint32_t flight_bytes_ = 0;
  bool is_connected_ = false;
};

/// What is to be done with a letter that came.
enum class verdict : std::uint8_t {
  fresh, ///< make its effect and write it down together with its number, then call `kept`
  anew,  ///< the same, and it is the first of a mailbox that takes the place of the one before
  known, ///< it was taken before: acknowledge once more
  gap,   ///< a letter before it is missing: ignore it, both will come again
};

/// The receiving end of one mailbox.
///
/// Exactly once: a letter's effect and its number become durable in one group of the journal, and
/// only then is it acknowledged. A crash before that loses both, and the letter comes again; a
/// crash behind that loses neither, and when it comes again it is known.
class incoming {
public:
  /// Knows no mailbox yet.
  incoming() = default;
  /// What a journal held: the mailbox, and the newest number whose effect is durable.
  incoming(mailbox_id id, std::uint64_t kept) noexcept : id_(id), heard_(kept), kept_(kept) {}

  /// Judges a letter of a mailbox. One from another mailbox begins anew, with the first letter that
  /// may be taken; the caller sees to it that none of a former mailbox comes any more (each link
  /// names one mailbox, and an edge has one link). Refuses what cannot be (malformed): the id 0, or
  /// a number that is not above `previous`.
  result<verdict> take(mailbox_id id, stamp place);
  /// The effect of this mailbox's letters up to this number is durable. Of a former mailbox: means
  /// nothing.
  void kept(mailbox_id id, std::uint64_t number) noexcept;

  /// What is acknowledged to this mailbox: the newest number whose effect is durable, 0 if it is
  /// another one than the last that was taken from.
  std::uint64_t acknowledgement(mailbox_id id) const noexcept { return id == id_ ? kept_ : 0; }
  /// The newest number taken, its effect durable or not.
  std::uint64_t heard() const noexcept { return heard_; }
  mailbox_id id() const noexcept { return id_; } ///< 0: none yet

private:
  mailbox_id id_ = 0;
  std::uint64_t heard_ = 0;
  std::uint64_t kept_ = 0;
};

static_assert(sizeof(outgoing) + sizeof(incoming) <= 100, "100,000 clients share a server");

} // namespace godwit::mailbox
