// What does one of the two or three servers of a shared sum do, from the first upload to the sum or
// to giving up? Pure. (privacy/SHARED_SUM.md, sections 4 to 7.)
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include <godwit/messages/bytes.hpp>
#include <godwit/messages/ids.hpp>
#include <godwit/messages/result.hpp>
#include <godwit/privacy/shared_sum.hpp>
#include <godwit/privacy/shared_sum_messages.hpp>

namespace godwit::shared_sum {

/// Where a server stands: what it waits for.
enum class phase : std::uint8_t {
  collecting, ///< uploads, until the collection is over
  listing,    ///< the others' holdings
  agreeing,   ///< their agreements
  drawing,    ///< their coins
  comparing,  ///< their fingerprints
  judging,    ///< their verdicts
  confirming, ///< their confirmations
  summing,    ///< their openings
  over,
};

/// Why nothing was opened, or nothing of what was opened is believed.
enum class reason : std::uint8_t {
  too_few = 1,         ///< fewer clients than the terms ask for are held by all
  malformed = 2,       ///< a server said what no server says under these terms
  lists_differ = 3,    ///< a server counts other clients
  wrong_coin = 4,      ///< a server showed another coin than it had committed itself to
  wrong_count = 5,     ///< fingerprints or a verdict that are not over the list
  openings_differ = 6, ///< two servers state different sums of one share
  silent = 7,          ///< a server said nothing until the deadline
  opened_before = 8,   ///< another list's sum was opened under these terms, or behind them
  refused_terms = 9,   ///< a server takes no part in a sum under these terms
};

/// Completes the sentence "the sum was given up because ...".
std::string_view sentence(reason) noexcept;

/// The reason's name, as it stands above; "unknown_reason" for a foreign number.
std::string_view name(reason) noexcept;

/// Who gets to see the sum.
enum class audience : std::uint8_t {
  all,  ///< every server: each tells its opening to all others
  last, ///< the last one alone, which clients speak to: the others tell it, and it tells nobody
};

// -- inputs

/// A client's upload has arrived: head and lanes, as split_vector has them.
struct uploaded {
  client_id client;
  bytes head;
  shared_bytes lanes;
};
/// No more uploads count.
struct collection_over {};
/// A server said something, over a link that shows that it was this one.
struct peer_said {
  unsigned from = 0; ///< 1 ..= server_count, another one than this
  shared_bytes content;
};
/// The others had time enough.
struct deadline_passed {};

using input = std::variant<uploaded, collection_over, peer_said, deadline_passed>;

// -- effects, to be performed in their order

/// Say this to another server.
struct say {
  unsigned to = 0;
  shared_bytes content;
};
/// Make durable which list is opened, before what comes behind this is performed.
struct keep_list {
  sha256_digest list{};
};
/// The sum, as lanes, and of whom it is.
struct opened {
  bytes sum;
  std::vector<client_id> clients;
  std::vector<client_id> excluded; ///< they gave two servers different copies
};
struct abandoned {
  reason why{};
  unsigned server = 0; ///< whose message it was; with openings_differ one of the two; 0: nobody's
};

using effect = std::variant<say, keep_list, opened, abandoned>;

/// One server's side of one sum. In `additive` it trusts that the others follow the text: an
/// opening that was tampered with is believed. In `replicated` one server that says anything else
/// than it should is noticed: the sum is given up, or a client is left out and named.
///
/// It holds all uploads until it has summed them, and sums them in one call. A server that is
/// restarted in the middle is not waited for: its peers take each message once.
class machine {
public:
  /// Under terms that were checked. `drawn` is 32 fresh random bytes, used in `replicated`. `kept`
  /// is the list of keep_list, where an earlier process had come so far.
  machine(terms agreed, unsigned server, coin drawn, std::optional<sha256_digest> kept = {},
          audience opens_to = audience::all);

  /// Refuses, without any change: wrong_phase; an upload: duplicate, full, and what read_upload
  /// refuses; what another server says: duplicate (it said one of that kind), identity_mismatch
  /// (not one of the others).
  result<std::vector<effect>> apply(const input&);

  phase current() const noexcept { return phase_; }
  /// Clients whose upload is here.
  std::size_t upload_count() const noexcept { return uploads_.size(); }

private:
  using effects = std::vector<effect>;

  result<effects> on(const uploaded&);
  result<effects> on(const collection_over&);
  result<effects> on(const peer_said&);
  result<effects> on(const deadline_passed&);

  void advance(effects& out);
  void step(effects& out);
  void list(effects& out);
  void agree(effects& out);
  void compare(effects& out);
  void judge(effects& out);
  void confirm(effects& out);
  void open_if_confirmed(effects& out);
  void open(effects& out);
  void finish(effects& out);

  void say_to_all(effects& out, const message&) const;
  void give_up(effects& out, reason, unsigned server = 0);
  std::vector<unsigned> peers() const;
  std::optional<unsigned> silent_peer() const;
  template <class Message>
  const Message& heard(unsigned from) const;
  std::optional<unsigned> other_opening() const;
  std::vector<const upload*> listed_uploads() const;
  bool sees_sum(unsigned server) const {
    return opens_to_ == audience::all || server == terms_.server_count;
  }
  bool is_replicated() const { return terms_.scheme == scheme::replicated; }

  terms terms_;
  unsigned server_;
  coin coin_;
  std::optional<sha256_digest> kept_;
  audience opens_to_;
  phase phase_ = phase::collecting;
  std::map<client_id, upload> uploads_;
  std::vector<holding> list_;
  std::vector<client_id> excluded_;
  std::array<std::array<std::optional<message>, std::variant_size_v<message>>, 3> heard_;
  std::array<fingerprint_list, 3> own_fingerprints_; ///< for each other server
  verdict own_verdict_;
  std::vector<bytes> own_sums_; ///< of the shares that it holds, in the order of shares_of
};

} // namespace godwit::shared_sum
