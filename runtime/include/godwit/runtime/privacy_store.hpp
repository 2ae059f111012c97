// How does a privacy manager remember what it has released, whatever happens to its process?
#pragma once

#include <filesystem>
#include <string>

#include <godwit/messages/result.hpp>
#include <godwit/privacy/privacy_manager.hpp>

namespace godwit {

/// A manager whose releases stand in `folder`, in the ledger and under the key that a server's
/// state folder has (privacy.ledger, privacy.seed): `godwit privacy spent` and `verify` read it.
/// The folder is made where there is none, and one process at a time holds it, as long as the
/// manager lives. A release is on the disk before release() or add_noise() returns it; one whose
/// process was killed in between counts as spent.
///
/// `population` says whose data they are, up to 1,024 bytes: a folder is for one. A copy of the
/// folder is another budget to whoever holds it, and an older one knows less: keep the head that
/// `godwit privacy verify` prints somewhere else, where that matters.
///
/// Fails as privacy_manager::begin does, before anything is made; with bad_config where another
/// process uses the folder, or it is of another population; with corrupt where the ledger is not
/// as it was written; with bad_key where its key is another one; and with what the disk says.
attempt<privacy_manager> open_privacy_store(const privacy_manager::config&,
                                            const std::filesystem::path& folder,
                                            const std::string& population);

} // namespace godwit
