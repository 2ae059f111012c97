#include "storage/signed_ledger.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include <godwit/privacy/key_agreement.hpp>

#include "storage/seed_file.hpp"

namespace godwit {
namespace {

constexpr std::string_view seed_name = "privacy.seed";

} // namespace

secret drawn_from(const secret& seed, std::string_view purpose) {
  return hkdf_sha256(seed.reveal(), {}, as_bytes(purpose));
}

attempt<signed_ledger> open_signed_ledger(const std::filesystem::path& folder,
                                          const std::shared_ptr<disk>& files,
                                          const std::string& population) {
  const auto there = files->exists(ledger_name);
  if (!there)
    return there.why();
  if (*there && !std::filesystem::exists(folder / seed_name))
    return failure{.code = failure_code::bad_config,
                   .detail = files->path(seed_name) +
                             " is gone, and the privacy ledger is signed with it; restore it"};
  auto seed = seed_in(folder / seed_name);
  if (!seed)
    return seed.why();
  auto signer = signing_key::from_seed(drawn_from(*seed, "godwit/ledger key"));
  if (!signer)
    return signer.why();
  sha256_digest nonce{};
  std::ranges::copy(drawn_from(*seed, "godwit/ledger nonce").reveal(), nonce.begin());
  auto opened = ledger_file::open(files, population, *signer, nonce);
  if (!opened)
    return opened.why();
  return signed_ledger{std::move(*opened), std::make_shared<const signing_key>(std::move(*signer)),
                       std::move(*seed)};
}

} // namespace godwit
