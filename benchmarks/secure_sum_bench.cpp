// The secure workload: whole sums by the real machines, then each side's part of them again with a
// clock beside it.
#include "secure_sum_bench.hpp"

#include <algorithm>
#include <cstddef>
#include <exception>
#include <functional>
#include <iostream>
#include <optional>
#include <ostream>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include <godwit/aggregation/packing.hpp>
#include <godwit/aggregation/quantiser.hpp>
#include <godwit/privacy/mask.hpp>

#include "csv_rows.hpp"
#include "secure_sum_flight.hpp"
#include "thread_cpu_time.hpp"

namespace godwit {

namespace {

using namespace secure_sum;

constexpr double to_ms = 1e3;
constexpr std::size_t cache_bytes = std::size_t{64} << 10;

/// 42 neighbours, of whose shares 32 open a secret; where there are fewer clients, all of them and
/// as large a part.
std::optional<graph_choice> graph_of_42(std::uint32_t n, client_fractions, profile) {
  const auto degree = std::min(n - 1, 42U);
  return graph_choice{degree, degree - degree / 4};
}

// -- the server

/// The CPU time of each step, by the inputs that belong to it.
struct server_times {
  least_cpu_time adverts, shares, bodies, unmasking;
};

/// Applies a flight's inputs again, to a new machine; gives what it opened.
server::open_sum replay(const flight& flown, server_times& times) {
  auto machine = flown.new_server();
  std::optional<server::open_sum> opened;
  auto next = flown.inputs().begin();
  const auto apply_while = [&](auto&& is_of_step) {
    for (; next != flown.inputs().end() && is_of_step(*next); ++next)
      for (auto& effect : must(machine.apply(*next), "the server's machine"))
        if (auto* made = std::get_if<server::open_sum>(&effect))
          opened = std::move(*made);
  };
  times.adverts.take([&] {
    apply_while([](const auto& x) { return std::holds_alternative<server::advert_received>(x); });
  });
  times.shares.take([&] {
    apply_while([](const auto& x) { return std::holds_alternative<server::shares_received>(x); });
  });
  times.bodies.take([&] {
    apply_while([](const auto& x) { return !std::holds_alternative<server::unmask_received>(x); });
  });
  times.unmasking.take([&] { apply_while([](const auto&) { return true; }); });
  if (!opened)
    throw std::runtime_error("the sum was not opened");
  return std::move(*opened);
}

/// The generator alone: the bytes of as many masks, stored in a cache.
void store_streams(std::span<std::byte> memory, const std::vector<mask_term>& masks,
                   const key_stream& stream, std::uint64_t stream_bytes) {
  for (const auto& mask : masks)
    for (std::uint64_t at = 0; at < stream_bytes; at += memory.size())
      write_stream(memory.first(std::min<std::uint64_t>(memory.size(), stream_bytes - at)),
                   mask.key, stream, at);
}

/// Adds as many masked bodies as there are survivors.
void add_masked(const flight& flown, const terms& rules, const bytes& stand_in,
                std::span<std::uint32_t> lanes) {
  for (const auto& body : flown.bodies())
    add_packed(lanes, body, rules.modulus_bits);
  for (auto i = flown.bodies().size(); i < flown.survivor_count(); ++i)
    add_packed(lanes, stand_in, rules.modulus_bits);
}

/// What of a server's time is the sum's own, and whether the right sum came of it.
struct server_cost {
  double unmasking = 0; ///< seconds: from shares to the masks' keys
  double whole = 0;     ///< with adding what was uploaded, and taking the masks off
  bool is_right = true;
};

/// The rows of a server whose clients' values are masked. Where they were carried, the masks are
/// those of the keys, laid over the values, and one body of zeros is added over and over.
server_cost measure_server(const flight& flown, int repeats, rows out) {
  const auto rules = masked_rules(flown.plan());
  const auto stream = mask_stream(rules);
  server_times times;
  least_cpu_time adding, masking, storing;
  std::vector<std::uint32_t> lanes(entry_count(rules));
  const bytes stand_in(packed_bytes(lanes.size(), rules.modulus_bits));
  bytes memory(cache_bytes);
  std::size_t mask_count = 0;
  for (int i = 0; i < repeats; ++i) {
    const auto opened = replay(flown, times);
    mask_count = opened.masks.size();
    std::ranges::fill(lanes, 0U);
    adding.take([&] { add_masked(flown, rules, stand_in, lanes); });
    const auto terms = as_terms(opened.masks);
    masking.take([&] { add_masks(std::span(lanes), terms, stream); });
    storing.take(
        [&] { store_streams(memory, terms, stream, lanes.size() * sizeof(std::uint32_t)); });
  }
  const double crypto = times.unmasking.seconds() + masking.seconds();
  out.write("adverts", times.adverts.seconds() * to_ms, "ms");
  out.write("shares", times.shares.seconds() * to_ms, "ms");
  out.write("survivors", times.bodies.seconds() * to_ms, "ms");
  out.write("adding", adding.seconds() * to_ms, "ms");
  out.write("unmasking", times.unmasking.seconds() * to_ms, "ms");
  out.write("masks", masking.seconds() * to_ms, "ms");
  out.write("crypto_ms", crypto * to_ms, "ms");
  out.write("total_ms",
            (crypto + times.adverts.seconds() + times.shares.seconds() + times.bodies.seconds() +
             adding.seconds()) *
                to_ms,
            "ms");
  out.write("bare_generator", storing.seconds() * to_ms, "ms");
  out.write("masks_ratio_to_bare_generator", storing.seconds() / masking.seconds(), "1");
  out.write("crypto_ratio_to_bare_generator", storing.seconds() / crypto, "1");
  out.write("mask_count", static_cast<double>(mask_count), "1");
  server_cost cost{times.unmasking.seconds(), crypto + adding.seconds()};
  if (flown.plan().is_carried)
    return cost;
  const auto mask = (std::uint32_t{1} << rules.modulus_bits) - 1;
  cost.is_right = std::ranges::equal(
      lanes, flown.plain_sum(), [mask](auto one, auto other) { return (one & mask) == other; });
  out.write("opened_is_right", cost.is_right ? 1 : 0, "1");
  return cost;
}

/// A server's adding of carried vectors, as they come.
struct carried_adding {
  body_sum sum;
  double seconds = 0;

