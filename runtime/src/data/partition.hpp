// How is one data set dealt to many clients?
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include <godwit/messages/result.hpp>
#include <godwit/runtime/config.hpp>

#include "data/dataset.hpp"

namespace godwit {

/// Deals the rows of `data` to `config.clients` clients. The result depends on the data, the config
/// and the seed alone; no row is dealt twice; each client gets at least one; a client's rows are in
/// ascending order. n rows, K clients.
/// - iid: shuffled and cut into K equal parts (McMahan et al. 2017, section 3). All rows are dealt.
/// - shards: stably sorted by label, cut into K x shards_per_client equal shards, so many to each
///   client at random (ibid.: 200 shards of 300, two each). All rows are dealt.
/// - label_quantity: each client holds labels_per_client labels, the first one its number modulo
///   the labels, the others drawn; a label's rows are split equally among its holders (NIID-Bench,
///   Li et al. 2022). Labels without a holder, which there can be only if K is less than the number
///   of labels, are not dealt.
/// - dirichlet_class: for each class, shares ~ Dir_K(alpha) of its rows (NIID-Bench), redrawn until
///   each client has examples_min rows. Sizes are uneven, very much so for alpha <= 0.1. All rows
///   are dealt.
/// - dirichlet_client: for each client, a class mix ~ Dir_C(alpha x prior), prior = the class
///   frequencies, and n / K rows drawn by it without replacement; used up classes drop out of the
///   mix (Hsu et al. 2019). All rows are dealt.
/// - similarity: the share `similarity` of the rows is dealt iid, the others sorted by label, in
///   equal parts (Karimireddy et al. 2020, section 7.1). All rows are dealt.
/// - powerlaw2: client u holds labels u and u + 1 modulo the labels, five rows of each, and
///   lognormal(0, 2) shares of what is left of them (FedProx, Li et al. 2020, MNIST). Shares are
///   rounded down, so a few rows are not dealt.
/// - quantity: sizes ~ n Dir_K(alpha), labels iid (NIID-Bench), redrawn until each client has a
///   row. All rows are dealt.
/// - natural: by `data->keys`. K = number of keys, or 0 for the same: one key each; K less than
///   that: keys are shuffled and dealt in K groups of equally many keys. All rows are dealt.
///
/// Fails with bad_config where the parameters cannot be met; the detail is a sentence that names
/// the parameter.
attempt<std::vector<examples>> partition(std::shared_ptr<const dataset> data,
                                         const partition_config& config, std::uint64_t seed);

/// Every row of a data set, in order.
examples all_examples(std::shared_ptr<const dataset> data);

/// How many of the examples have each label: [class_count].
std::vector<std::uint64_t> label_counts(const examples& held);

/// Local examples for training, and those kept aside for evaluation.
struct held_out_split {
  examples train;
  examples held_out;
};

/// Keeps floor(size x percent / 100) random examples aside, percent 0 ..= 100, but always leaves
/// one for training.
held_out_split split_held_out(const examples& held, std::uint32_t percent, std::uint64_t seed);

} // namespace godwit
