// A privacy ledger's file without a disk, and a key to sign it with.
#pragma once

#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <godwit/actors/server_ports.hpp>
#include <godwit/privacy/signature.hpp>

namespace godwit {

/// A ledger's file that may be on a full disk.
struct played_file final : release_file {
  std::vector<bytes> lines;
  bool is_full = false;
  attempt<done> append(bytes_view line) override {
    if (is_full)
      return failure{.code = failure_code::no_space, .retry = true, .detail = "full"};
    lines.emplace_back(line.begin(), line.end());
    return done{};
  }
};

inline signing_key ledger_key() {
  auto made = signing_key::from_seed(secret(bytes(signing_seed_bytes, std::byte{1})));
  REQUIRE(made);
  return std::move(*made);
}

} // namespace godwit
