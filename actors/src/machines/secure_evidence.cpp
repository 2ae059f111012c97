#include <godwit/actors/machines/secure_evidence.hpp>

#include <godwit/messages/limits.hpp>
#include <godwit/privacy/canonical.hpp>
#include <godwit/privacy/digest.hpp>

namespace godwit::secure_sum {

bool is_proven(const advert& of, bytes_view evidence, const check_evidence& check) {
  return check && sha256(evidence) == of.evidence && check(of.client, of.identity, evidence);
}

bytes encode_evidence(std::span<const std::string> all) {
  canonical::writer out;
  out.u32(static_cast<std::uint32_t>(all.size()));
  for (const auto& each : all)
    out.with_length(as_bytes(each));
  return out.take();
}

std::vector<std::uint32_t> proven_in(const roster& told, bytes_view evidence_list,
                                     const check_evidence& check) {
  canonical::reader in(evidence_list);
  constexpr std::size_t item_bytes_min = 4;
  std::vector<bytes_view> all(in.count(item_bytes_min));
  for (auto& each : all)
    each = in.with_length(limits::evidence_bytes_max);
  std::vector<std::uint32_t> proven;
  if (!in.is_whole() || all.size() != told.size)
    return proven;
  for (const auto& near : told.neighbours)
    if (near.index < all.size() && is_proven(near.advert, all[near.index], check))
      proven.push_back(near.index);
  return proven;
}

} // namespace godwit::secure_sum
