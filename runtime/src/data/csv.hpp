// How is a table of float features and labels read from and written to CSV?
#pragma once

#include <filesystem>
#include <string>

#include <godwit/messages/result.hpp>

#include "data/dataset.hpp"

namespace godwit {

/// Which columns of a table have a meaning of their own; all others are features, in their order.
struct csv_columns {
  std::string label = "label"; ///< whole numbers, 0 ..= 255; empty: there is none, each label is 0
  std::string key;             ///< the natural owner of a row, any text; empty: there is none
};

/// Reads a comma-separated table whose first line names the columns. Fields may stand in double
/// quotes; blank lines count for nothing. Features are finite decimal numbers. Keys are numbered in
/// the order of their first appearance. class_count is the largest label plus one. Fails with
/// corrupt; the detail names file, line and column.
attempt<dataset> read_csv(const std::filesystem::path& file, const csv_columns& columns);

/// Whether the first line of a table names this column. Fails with not_found or io.
attempt<bool> has_csv_column(const std::filesystem::path& file, const std::string& column);

/// Writes examples with float values: columns x0, x1, …, label; no keys. Numbers are written so
/// that reading gives the same bits. Fails with unsupported for pixels.
attempt<done> write_csv(const examples& held, const std::filesystem::path& file);

} // namespace godwit
