// The shared workload: what a client and each server of a shared sum do.
#include "shared_bench.hpp"

#include <algorithm>
#include <cstdint>
#include <ostream>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <godwit/privacy/mask.hpp>
#include <godwit/privacy/shared_sum.hpp>

#include "csv_rows.hpp"
#include "read_through.hpp"
#include "thread_cpu_time.hpp"

namespace godwit {

namespace {

using shared_sum::terms;
using shared_sum::upload;

constexpr std::size_t stored_bytes = std::size_t{32} << 10; ///< they stay in the cache

terms terms_of(const shared_bench_options& options, shared_sum::scheme how, unsigned servers) {
  terms t;
  t.scheme = how;
  t.server_count = servers;
  t.lane_bits = 32;
  t.round = {1};
  t.clients_max = static_cast<std::uint32_t>(options.client_count);
  t.length = options.lane_count;
  return t;
}

secret seed_of(std::size_t client) {
  bytes content(32, std::byte{0x11});
  content[0] = static_cast<std::byte>(client & 0xFF);
  content[1] = static_cast<std::byte>(client >> 8);
  return secret(std::move(content));
}

/// The uploads of all clients to all servers, and the sum of their vectors.
struct material {
  material(const terms& t, std::size_t client_count)
      : of_server(t.server_count), plain(static_cast<std::size_t>(t.length)) {
    for (std::size_t client = 0; client < client_count; ++client) {
      std::vector<std::uint32_t> entries(plain.size());
      for (std::size_t i = 0; i < entries.size(); ++i) {
        entries[i] = static_cast<std::uint32_t>(i * 40503 + client * 7919) & 0xFFFF;
        plain[i] += entries[i];
      }
      const auto made = split(t, seed_of(client), std::move(entries));
      const auto view = std::as_bytes(std::span(made.lanes));
      const shared_bytes lanes(bytes(view.begin(), view.end()));
      for (unsigned server = 1; server <= t.server_count; ++server)
        of_server[server - 1].push_back(read_upload(t, server, made.heads[server - 1],
                                                    holds_lanes(t, server) ? lanes : shared_bytes())
                                            .value());
    }
  }
  std::vector<const upload*> at(unsigned server) const {
    std::vector<const upload*> out;
    for (const auto& one : of_server[server - 1])
      out.push_back(&one);
    return out;
  }
  std::vector<std::vector<upload>> of_server; ///< by server and client
  std::vector<std::uint32_t> plain;
};

/// The generator alone: `stream_bytes` of a key's stream, stored where they stay in the cache.
void store_stream(std::span<std::byte> memory, mask_key key, const terms& t,
                  std::uint64_t stream_bytes) {
  const key_stream stream{t.suite, mask_nonce(t.round), best_mask_kernel(t.suite)};
  for (std::uint64_t at = 0; at < stream_bytes; at += memory.size())
    write_stream(memory.first(std::min<std::uint64_t>(memory.size(), stream_bytes - at)), key,
                 stream, at);
}

void measure_client(const shared_bench_options& options, std::ostream& csv, const std::string& name,
                    unsigned servers) {
  const auto t = terms_of(options, shared_sum::scheme::additive, servers);
  std::vector<std::uint32_t> entries(options.lane_count, 1);
  const auto seed = seed_of(1);
  alignas(64) static std::byte memory[stored_bytes];
  least_cpu_time splitting, storing;
  for (int i = 0; i < options.repeats * 60; ++i) { // each takes a fraction of a millisecond
    splitting.take([&] { entries = split(t, seed, std::move(entries)).lanes; });
    storing.take([&] {
      for (unsigned share = 1; share < servers; ++share)
        store_stream(memory, seed.reveal().first<mask_key_bytes>(), t, vector_bytes(t));
    });
  }
  rows out(csv, name + ",client_of_" + std::to_string(servers));
  const double gigabytes = static_cast<double>(vector_bytes(t)) * (servers - 1) * 1e-9;
  out.write("seconds", splitting.seconds(), "s");
  out.write("mask_rate", gigabytes / splitting.seconds(), "GB/s");
  out.write("bare_generator_rate", gigabytes / storing.seconds(), "GB/s");
  out.write("ratio_to_bare_generator", storing.seconds() / splitting.seconds(), "1");
}

/// Both servers of an additive sum; whether they come to the plain one.
bool measure_servers(const shared_bench_options& options, std::ostream& csv,
                     const std::string& name) {
  const auto t = terms_of(options, shared_sum::scheme::additive, 2);
  const material all(t, options.client_count);
  bytes sums[2];
  std::uint64_t seen = 0;
  least_cpu_time reading, summing[2];
  for (int i = 0; i < options.repeats; ++i) {
    reading.take([&] {
      for (const auto& one : all.of_server[1])
        seen ^= read_through(one.lanes.view().data(), one.lanes.size());
    });
    for (unsigned server = 1; server <= 2; ++server)
      summing[server - 1].take(
          [&] { sums[server - 1] = sum_of_share(t, server, server, all.at(server)); });
  }
  const double gigabytes =
      static_cast<double>(vector_bytes(t)) * static_cast<double>(options.client_count) * 1e-9;
  rows limit(csv, name + ",read_only");
  limit.write("rate", gigabytes / reading.seconds(), "GB/s");
  limit.write("checksum", static_cast<double>(seen & 0xFF), "1");
  const char* variants[2] = {",server_with_keys", ",server_with_lanes"};
  for (unsigned i = 0; i < 2; ++i) {
    rows out(csv, name + variants[i]);
    out.write("seconds", summing[i].seconds(), "s");
    out.write("vector_bytes_rate", gigabytes / summing[i].seconds(), "GB/s");
    out.write("ratio_to_read_only", reading.seconds() / summing[i].seconds(), "1");
  }
  const std::vector<bytes_view> both{sums[0], sums[1]};
  return std::ranges::equal(sum_of_lanes(t, both), std::as_bytes(std::span(all.plain)));
}

/// What the audit of a replicated sum adds for a server that compares lanes.
void measure_audit(const shared_bench_options& options, std::ostream& csv,
                   const std::string& name) {
  const auto t = terms_of(options, shared_sum::scheme::replicated, 3);
  const material all(t, std::min<std::size_t>(options.client_count, 20));
  std::vector<bytes_view> lanes;
  for (const auto& one : all.of_server[1])
    lanes.push_back(one.lanes.view());
  std::uint64_t seen = 0;
  least_cpu_time reading, comparing;
  for (int i = 0; i < options.repeats; ++i) {
    reading.take([&] {
      for (const auto one : lanes)
        seen ^= read_through(one.data(), one.size());
    });
    comparing.take([&] {
      for (const auto one : fingerprints(t, t.nonce, lanes))
        seen ^= one.value();
    });
  }
  rows out(csv, name + ",audit");
  const double gigabytes =
      static_cast<double>(vector_bytes(t)) * static_cast<double>(lanes.size()) * 1e-9;
  out.write("rate", gigabytes / comparing.seconds(), "GB/s");
  out.write("ratio_to_read_only", reading.seconds() / comparing.seconds(), "1");
  out.write("checksum", static_cast<double>(seen & 0xFF), "1");
}

} // namespace

int run_shared_bench(const shared_bench_options& options, std::ostream& csv) {
  csv << csv_header << '\n';
  const std::string name =
      "shared_n" + std::to_string(options.client_count) + "_d" + std::to_string(options.lane_count);
  measure_client(options, csv, name, 2);
  measure_client(options, csv, name, 3);
  const bool is_plain = measure_servers(options, csv, name);
  measure_audit(options, csv, name);
  rows(csv, name + ",all").write("sum_is_plain", is_plain ? 1 : 0, "1");
  return is_plain ? 0 : 1;
}

} // namespace godwit
