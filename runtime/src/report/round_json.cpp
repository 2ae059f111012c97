// How a round becomes one line of rounds.jsonl, and how it comes back.
#include <cmath>
#include <limits>
#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "report/run_folder.hpp"

namespace godwit {
namespace {

using json = nlohmann::ordered_json;

/// One list of fields for both directions: `visit` gets each name with its member.
void fields(auto& client, auto&& visit) requires requires {
  client.example_count;
}
{
  visit("client", client.client);
  visit("outcome", client.outcome);
  visit("example_count", client.example_count);
  visit("loss", client.loss);
  visit("seconds", client.seconds);
  visit("accuracy", client.accuracy);
}

void fields(auto& round, auto&& visit) requires requires {
  round.reporters;
}
{
  visit("round", round.round);
  visit("outcome", round.outcome);
  visit("recruiting_seconds", round.recruiting_seconds);
  visit("collecting_seconds", round.collecting_seconds);
  visit("releasing_seconds", round.releasing_seconds);
  visit("cohort", round.cohort);
  visit("reporters", round.reporters);
  visit("train_loss", round.train_loss);
  visit("test_loss", round.test_loss);
  visit("test_accuracy", round.test_accuracy);
  visit("federated_accuracy", round.federated_accuracy);
  visit("federated_loss", round.federated_loss);
  visit("bytes_up", round.bytes_up);
  visit("bytes_down", round.bytes_down);
  visit("model_sha256", round.model_sha256);
  visit("finished_seconds", round.finished_seconds);
  visit("epsilon", round.epsilon);
  visit("clip_norm", round.clip_norm);
  visit("noise_variance", round.noise_variance);
  visit("clients", round.clients);
}

json to_json(const auto& record);

/// Puts values into an object. Absent optionals are left out; JSON has no NaN: such a number is
/// null.
struct putter {
  json& object;
  void operator()(const char* key, double value) const {
    object[key] = std::isfinite(value) ? json(value) : json(nullptr);
  }
  void operator()(const char* key, const std::optional<double>& value) const {
    if (value)
      (*this)(key, *value);
  }
  void operator()(const char* key, const std::vector<client_record>& clients) const {
    auto& list = object[key] = json::array();
    for (const auto& client : clients)
      list.push_back(to_json(client));
  }
  void operator()(const char* key, const auto& value) const { object[key] = value; }
};

json to_json(const auto& record) {
  auto object = json::object();
  fields(record, putter{object});
  return object;
}

void from_json(const json& object, auto& record);

/// Takes values out of an object; the library's exceptions say what does not fit.
struct taker {
  const json& object;
  void operator()(const char* key, double& value) const {
    if (object.contains(key))
      value = object[key].is_null() ? std::numeric_limits<double>::quiet_NaN()
                                    : object[key].get<double>();
  }
  void operator()(const char* key, std::optional<double>& value) const {
    if (object.contains(key))
      (*this)(key, value.emplace());
  }
  void operator()(const char* key, std::vector<client_record>& clients) const {
    if (object.contains(key))
      for (const auto& client : object[key])
        from_json(client, clients.emplace_back());
  }
  void operator()(const char* key, std::string& text) const {
    if (object.contains(key))
      text = object[key].get<std::string>();
  }
  template <std::unsigned_integral T>
  void operator()(const char* key, T& count) const {
    if (!object.contains(key))
      return;
    const auto& found = object[key];
    if (!found.is_number_unsigned() || found.get<std::uint64_t>() > std::numeric_limits<T>::max())
      throw std::out_of_range(std::string(key) + " is not a count");
    count = found.get<T>();
  }
};

void from_json(const json& object, auto& record) {
  if (!object.is_object())
    throw std::invalid_argument("an object was expected");
  fields(record, taker{object});
}

} // namespace

std::string to_json_line(const round_record& round) {
  return to_json(round).dump(-1, ' ', false, json::error_handler_t::replace);
}

attempt<round_record> round_from_json(std::string_view line) {
  try {
    const auto object = json::parse(line);
    if (!object.is_object() || !object.contains("round") || !object.contains("outcome"))
      throw std::invalid_argument("a round has at least \"round\" and \"outcome\"");
    round_record round;
    from_json(object, round);
    return round;
  } catch (const std::exception& wrong) {
    return failure{.code = failure_code::corrupt, .retry = false, .detail = wrong.what()};
  }
}

} // namespace godwit
