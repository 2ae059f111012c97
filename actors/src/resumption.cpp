#include <godwit/actors/resumption.hpp>

#include <algorithm>
#include <string>
#include <utility>

namespace godwit {
namespace {

using any_sum = decltype(resumed_server::sum);

bool is_beginning(const server_line& line) {
  return std::holds_alternative<written::journal_began>(line.what);
}

void bind_name(std::vector<member>& members, const client_id& client,
               const sha256_digest& fingerprint) {
  const auto is_it = [&client](const member& x) { return x.client == client; };
  if (std::none_of(members.begin(), members.end(), is_it))
    members.push_back({client, fingerprint});
}

/// An empty sum of updates as they come: plain, or masked.
attempt<any_sum> empty_sum_for(const round::plan& rules,
                               const std::optional<private_mean>& privacy) {
  if (privacy) {
    auto noisy = private_sum::begin(*privacy, rules.update_bytes / sizeof(float));
    if (!noisy)
      return noisy.why();
    return any_sum(std::move(*noisy));
  }
  if (rules.shared)
    return any_sum(shared_bodies());
  if (rules.secure)
    return any_sum(secure_sum::body_sum(*rules.secure));
  return any_sum(fixed_point_sum(rules.update_bytes / sizeof(float)));
}

result<done> add(any_sum& sum, const client_id& client, const shared_bytes& content,
                 std::uint64_t weight) {
  if (auto* shared = std::get_if<shared_bodies>(&sum)) {
    shared->insert_or_assign(client, content);
    return done{};
  }
  if (auto* secure = std::get_if<secure_sum::body_sum>(&sum))
    return secure->add(content.view());
  if (auto* noisy = std::get_if<private_sum>(&sum))
    return noisy->add(client, content.view());
  return std::get<fixed_point_sum>(sum).add(content.view(), weight);
}

attempt<done> add_up(resumed_server& made, journal_port& journal) {
  for (const auto& each : made.machine->counted()) {
    const auto content = journal.body(each.body_place);
    if (!content)
      return content.why();
    const auto added = add(made.sum, each.client, *content, each.weight);
    if (!added)
      return failure{.code = failure_code::corrupt,
                     .detail = "the update of " + each.client.name +
                               " in the journal is not one that was counted: " +
                               std::string(name(added.why()))};
  }
  return done{};
}

} // namespace

attempt<resumed_server> resume(const checkpoint& state, const round::plan& rules,
                               std::span<const found_record> found, journal_port& journal,
                               const std::optional<private_mean>& privacy) {
  std::vector<server_line> lines;
  for (const auto& each : found) {
    auto line = decode_server_line(each.head);
    if (!line)
      return line.why();
    lines.push_back(std::move(*line));
  }
  auto sum = empty_sum_for(rules, privacy);
  if (!sum)
    return sum.why();
  resumed_server made{
      .machine = std::make_shared<durable::machine>(
          rules, durable::past{.last = state.round, .mailbox = state.mailbox, .mail = state.mail}),
      .sum = std::move(*sum),
      .open = {},
      .at = instant(state.server_time_ns),
      .members = state.members};
  // What counts lies behind the newest beginning.
  const auto newest = std::find_if(lines.rbegin(), lines.rend(), is_beginning);
  const auto base =
      newest == lines.rend() ? round_id{} : std::get<written::journal_began>(newest->what).round;
  if (base > state.round)
    return failure{.code = failure_code::corrupt,
                   .detail = "the journal lies behind the checkpoint of round " +
                             std::to_string(base.value) + ", and the checkpoint is of round " +
                             std::to_string(state.round.value) +
                             "; restore the checkpoint that belongs to it"};
  made.begins_anew = base < state.round;
  if (made.begins_anew)
    return made;
  for (auto i = static_cast<std::size_t>(lines.rend() - newest); i < lines.size(); ++i) {
    made.at = std::max(made.at, lines[i].at);
    if (const auto* bound = std::get_if<written::member_bound>(&lines[i].what))
      bind_name(made.members, lines[i].client, bound->fingerprint);
    else if (auto replayed = made.machine->replay(lines[i], found[i].body_place); !replayed)
      return replayed.why();
  }
  if (const auto* open = made.machine->round().open_round()) {
    made.open = open->id;
    made.open_terms = open->shared_terms;
  }
  if (made.open.value != 0)
    if (auto added = add_up(made, journal); !added)
      return added.why();
  return made;
}

} // namespace godwit
