// How does a configured data source become a data set in memory?
#include "data/load.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdlib>
#include <string>
#include <system_error>
#include <utility>

#include "data/csv.hpp"
#include "data/folder.hpp"
#include "data/idx.hpp"
#include "data/synthetic.hpp"

namespace godwit {

namespace {

namespace fs = std::filesystem;

std::string_view idx_prefix(split which) {
  return which == split::train ? "train" : "t10k";
}

/// Fashion-MNIST or MNIST, which only differ in where they lie.
attempt<dataset> load_named(const data_config& config, split which) {
  const auto folders =
      config.folder.empty() ? dataset_folders(config.source) : std::vector<fs::path>{config.folder};
  std::string looked_in;
  for (const auto& folder : folders) {
    looked_in += (looked_in.empty() ? "" : ", ") + folder.string();
    if (!has_idx(folder, idx_prefix(which)))
      continue;
    auto data = read_idx(folder, idx_prefix(which), 10);
    if (data && data->shape != std::vector<std::uint32_t>{28, 28})
      return failure{.code = failure_code::corrupt,
                     .detail = folder.string() + ": has images of " +
                               std::to_string(data->shape[0]) + " x " +
                               std::to_string(data->shape[1]) + "; " + config.source +
                               " has 28 x 28. For other images set data.source to idx"};
    return data;
  }
  return failure{.code = failure_code::not_found,
                 .detail = config.source + " is not in " + looked_in +
                           ". To get it, run: deploy/get-data " + config.source};
}

/// The table of one split, with the class count that the folder notes or that both splits together
/// show.
attempt<dataset> load_table(const data_config& config, const csv_columns& columns, split which) {
  std::error_code ignored;
  const bool is_folder = fs::is_directory(config.folder, ignored);
  const auto train = is_folder ? config.folder / "train.csv" : config.folder;
  const auto test = is_folder ? config.folder / "test.csv" : fs::path();
  const auto& wanted = which == split::train ? train : test;
  const auto& other = which == split::train ? test : train;
  if (wanted.empty() || !fs::exists(wanted, ignored))
    return failure{.code = failure_code::not_found,
                   .detail = wanted.empty()
                                 ? config.folder.string() +
                                       ": is one table, for training; to have test data too, set "
                                       "data.folder to a folder with train.csv and test.csv"
                                 : wanted.string() + ": there is no such file"};
  auto data = read_csv(wanted, columns);
  if (!data)
    return data;
  const auto noted = is_folder ? read_class_count(config.folder) : std::uint32_t{0};
  if (!noted)
    return noted.why();
  if (*noted != 0 && *noted < data->class_count)
    return failure{.code = failure_code::corrupt,
                   .detail = wanted.string() + ": has the label " +
                             std::to_string(data->class_count - 1) + "; the file class_count " +
                             "beside it says that there are " + std::to_string(*noted) +
                             " classes, counted from 0"};
  if (*noted != 0) {
    data->class_count = *noted;
  } else if (!other.empty() && fs::exists(other, ignored)) {
    const auto more = read_csv(other, columns);
    if (!more)
      return more;
    data->class_count = std::max(data->class_count, more->class_count);
  }
  return data;
}

attempt<dataset> load_folder(const data_config& config, split which) {
  if (has_idx(config.folder, idx_prefix(which)))
    return read_idx(config.folder, idx_prefix(which), 0);
  std::error_code ignored;
  const auto table = config.folder / (which == split::train ? "train.csv" : "test.csv");
  if (!fs::exists(table, ignored))
    return failure{.code = failure_code::not_found,
                   .detail = config.folder.string() + ": has neither " +
                             std::string(idx_prefix(which)) + "-images-idx3-ubyte, raw or .gz, " +
                             "nor " + table.filename().string()};
  return load_table(config, {.label = config.label_column, .key = config.key_column}, which);
}

attempt<dataset> load_source(const data_config& config, split which) {
  const auto& source = config.source;
  if (source == "fashion-mnist" || source == "mnist")
    return load_named(config, which);
  if (source == "synthetic" || source == "synthetic_iid") {
    if (!std::isfinite(config.alpha) || !std::isfinite(config.beta) || config.alpha < 0 ||
        config.beta < 0)
      return failure{.code = failure_code::bad_config,
                     .detail = "data.alpha and data.beta of synthetic data are standard "
                               "deviations: finite, 0 or more"};
    return synthetic({.alpha = config.alpha, .beta = config.beta, .iid = source == "synthetic_iid"},
                     which);
  }
  if (source != "idx" && source != "csv")
    return failure{.code = failure_code::bad_config,
                   .detail = "data.source is '" + source +
                             "'; expected fashion-mnist, mnist, synthetic, synthetic_iid, idx or "
                             "csv"};
  if (config.folder.empty())
    return failure{.code = failure_code::bad_config,
                   .detail = "data.source " + source + " needs data.folder: where the files are"};
  if (source == "idx")
    return load_folder(config, which);
  return load_table(config, {.label = config.label_column, .key = config.key_column}, which);
}

/// Rows floor(i size / limit), i = 0 ..< limit.
dataset thinned(const dataset& all, std::uint32_t limit) {
  dataset kept;
  kept.shape = all.shape;
  kept.class_count = all.class_count;
  const auto width = all.feature_count();
  const auto copy_row = [&](const auto& from, auto& to, std::size_t row) {
    const auto begin = from.begin() + static_cast<std::ptrdiff_t>(row * width);
    to.insert(to.end(), begin, begin + static_cast<std::ptrdiff_t>(width));
  };
  for (std::uint64_t i = 0; i < limit; ++i) {
    const auto row = static_cast<std::size_t>(i * all.size() / limit);
    if (all.pixels.empty())
      copy_row(all.values, kept.values, row);
    else
      copy_row(all.pixels, kept.pixels, row);
    kept.labels.push_back(all.labels[row]);
    if (!all.keys.empty())
      kept.keys.push_back(all.keys[row]);
  }
  return kept;
}

} // namespace

std::vector<fs::path> dataset_folders(std::string_view name) {
  std::vector<fs::path> folders{fs::path("/usr/share/datasets") / name};
  const char* data_home = std::getenv("XDG_DATA_HOME");
  const char* home = std::getenv("HOME");
  if (data_home != nullptr && *data_home == '/')
    folders.push_back(fs::path(data_home) / "godwit" / name);
  else if (home != nullptr && *home != '\0')
    folders.push_back(fs::path(home) / ".local" / "share" / "godwit" / name);
  return folders;
}

attempt<std::shared_ptr<const dataset>> load_dataset(const data_config& config, split which) {
  auto data = load_source(config, which);
  if (!data)
    return data.why();
  if (which == split::train && config.example_limit > 0 && config.example_limit < data->size())
    return std::shared_ptr<const dataset>(
        std::make_shared<dataset>(thinned(*data, config.example_limit)));
  return std::shared_ptr<const dataset>(std::make_shared<dataset>(std::move(*data)));
}

} // namespace godwit
