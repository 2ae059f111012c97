// How does a configured data source become a data set in memory?
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string_view>
#include <vector>

#include <godwit/messages/result.hpp>
#include <godwit/runtime/config.hpp>

#include "data/dataset.hpp"

namespace godwit {

/// Which part of a data set: the one to learn from, or the one to judge by.
enum class split : std::uint8_t { train, test };

/// Loads one split of the source that `config` names:
/// - fashion-mnist, mnist: the four IDX files, raw or .gz, 28 x 28, ten classes, from `folder`, or
///   where there is none configured, from the first of `dataset_folders` that has them;
/// - idx: a folder with files of the same names (see idx.hpp) or with train.csv / test.csv:
///   whichever is there;
/// - csv: a folder with train.csv and, where there is one, test.csv; or the path of one file, which
///   is then the training split (see csv.hpp);
/// - synthetic, synthetic_iid: FedProx Synthetic(alpha, beta), generated (see synthetic.hpp) with
///   seed 0, so that it is the same data in every run; keys = devices.
///
/// `config.example_limit` thins the training split: rows floor(i size / limit), i = 0 ..< limit.
///
/// Fails with not_found (files that are not there; says how to get them), corrupt (a file that
/// breaks its format; says file, what was found and what is expected), unsupported or bad_config.
attempt<std::shared_ptr<const dataset>> load_dataset(const data_config& config, split which);

/// Where a named data set ("fashion-mnist", "mnist") is looked for, in this order, when no folder
/// is configured: Debian's /usr/share/datasets/NAME, then
/// ${XDG_DATA_HOME:-~/.local/share}/godwit/NAME, where `deploy/get-data` puts it.
std::vector<std::filesystem::path> dataset_folders(std::string_view name);

} // namespace godwit
