// The secure workload: whole sums by the real machines, then each side's part of them again with a
// clock beside it.
#include "secure_sum_bench.hpp"

#include <algorithm>
#include <cstddef>
#include <exception>
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

/// The server's rows; whether what it opened, if there are bodies, is the plain sum.
bool measure_server(const flight& flown, int repeats, rows out) {
  const auto& rules = flown.rules();
  const auto stream = mask_stream(rules);
  server_times times;
  least_cpu_time adding, masking, storing;
  std::vector<std::uint32_t> lanes(entry_count(rules));
  bytes memory(cache_bytes);
  std::size_t mask_count = 0;
  for (int i = 0; i < repeats; ++i) {
    const auto opened = replay(flown, times);
    mask_count = opened.masks.size();
    std::ranges::fill(lanes, 0U);
    adding.take([&] {
      for (const auto& body : flown.bodies())
        add_packed(std::span(lanes), body, rules.modulus_bits);
    });
    const auto terms = as_terms(opened.masks);
    masking.take([&] { add_masks(std::span(lanes), terms, stream); });
    storing.take(
        [&] { store_streams(memory, terms, stream, lanes.size() * sizeof(std::uint32_t)); });
  }
  const double crypto = times.unmasking.seconds() + masking.seconds();
  out.write("adverts", times.adverts.seconds() * to_ms, "ms");
  out.write("shares", times.shares.seconds() * to_ms, "ms");
  out.write("survivors", times.bodies.seconds() * to_ms, "ms");
  if (!flown.bodies().empty())
    out.write("adding", adding.seconds() * to_ms, "ms");
  out.write("unmasking", times.unmasking.seconds() * to_ms, "ms");
  out.write("masks", masking.seconds() * to_ms, "ms");
  out.write("crypto_ms", crypto * to_ms, "ms");
  if (!flown.bodies().empty())
    out.write("total_ms",
              (crypto + times.adverts.seconds() + times.shares.seconds() + times.bodies.seconds() +
               adding.seconds()) *
                  to_ms,
              "ms");
  out.write("bare_generator", storing.seconds() * to_ms, "ms");
  out.write("masks_ratio_to_bare_generator", storing.seconds() / masking.seconds(), "1");
  out.write("crypto_ratio_to_bare_generator", storing.seconds() / crypto, "1");
  out.write("mask_count", static_cast<double>(mask_count), "1");
  if (flown.bodies().empty())
    return true;
  const bool is_right = flown.is_plain_sum(lanes);
  out.write("opened_is_right", is_right ? 1 : 0, "1");
  return is_right;
}

// -- a client

struct client_times {
  least_cpu_time advert, roster, shares, quantising, masking, packing, answer;
};

/// What one client does, from its advert to its answer, with what it heard in the flight.
void repeat_client(const flight& flown, client_times& times, std::vector<std::uint32_t>& lanes,
                   bytes& body) {
  const auto& rules = flown.rules();
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
  hear(heard.at(2)); // the body's digest
  times.answer.take([&] { hear(heard.at(3)); });
}

void measure_client(const flight& flown, int repeats, rows out) {
  const auto& rules = flown.rules();
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

} // namespace

int run_secure_sum_bench(const secure_sum_bench_options& options, std::ostream& csv) {
  csv << csv_header << std::endl;
  try {
    bool is_right = false;
    const auto head_of = [&](const flight& flown) {
      return fmt::format("secure_n{}_k{}_d{}", flown.client_count(), flown.degree(),
                         options.length);
    };
    {
      flight flown({.client_count = options.client_count,
                    .dropped_tenths = 1,
                    .length = options.length,
                    .rule = graph_of_42,
                    .has_bodies = true});
      is_right = measure_server(flown, options.repeats, rows(csv, head_of(flown) + ",server"));
      measure_client(flown, options.repeats, rows(csv, head_of(flown) + ",client"));
      write_sizes(flown, rows(csv, head_of(flown) + ",messages"));
    }
    flight flown({.client_count = options.large_client_count,
                  .dropped_tenths = 3,
                  .length = options.length,
                  .rule = choose_graph,
                  .has_bodies = false});
    measure_server(flown, 1, rows(csv, head_of(flown) + ",server"));
    write_sizes(flown, rows(csv, head_of(flown) + ",messages"));
    return is_right ? 0 : 1;
  } catch (const std::exception& e) {
    std::cerr << "godwit_bench secure: " << e.what() << '\n';
    return 1;
  }
}

} // namespace godwit
