#include "inspection/lines.hpp"

#include <chrono>
#include <string_view>

#include <fmt/format.h>

#include <godwit/messages/link.hpp>

namespace godwit {
namespace {

std::string short_hex(const sha256_digest& digest) {
  return hex(digest).substr(0, 16);
}
std::string letter_words(const stamp& letter) {
  return letter.number == 0 ? std::string() : fmt::format(", letter {}", letter.number);
}
std::string names(const std::vector<client_id>& clients) {
  std::string all;
  for (const auto& each : clients)
    all += all.empty() ? each.name : fmt::format(" {}", each.name);
  return all.empty() ? "nobody" : all;
}

// -- what a message says

std::string say(const invitation_answer& x) {
  return fmt::format("round {}, {}{}{}", x.round.value,
                     x.accepts ? "accepts" : "declines: ", x.accepts ? "" : x.reason,
                     letter_words(x.letter));
}
std::string say(const update_offer& x) {
  return fmt::format("round {}, {} examples, {} steps, loss {:.4g}, update {} of {} bytes{}",
                     x.round.value, x.example_count, x.step_count, x.loss,
                     short_hex(x.update.sha256), x.update.byte_count, letter_words(x.letter));
}
std::string say(const evaluation_report& x) {
  return fmt::format("round {}, {} of {} correct{}", x.round.value, x.correct_count,
                     x.example_count, letter_words(x.letter));
}
std::string say(const secure_word& x) {
  return fmt::format("round {}, {} of {} bytes{}", x.round.value, name(secure_step{x.step}),
                     x.content.size(), letter_words(x.letter));
}

// -- what a server has written

std::string say(const written::member_bound& x) {
  return fmt::format("bound to the certificate {}", short_hex(x.fingerprint));
}
std::string say(const written::round_opened& x) {
  return fmt::format("round {}, model {}, invites {}, in reserve {}{}", x.round.value,
                     short_hex(x.model.sha256), names(x.invited), names(x.reserve),
                     x.evaluates ? ", evaluates" : "");
}
std::string say(const written::secure_round_opened& x) {
  return fmt::format("{}, secure sum", say(x.opened));
}
std::string say(const written::update_arrived& x) {
  return fmt::format("round {}", x.round.value);
}
std::string say(const written::update_spoiled& x) {
  return fmt::format("round {}, {}", x.round.value, name(x.why));
}
std::string say(const written::update_summed& x) {
  return x.why_not == 0 ? fmt::format("round {}, counted with weight {}", x.round.value, x.weight)
                        : fmt::format("round {}, refused: {}", x.round.value,
                                      name(static_cast<refusal>(x.why_not)));
}
std::string say(const written::model_released& x) {
  return fmt::format("round {}", x.round.value);
}
std::string say(const written::edge_lost&) {
  return "";
}
std::string say(const written::edge_back& x) {
  return x.is_fresh ? "with a new store" : "";
}
std::string say(const written::deadline_passed& x) {
  return fmt::format("round {}", x.round.value);
}
std::string say(const written::upload_due& x) {
  return fmt::format("round {}", x.round.value);
}
std::string say(const written::restarted&) {
  return "a process began";
}
std::string say(const written::letter_refused& x) {
  return fmt::format("round {}, {}{}", x.round, name(x.why), letter_words(x.letter));
}
std::string say(const written::journal_began& x) {
  return fmt::format("behind the checkpoint of round {}", x.round.value);
}
std::string say(const written::time_passed&) {
  return "";
}

// -- what an edge has written

std::string say(const noted::mailbox_made& x) {
  return fmt::format("of {}, id {:016x}, letters from {} on", x.client.name, x.id, x.newest + 1);
}
std::string say(const noted::letter_put& x) {
  const auto said = decode_edge_envelope(x.kind, as_bytes(x.head));
  if (!said)
    return fmt::format("letter {}, which cannot be read", x.number);
  return fmt::format("letter {}: {}: {}", x.number, name(said->message),
                     std::visit(
                         [](const auto& each) {
                           if constexpr (requires { say(each); })
                             return say(each);
                           else
                             return std::string();
                         },
                         said->message));
}
std::string say(const noted::letters_taken& x) {
  return fmt::format("the server has all letters up to {}", x.number);
}
std::string say(const noted::letters_heard& x) {
  return fmt::format("the server's letters up to {} have had their effect", x.number);
}
std::string say(const noted::letter_dropped& x) {
  return fmt::format("letter {}: {}", x.number, x.why);
}
std::string say(const noted::task_taken& x) {
  return fmt::format("round {}, model {} of {} bytes, {} epochs", x.task.round.value,
                     short_hex(x.task.model.sha256), x.task.model.byte_count, x.task.plan.epochs);
}
std::string say(const noted::update_trained& x) {
  return say(x.offer);
}
std::string say(const noted::task_over& x) {
  return fmt::format("round {}", x.round.value);
}

std::string say(const noted::secure_task_taken& x) {
  return fmt::format("{}, secure sum", say(noted::task_taken{x.task}));
}
std::string say(const noted::secure_call_taken& x) {
  return fmt::format("round {}, {} of {} bytes", x.round.value, name(secure_step{x.step}),
                     x.content.size());
}
std::string say(const noted::secure_body_made& x) {
  return fmt::format("round {}, {}", x.round.value, short_hex(x.body));
}
std::string say(const noted::secure_over& x) {
  return fmt::format("round {}", x.round.value);
}

std::string say(const noted::examples_told& x) {
  return fmt::format("{} steps, noise multiplier {:.6g}, each example in a step by {:.6g}",
                     x.step_count, x.noise_multiplier, x.rate);
}

std::string say(const noted::updates_told& x) {
  return fmt::format("{} with {} noise, multiplier {:.6g}", x.count,
                     x.law == update_noise::laplace ? "Laplace" : "Gaussian", x.noise_multiplier);
}

std::string line(instant at, std::string_view who, std::string_view what, const std::string& said,
                 std::uint64_t body_bytes) {
  auto made = fmt::format("{:>12.3f} s  {}{}{}", std::chrono::duration<double>(at).count(), who,
                          who.empty() ? "" : "  ", what);
  if (!said.empty())
    made += fmt::format(": {}", said);
  if (body_bytes > 0)
    made += fmt::format(" (with {} bytes)", body_bytes);
  return made;
}

} // namespace

std::string in_words(const server_line& x, std::uint64_t body_bytes) {
  return line(x.at, x.client.name, name(x.what),
              std::visit([](const auto& each) { return say(each); }, x.what), body_bytes);
}

std::string in_words(const edge_line& x, std::uint64_t body_bytes) {
  return line(x.at, "", name(x.what),
              std::visit([](const auto& each) { return say(each); }, x.what), body_bytes);
}

} // namespace godwit
