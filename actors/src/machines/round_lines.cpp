#include "round_lines.hpp"

#include <godwit/messages/check.hpp>

namespace godwit::durable {
namespace {

struct to_line {
  const origin& from;
  const model_id& model;
  std::uint64_t weight;
  server_line& line;

  void operator()(const round::open& x) const {
    written::round_opened opened{.round = x.id,
                                 .invited = x.invited,
                                 .reserve = x.reserve,
                                 .evaluates = static_cast<std::uint8_t>(x.evaluates),
                                 .model = model};
    if (x.terms.empty())
      line.what = std::move(opened);
    else
      line.what = written::secure_round_opened{std::move(opened), x.terms};
  }
  void operator()(const round::spoke& x) const { letter(x.client, x.word); }
  void operator()(const round::spoiled_sum&) const {
    GODWIT_CHECK(false, "a sum that ends its round needs no line");
  }
  void operator()(const round::answered& x) const { letter(x.client, x.answer); }
  void operator()(const round::offered& x) const { letter(x.client, x.offer); }
  void operator()(const round::evaluated& x) const { letter(x.client, x.report); }
  void operator()(const round::arrived& x) const {
    about(x.client, written::update_arrived{x.round});
  }
  void operator()(const round::spoiled& x) const {
    about(x.client, written::update_spoiled{x.round, x.why});
  }
  void operator()(const round::summed& x) const {
    about(x.client, written::update_summed{x.round, weight,
                                           x.why_not ? static_cast<std::uint8_t>(*x.why_not)
                                                     : std::uint8_t{0}});
  }
  void operator()(const round::released& x) const { line.what = written::model_released{x.round}; }
  void operator()(const round::edge_lost& x) const { about(x.client, written::edge_lost{}); }
  void operator()(const round::edge_back& x) const {
    about(x.client, written::edge_back{static_cast<std::uint8_t>(x.is_fresh)});
  }
  void operator()(const round::deadline_passed& x) const {
    line.what = written::deadline_passed{x.round};
  }
  void operator()(const round::upload_due& x) const {
    about(x.client, written::upload_due{x.round});
  }
  void operator()(const round::restarted&) const { line.what = written::restarted{}; }

private:
  template <class Record>
  void about(const client_id& client, Record what) const {
    line.client = client;
    line.what = std::move(what);
  }
  template <class Message>
  void letter(const client_id& client, Message message) const {
    message.letter = from.letter;
    about(client, std::move(message));
  }
};

struct to_input {
  const client_id& client;
  using found = std::optional<round::input>;

  found operator()(const written::member_bound&) const { return {}; }
  found operator()(const written::letter_refused&) const { return {}; }
  found operator()(const written::journal_began&) const { return {}; }
  found operator()(const written::time_passed&) const { return {}; }
  found operator()(const written::round_opened& x) const { return opened(x, {}); }
  found operator()(const written::secure_round_opened& x) const {
    return opened(x.opened, x.terms);
  }
  found operator()(const secure_word& x) const { return round::spoke{client, x}; }
  found operator()(const invitation_answer& x) const { return round::answered{client, x}; }
  found operator()(const update_offer& x) const { return round::offered{client, x}; }
  found operator()(const evaluation_report& x) const { return round::evaluated{client, x}; }
  found operator()(const written::update_arrived& x) const {
    return round::arrived{client, x.round};
  }
  found operator()(const written::update_spoiled& x) const {
    return round::spoiled{client, x.round, x.why};
  }
  found operator()(const written::update_summed& x) const {
    round::summed made{client, x.round, {}};
    if (x.why_not != 0)
      made.why_not = static_cast<refusal>(x.why_not);
    return made;
  }
  found operator()(const written::model_released& x) const { return round::released{x.round}; }
  found operator()(const written::edge_lost&) const { return round::edge_lost{client}; }
  found operator()(const written::edge_back& x) const {
    return round::edge_back{client, x.is_fresh != 0};
  }
  found operator()(const written::deadline_passed& x) const {
    return round::deadline_passed{x.round};
  }
  found operator()(const written::upload_due& x) const {
    return round::upload_due{x.round, client};
  }
  found operator()(const written::restarted&) const { return round::restarted{}; }

private:
  static found opened(const written::round_opened& x, const std::string& terms) {
    return round::open{x.round, x.invited, x.reserve, x.evaluates != 0, terms};
  }
};

} // namespace

server_line line_of(const round::input& in, const origin& from, const model_id& model,
                    std::uint64_t weight, instant now) {
  server_line line{.at = now, .client = {}, .mailbox = from.mailbox, .what = {}};
  std::visit(to_line{from, model, weight, line}, in);
  return line;
}

std::optional<round::input> input_of(const server_line& line) {
  return std::visit(to_input{line.client}, line.what);
}

origin origin_of(const server_line& line) {
  origin from{.client = line.client, .mailbox = line.mailbox, .letter = {}};
  std::visit(
      [&from](const auto& x) {
        if constexpr (requires { x.letter; })
          from.letter = x.letter;
      },
      line.what);
  return from;
}

round_id round_of(const round::input& in) {
  if (const auto* x = std::get_if<round::answered>(&in))
    return x->answer.round;
  if (const auto* x = std::get_if<round::offered>(&in))
    return x->offer.round;
  if (const auto* x = std::get_if<round::evaluated>(&in))
    return x->report.round;
  if (const auto* x = std::get_if<round::spoke>(&in))
    return x->word.round;
  return {};
}

} // namespace godwit::durable
