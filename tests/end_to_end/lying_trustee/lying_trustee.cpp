// A trustee that is one in all but this: of each opening that it states, one byte is another.
//   lying_trustee SERVER-HOST PORT CERTIFICATE KEY AUTHORITY STATE
#include <cstdio>
#include <string>
#include <utility>

#include <unistd.h>

#include <caf/send.hpp>

#include <godwit/actors/trustee.hpp>

#include "end_roles.hpp"
#include "link_adapters.hpp"
#include "node_system.hpp"
#include "own_certificate.hpp"
#include "storage/journal_file.hpp"
#include "storage/state_folder.hpp"
#include "telemetry/log_sink.hpp"
#include "transport/dialler.hpp"

namespace {

using namespace godwit;

/// Says what the trustee says; where the first piece of an opening goes by, changes a byte of it.
class bending_links final : public link_adapter<transport::dialler> {
public:
  void send(std::uint64_t link, encoded message, shared_bytes body) override {
    const auto said = decode_trustee_envelope(message.kind, message.head);
    const auto* piece = said ? std::get_if<sum_piece>(&said->message) : nullptr;
    constexpr auto opening_kind = std::byte{7};
    constexpr std::size_t first_lane = 1 + 1 + sizeof(sha256_digest);
    if (piece && piece->step == static_cast<std::uint8_t>(sum_step::said) && piece->server == 3 &&
        piece->offset == 0 && body.size() > first_lane && body.view()[0] == opening_kind) {
      const auto view = body.view();
      bytes bent(view.begin(), view.end());
      bent[first_lane] ^= std::byte{1};
      body = shared_bytes(std::move(bent));
    }
    link_adapter::send(link, std::move(message), std::move(body));
  }
};

int fail(const failure& why) {
  std::fprintf(stderr, "lying_trustee: %s\n", why.detail.c_str());
  return 1;
}

} // namespace

int main(int argc, char** argv) {
  if (argc != 7)
    return 64;
  const tls_config tls{argv[3], argv[4], argv[5]};
  auto name = own_name(tls, role::trustee);
  auto attest = attest_sealing_with(tls);
  auto check = check_trustees_with(tls);
  auto state = state_folder::open(argv[6], "trustee");
  if (!name || !attest || !check || !state)
    return fail(!name ? name.why() : !attest ? attest.why() : !check ? check.why() : state.why());
  auto opened_journal = journal_file::open((*state)->files());
  if (!opened_journal)
    return fail(opened_journal.why());
  node_system system(1);
  const auto links = std::make_shared<bending_links>();
  const std::shared_ptr<event_log> log = log_sink::to_stderr({});
  trustee_setup setup;
  setup.plan = {.self = *name, .clients_min = 2, .is_proven = std::move(*check)};
  setup.attest = std::move(*attest);
  setup.links = links;
  setup.journal = std::make_shared<journal_file>(std::move(opened_journal->journal));
  setup.found = std::move(opened_journal->records);
  setup.log = log;
  auto roles = spawn_trustee(*system, std::move(setup));
  if (!roles)
    return fail(roles.why());
  const auto trustee = (*roles)->trustee;
  auto dialler = transport::dialler::start(
      {.host = argv[1],
       .port = static_cast<std::uint16_t>(std::stoul(argv[2])),
       .certificate = tls.certificate,
       .key = tls.key,
       .authority = tls.authority,
       .server_name = {},
       .identify = identify},
      {.connected =
           [trustee](transport::link_id link, const transport::peer& peer) {
             caf::anon_send(trustee, opened(link, peer));
           },
       .received =
           [trustee](transport::link_id link, transport::incoming&& frame) {
             caf::anon_send(trustee, framed(link, std::move(frame)));
           },
       .drained =
           [trustee](transport::link_id link) { caf::anon_send(trustee, link_drained{link}); },
       .disconnected = {}});
  if (!dialler)
    return fail(dialler.why());
  links->attach(dialler->get());
  ::pause(); // until it is ended
  return 0;
}
