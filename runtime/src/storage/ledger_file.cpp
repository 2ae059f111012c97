#include "storage/ledger_file.hpp"

#include <utility>

namespace godwit {

attempt<bytes> read_ledger(disk& on) {
  const auto size = on.size(ledger_name);
  if (!size)
    return size.why();
  bytes content(static_cast<std::size_t>(*size));
  if (auto got = on.read(ledger_name, 0, content); !got)
    return got.why();
  return content;
}

attempt<opened_ledger> ledger_file::open(std::shared_ptr<disk> on, const std::string& population,
                                         const signing_key& key, const sha256_digest& nonce) {
  const auto there = on->exists(ledger_name);
  if (!there)
    return there.why();
  if (!*there) {
    auto ledger = privacy_ledger::begin(population, key, nonce);
    const bytes_view line = ledger.opening_line();
    if (auto written = on->replace(ledger_name, std::span(&line, 1)); !written)
      return written.why();
    return opened_ledger{std::shared_ptr<ledger_file>(new ledger_file(std::move(on), line.size())),
                         std::move(ledger), 0};
  }
  const auto content = read_ledger(*on);
  if (!content)
    return content.why();
  auto found = privacy_ledger::read(*content, population);
  if (!found)
    return failure{.code = found.why().code,
                   .detail = on->path(ledger_name) + ": " + found.why().detail};
  if (found->ledger.signer() != key.public_key())
    return failure{.code = failure_code::bad_key,
                   .detail = on->path(ledger_name) +
                             " is signed with another key than this folder's; restore the key that "
                             "lay beside it"};
  opened_ledger made{std::shared_ptr<ledger_file>(
                         new ledger_file(std::move(on), content->size() - found->torn_bytes)),
                     std::move(found->ledger), found->torn_bytes};
  if (auto settled = made.file->settle(); !settled)
    return settled.why();
  return made;
}

attempt<done> ledger_file::settle() {
  if (is_settled_)
    return done{};
  if (auto cut = disk_->truncate(ledger_name, kept_bytes_); !cut)
    return cut.why();
  if (auto synced = disk_->sync(ledger_name); !synced)
    return synced.why();
  is_settled_ = true;
  return done{};
}

attempt<done> ledger_file::append(bytes_view line) {
  if (auto settled = settle(); !settled)
    return settled.why();
  is_settled_ = false;
  if (auto written = disk_->append(ledger_name, std::span(&line, 1)); !written)
    return written.why();
  if (auto synced = disk_->sync(ledger_name); !synced)
    return synced.why();
  kept_bytes_ += line.size();
  is_settled_ = true;
  return done{};
}

} // namespace godwit
