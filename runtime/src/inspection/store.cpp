#include "inspection/store.hpp"

#include <chrono>

#include <fmt/format.h>

#include <godwit/messages/model.hpp>
#include <godwit/privacy/digest.hpp>

#include "inspection/lines.hpp"
#include "inspection/told_by_edge.hpp"
#include "storage/checkpoint_file.hpp"
#include "storage/journal_file.hpp"
#include "storage/journal_scan.hpp"
#include "storage/real_disk.hpp"

namespace godwit {
namespace {

using lines = std::vector<std::string>;

void describe(const checkpoint& x, lines& out) {
  const auto parameters = std::as_bytes(std::span(x.parameters));
  std::size_t letters = 0;
  for (const auto& each : x.mail)
    letters += each.kept.size();
  out.push_back(fmt::format("checkpoint   job \"{}\", model {}, seed {}", x.job, x.model, x.seed));
  out.push_back(fmt::format("             behind round {}: {} committed, {} abandoned in a row",
                            x.round.value, x.committed_count, x.abandoned_in_a_row));
  out.push_back(fmt::format("             {} parameters in {} tensors, SHA-256 {}",
                            x.parameters.size(), x.layout.size(), hex(sha256(parameters))));
  out.push_back(fmt::format("             ran for {:.1f} s; {} bytes up, {} bytes down",
                            std::chrono::duration<double>(instant(x.elapsed_ns)).count(),
                            x.bytes_up, x.bytes_down));
  out.push_back(fmt::format("members      {} edges; mailbox {:016x}; {} letters not acknowledged",
                            x.members.size(), x.mailbox, letters));
  for (const auto& each : x.mail)
    if (!each.kept.empty())
      out.push_back(fmt::format("             {}: letters {} to {}", each.client.name,
                                each.kept.front().number, each.kept.back().number));
}

void describe(const training::accounts& told, lines& out) {
  constexpr double delta = 1e-5;
  const auto say = [&](std::string_view what, const auto& account) {
    if (const auto epsilon = account.epsilon(delta); epsilon && !account.told().empty())
      out.push_back(fmt::format("{:<12} told with an epsilon of {:.6g} at delta {:g}", what,
                                *epsilon, delta));
  };
  say("examples", told.examples);
  say("updates", told.updates);
}

template <class Line>
std::optional<failure> describe_lines(const std::vector<scanned_record>& records,
                                      attempt<Line> (*decode)(bytes_view), lines& out) {
  for (const auto& each : records) {
    const auto read = decode(each.found.head);
    if (!read)
      return read.why();
    out.push_back(in_words(*read, each.found.body_bytes));
  }
  return {};
}

std::optional<failure> describe_journal(disk& files, bool is_servers, lines& out) {
  const auto size = files.size(journal_name);
  if (!size)
    return size.why();
  const auto scanned = scan_journal(files, *size);
  if (!scanned)
    return scanned.why();
  out.push_back(fmt::format("journal      {} lines, {} bytes", scanned->records.size(), *size));
  if (*size > scanned->whole_bytes)
    out.push_back(fmt::format("             the last {} bytes are being written, or were when the "
                              "power went: they are not read",
                              *size - scanned->whole_bytes));
  return is_servers ? describe_lines(scanned->records, decode_server_line, out)
                    : describe_lines(scanned->records, decode_edge_line, out);
}

} // namespace

attempt<store_in_words> describe_store(const std::filesystem::path& folder) {
  const auto files = std::make_shared<real_disk>(folder);
  const auto has_checkpoint = files->exists(checkpoint_name);
  const auto has_journal = files->exists(journal_name);
  if (!has_checkpoint || !has_journal || (!*has_checkpoint && !*has_journal))
    return failure{.code = failure_code::not_found,
                   .detail = folder.string() +
                             ": no checkpoint and no journal of ours is in it; name the state "
                             "folder of a server or an edge"};
  store_in_words made;
  if (*has_checkpoint) {
    const auto state = checkpoint_file(files).load();
    if (state)
      describe(**state, made.lines);
    else
      made.damage = state.why();
  }
  if (*has_journal)
    if (auto damage = describe_journal(*files, *has_checkpoint, made.lines))
      made.damage = damage;
  if (const auto told = told_by_edge(folder); told && *told)
    describe(**told, made.lines);
  return made;
}

} // namespace godwit
