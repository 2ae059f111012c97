#include "edge_prediction.hpp"

#include <utility>

#include "data/csv.hpp"
#include "data/load.hpp"
#include "data/partition.hpp"
#include "edge_name.hpp"
#include "own_certificate.hpp"
#include "storage/model_files.hpp"
#include "storage/real_disk.hpp"
#include "training/model.hpp"

namespace godwit {
namespace {

struct question {
  examples rows;
  bool is_labelled = true;
};

struct answerer {
  model_id id;
  shared_bytes content;
};

/// The newest model of this size. Between list and file an edge that runs may change both.
attempt<answerer> newest_model(const edge_config& config, std::size_t parameter_count) {
  model_files models(std::make_shared<real_disk>(config.state));
  const auto listed = models.list();
  if (!listed)
    return listed.why();
  for (const auto& each : *listed)
    if (each.byte_count == parameter_count * sizeof(float))
      if (auto content = models.get(each))
        return answerer{each, std::move(*content)};
  return failure{.code = failure_code::not_found,
                 .detail = "there is no model of this kind in " + config.state.string() +
                           " yet; an edge keeps those that it gets: run `godwit edge` until it has "
                           "taken part in a round"};
}

attempt<question> from_file(const edge_config& config, const std::filesystem::path& file,
                            const dataset& own) {
  const auto& label = config.data.label_column;
  const auto is_labelled = has_csv_column(file, label);
  if (!is_labelled)
    return is_labelled.why();
  auto table = read_csv(file, {.label = *is_labelled ? label : std::string{}, .key = {}});
  if (!table)
    return table.why();
  if (table->feature_count() != own.feature_count())
    return failure{.code = failure_code::bad_config,
                   .detail = file.string() + " has " + std::to_string(table->feature_count()) +
                             " columns of features; the model wants " +
                             std::to_string(own.feature_count())};
  table->shape = own.shape;
  return question{all_examples(std::make_shared<const dataset>(std::move(*table))), *is_labelled};
}

attempt<question> own_examples(const edge_config& config, std::shared_ptr<const dataset> own) {
  const auto name = own_name(config.tls, role::edge);
  if (!name)
    return name.why();
  auto parts =
      split_held_out(all_examples(std::move(own)), config.evaluation_percent, held_out_seed(*name));
  if (parts.held_out.size() == 0)
    return failure{.code = failure_code::bad_config,
                   .detail = "evaluation_percent keeps none of the local examples aside; name a "
                             "file with --input"};
  return question{std::move(parts.held_out), true};
}

} // namespace

std::size_t edge_prediction::correct_count() const noexcept {
  std::size_t count = 0;
  for (std::size_t i = 0; i < labels.size(); ++i)
    count += labels[i] == classes[i];
  return count;
}

attempt<edge_prediction> predict(const edge_config& config,
                                 const std::optional<std::filesystem::path>& input) {
  if (config.model == "custom")
    return failure{.code = failure_code::unsupported,
                   .detail = "the model is custom: only the program that trains it can predict "
                             "with it; the models' parameters are the files model-* in " +
                             config.state.string()};
  auto own = load_dataset(config.data, split::train);
  if (!own)
    return own.why();
  auto network = make_model(config.model, (*own)->shape, (*own)->class_count);
  if (!network)
    return network.why();
  const auto found = newest_model(config, (*network)->size());
  if (!found)
    return found.why();
  const auto asked = input ? from_file(config, *input, **own) : own_examples(config, *own);
  if (!asked)
    return asked.why();
  const auto content = found->content.view();
  const std::span<const float> parameters(reinterpret_cast<const float*>(content.data()),
                                          content.size() / sizeof(float));
  auto classes = (*network)->predict(parameters, asked->rows);
  if (!classes)
    return classes.why();
  edge_prediction made{.model = found->id, .classes = std::move(*classes), .labels = {}};
  if (asked->is_labelled)
    for (const auto row : asked->rows.rows)
      made.labels.push_back(asked->rows.data->labels[row]);
  return made;
}

} // namespace godwit
