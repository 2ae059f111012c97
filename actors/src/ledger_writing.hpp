// How does a mean leave behind the line of the privacy ledger that says so?
#pragma once

#include <utility>

#include <caf/result.hpp>

#include <godwit/actors/log.hpp>
#include <godwit/messages/interfaces.hpp>
#include <godwit/privacy/digest.hpp>
#include <godwit/privacy/privacy_ledger.hpp>

namespace godwit {

/// Delivers `out` when the ledger's newest line is durable; at once where it is empty, since a
/// killed server makes the same again.
template <class Self>
caf::result<round_mean> when_kept(Self self, const keeper_actor& keeper, event_log& log,
                                  const privacy_ledger& ledger, const bytes& line, round_mean out) {
  if (line.empty())
    return out;
  log.info("privacy.charged", {{"round", out.round},
                               {"releases", ledger.head().release_count},
                               {"head", hex(ledger.head().hash)}});
  auto promise = self->template make_response_promise<round_mean>();
  self->request(keeper, caf::infinite, keep_release{line})
      .then([promise, out = std::move(out)](done) mutable { promise.deliver(std::move(out)); },
            expect_no_refusal);
  return promise;
}

} // namespace godwit
