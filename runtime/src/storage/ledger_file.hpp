// How does a privacy ledger lie on its server's disk, so that what was released is in it, whatever
// happens?
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <godwit/actors/server_ports.hpp>
#include <godwit/privacy/privacy_ledger.hpp>

#include "storage/disk.hpp"

namespace godwit {

inline constexpr std::string_view ledger_name = "privacy.ledger";

struct opened_ledger;

/// The lines in the file `privacy.ledger` of a disk, one behind the other. What a failure or a kill
/// leaves behind the last durable line is cut off before the next one is written.
class ledger_file final : public release_file {
public:
  /// Begins a population's ledger where there is no file, with `nonce`, 32 fresh random bytes; else
  /// reads the one that is there. What was found is durable then. Fails with what the disk says,
  /// with what privacy_ledger::read says, and with bad_key where the file is another key's.
  static attempt<opened_ledger> open(std::shared_ptr<disk> on, const std::string& population,
                                     const signing_key&, const sha256_digest& nonce);

  attempt<done> append(bytes_view line) override;

private:
  ledger_file(std::shared_ptr<disk> on, std::uint64_t kept_bytes)
      : disk_(std::move(on)), kept_bytes_(kept_bytes) {}
  attempt<done> settle();

  std::shared_ptr<disk> disk_;
  std::uint64_t kept_bytes_ = 0;
  bool is_settled_ = false; ///< the kept bytes are durable, and there is nothing behind them
};

/// A ledger, and where its next line goes.
struct opened_ledger {
  std::shared_ptr<ledger_file> file;
  privacy_ledger ledger;
  std::uint64_t torn_bytes = 0; ///< cut off behind the last whole line; tell people
};

/// The bytes of a disk's ledger, for who only looks. Fails with not_found where there is none.
attempt<bytes> read_ledger(disk& on);

} // namespace godwit
