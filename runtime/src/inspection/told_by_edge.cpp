#include "inspection/told_by_edge.hpp"

#include <utility>
#include <variant>

#include "storage/checkpoint_file.hpp"
#include "storage/journal_file.hpp"
#include "storage/journal_scan.hpp"
#include "storage/real_disk.hpp"

namespace godwit {

attempt<std::optional<training::accounts>> told_by_edge(const std::filesystem::path& folder) {
  real_disk files(folder);
  const auto has_checkpoint = files.exists(checkpoint_name);
  const auto has_journal = files.exists(journal_name);
  if (!has_checkpoint || !has_journal || *has_checkpoint || !*has_journal)
    return std::optional<training::accounts>();
  const auto size = files.size(journal_name);
  if (!size)
    return size.why();
  const auto scanned = scan_journal(files, *size);
  if (!scanned)
    return scanned.why();
  training::accounts made;
  for (const auto& each : scanned->records) {
    const auto line = decode_edge_line(each.found.head);
    if (!line)
      return line.why();
    attempt<done> charged = done{};
    if (const auto* x = std::get_if<noted::examples_told>(&line->what))
      charged = made.examples.charge(*x);
    else if (const auto* y = std::get_if<noted::updates_told>(&line->what))
      charged = made.updates.charge(*y);
    if (!charged)
      return charged.why();
  }
  return std::optional(std::move(made));
}

} // namespace godwit
