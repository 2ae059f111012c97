// How does a folder get a privacy ledger with a key of its own?
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include <godwit/messages/result.hpp>
#include <godwit/messages/secret.hpp>

#include "storage/ledger_file.hpp"

namespace godwit {

/// An open ledger, and who signs its lines.
struct signed_ledger {
  opened_ledger opened;
  std::shared_ptr<const signing_key> signer;
  secret seed; ///< what the key was drawn from, and others may be: see drawn_from
};

/// 32 bytes that follow from the seed and the purpose; of no other purpose is anything learned.
secret drawn_from(const secret& seed, std::string_view purpose);

/// Opens the ledger of a population in a folder, or begins it; the key is drawn from the file
/// `privacy.seed` there, which is made where neither of them is. Fails with bad_config where the
/// seed is gone and the ledger is not, and as ledger_file::open does.
attempt<signed_ledger> open_signed_ledger(const std::filesystem::path& folder,
                                          const std::shared_ptr<disk>& files,
                                          const std::string& population);

} // namespace godwit
