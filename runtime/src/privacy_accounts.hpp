// Where does a server write down what its noisy models tell of its clients, and may it go on?
#pragma once

#include <memory>
#include <optional>

#include <godwit/actors/server.hpp>
#include <godwit/messages/checkpoint.hpp>
#include <godwit/messages/result.hpp>
#include <godwit/runtime/config.hpp>

#include "storage/ledger_file.hpp"

namespace godwit {

/// A server's privacy ledger with its keys, open.
struct privacy_accounts {
  ledger_keys keys;
  std::shared_ptr<ledger_file> file;
};

/// Opens the ledger of the job, which stands in the state folder beside the checkpoint, or begins
/// it. Nothing where the job has no private mean. Fails with bad_config where the job began without
/// one, or where the ledger says less than the checkpoint (an older copy of it was restored).
attempt<std::optional<privacy_accounts>> open_accounts(const server_config&, const checkpoint&,
                                                       const std::shared_ptr<disk>& files);

/// Makes a server of this job release through them.
void keep_accounts(server_setup&, const job_config&, privacy_accounts);

} // namespace godwit
