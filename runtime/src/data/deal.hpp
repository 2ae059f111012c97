// Which rows does each scheme deal to each client? One function a scheme; partition.hpp says what
// each one does.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <godwit/messages/result.hpp>
#include <godwit/runtime/config.hpp>

#include "data/dataset.hpp"

namespace godwit {

/// Row numbers.
using row_list = std::vector<std::uint32_t>;

/// [client]: the rows it gets, in any order.
using dealt = std::vector<row_list>;

/// A bad_config failure.
failure impossible(std::string sentence);

/// All rows 0 ..< data.size().
row_list every_row(const dataset& data);

/// [class]: its rows, ascending.
std::vector<row_list> rows_by_class(const dataset& data);

/// Appends part i of `count` of the rows to client i: rows floor(i n / count) ..< floor((i + 1) n /
/// count).
void deal_equally(const row_list& rows, dealt& clients);

attempt<dealt> deal_iid(const dataset&, const partition_config&, std::uint64_t seed);
attempt<dealt> deal_shards(const dataset&, const partition_config&, std::uint64_t seed);
attempt<dealt> deal_similarity(const dataset&, const partition_config&, std::uint64_t seed);
attempt<dealt> deal_label_quantity(const dataset&, const partition_config&, std::uint64_t seed);
attempt<dealt> deal_powerlaw2(const dataset&, const partition_config&, std::uint64_t seed);
attempt<dealt> deal_natural(const dataset&, const partition_config&, std::uint64_t seed);
attempt<dealt> deal_dirichlet_class(const dataset&, const partition_config&, std::uint64_t seed);
attempt<dealt> deal_dirichlet_client(const dataset&, const partition_config&, std::uint64_t seed);
attempt<dealt> deal_quantity(const dataset&, const partition_config&, std::uint64_t seed);

} // namespace godwit