  void operator()(bytes_view body) {
    const double start = thread_cpu_seconds();
    (void)must(sum.add(body), "the server's sum");
    seconds += thread_cpu_seconds() - start;
  }
};

/// The rows of a server whose clients' values were carried, beside the masked protocol.
bool measure_carried_server(const flight& flown, carried_adding& added, const server_cost& masked,
                            rows out) {
  server_times times;
  auto opened = replay(flown, times);
  const sum_opening with{std::move(opened.masks), std::move(opened.survivors),
                         std::move(opened.liars), opened.root};
  least_cpu_time opening;
  std::optional<opened_sum> sum;
  opening.take([&] { sum = added.sum.open(with, flown.rules().round); });
  bool is_right = sum.has_value();
  for (std::size_t i = 0; is_right && i < flown.plain_sum().size(); ++i)
    is_right = sum->entry(i) == flown.plain_sum()[i];
  const double whole = times.unmasking.seconds() + added.seconds + opening.seconds();
  out.write("adding", added.seconds * to_ms, "ms");
  out.write("unmasking", times.unmasking.seconds() * to_ms, "ms");
  out.write("key_masks_and_decryption", opening.seconds() * to_ms, "ms");
  out.write("whole_ms", whole * to_ms, "ms");
  out.write("masked_whole_ms", masked.whole * to_ms, "ms");
  out.write("masked_over_carried", masked.whole / whole, "1");
  out.write("opened_is_right", is_right ? 1 : 0, "1");
  return is_right;
}

// -- a client

struct client_times {
  least_cpu_time advert, roster, shares, quantising, masking, packing, carrying, answer;
};

/// What one client does, from its advert to its answer, with what it heard in the flight.
void repeat_client(const flight& flown, client_times& times, std::vector<std::uint32_t>& lanes,
                   bytes& body) {
  const auto rules = masked_rules(flown.plan());
  const auto& heard = flown.heard_by_first();
  auto opening = flown.opening_of(0);
  std::optional<client::machine> machine;
  const auto hear = [&](const client::input& in) {
    (void)must(machine->apply(in), "a client's machine");
  };
  times.advert.take([&] { machine = must(client::machine::open(std::move(opening)), "a client"); });
  times.roster.take([&] { hear(heard.at(0)); });
  times.shares.take([&] { hear(heard.at(1)); });
  times.quantising.take([&] { flown.quantise_for(0, *machine, lanes); });
  times.masking.take([&] {
    const auto parts = machine->masks();
    add_masks(std::span(lanes), as_terms(parts), mask_stream(rules));
  });
  times.packing.take(
      [&] { pack(std::span<const std::uint32_t>(lanes), rules.modulus_bits, body); });
  if (flown.plan().is_carried)
    times.carrying.take([&] { (void)must(make_body(*machine, flown.values_of(0)), "a client"); });
  hear(heard.at(2)); // the body's digest
  times.answer.take([&] { hear(heard.at(3)); });
}

void measure_client(const flight& flown, int repeats, rows out) {
  const auto rules = masked_rules(flown.plan());
  client_times times;
  std::vector<std::uint32_t> lanes(entry_count(rules));
  bytes body(packed_bytes(lanes.size(), rules.modulus_bits));
  for (int i = 0; i < repeats; ++i)
    repeat_client(flown, times, lanes, body);
  double total = 0;
  const auto write = [&](const char* step, const least_cpu_time& time) {
    out.write(step, time.seconds() * to_ms, "ms");
    total += time.seconds();
  };
  write("advert", times.advert);
  write("roster", times.roster);
  write("shares", times.shares);
  write("quantise", times.quantising);
  write("masks", times.masking);
  write("pack", times.packing);
  write("answer", times.answer);
  out.write("quantise_and_masks_ms", (times.quantising.seconds() + times.masking.seconds()) * to_ms,
            "ms");
  out.write("total_ms", total * to_ms, "ms");
  const auto& sizes = flown.largest();
  const double least = static_cast<double>(rules.modulus_bits) *
                       static_cast<double>(rules.streams.front().length) / 8;
  const auto said = body.size() + sizes.advert + sizes.sealed_shares + sizes.answer;
  if (flown.plan().is_carried) {
    const auto carried = body_bytes(flown.rules());
    out.write("carried_body", times.carrying.seconds() * to_ms, "ms");
    out.write("carried_bits_each_value",
              8 * static_cast<double>(carried) / static_cast<double>(rules.streams.front().length),
              "bits");
    out.write("carried_over_bits_of_values", static_cast<double>(carried) / least, "1");
  }
  out.write("body_over_bits_of_values", static_cast<double>(body.size()) / least, "1");
  out.write("upload_over_bits_of_values", static_cast<double>(said) / least, "1");
}

void write_sizes(const flight& flown, rows out) {
  const auto& sizes = flown.largest();
  const auto write = [&](const char* message, std::size_t size) {
    out.write(message, static_cast<double>(size), "B");
  };
  write("advert", sizes.advert);
  write("roster", sizes.roster);
  write("sealed_shares", sizes.sealed_shares);
  write("delivered_shares", sizes.delivered_shares);
  write("unmask_request", sizes.request);
  write("unmask_shares", sizes.answer);
}

std::string head_of(const flight& flown) {
  return fmt::format("secure_n{}_k{}_d{}", flown.client_count(), flown.degree(),
                     flown.plan().length);
}

/// One sum of few clients, with its masked bodies.
bool measure_masked(const secure_sum_bench_options& options, std::ostream& csv) {
  const flight flown({.client_count = options.client_count,
                      .dropped_tenths = 1,
                      .length = options.length,
                      .rule = graph_of_42});
  const auto cost = measure_server(flown, options.repeats, rows(csv, head_of(flown) + ",server"));
  measure_client(flown, options.repeats, rows(csv, head_of(flown) + ",client"));
  write_sizes(flown, rows(csv, head_of(flown) + ",messages"));
  return cost.is_right;
}

/// One sum of many clients whose values are carried, and the masked protocol beside it.
bool measure_carried(const secure_sum_bench_options& options, std::uint32_t dropped_tenths,
                     std::ostream& csv) {
  flight_plan plan{.client_count = options.large_client_count,
                   .dropped_tenths = dropped_tenths,
                   .length = options.length,
                   .is_carried = true};
  carried_adding added{.sum = body_sum(rules_of(plan))};
  plan.take_body = std::ref(added);
  const flight flown(plan);
  const auto masked = measure_server(flown, 1, rows(csv, head_of(flown) + ",server"));
  const bool is_right =
      measure_carried_server(flown, added, masked, rows(csv, head_of(flown) + ",carried_server"));
  measure_client(flown, 1, rows(csv, head_of(flown) + ",client"));
  write_sizes(flown, rows(csv, head_of(flown) + ",messages"));
  return is_right;
}

} // namespace

int run_secure_sum_bench(const secure_sum_bench_options& options, std::ostream& csv) {
  csv << csv_header << std::endl;
  try {
    bool is_right = measure_masked(options, csv);
    for (const std::uint32_t dropped_tenths : {1U, 3U})
      is_right = measure_carried(options, dropped_tenths, csv) && is_right;
    return is_right ? 0 : 1;
  } catch (const std::exception& e) {
    std::cerr << "godwit_bench secure: " << e.what() << '\n';
    return 1;
  }
}

} // namespace godwit
