// What are the terms of a round in shared_sum.vec?
#pragma once

#include <algorithm>
#include <string>

#include <godwit/privacy/shared_sum.hpp>

#include "unit/privacy/vector_file.hpp"

namespace godwit {

inline shared_sum::terms terms_of_record(const vector_record& record) {
  const auto number = [&record](const char* key) { return std::stoull(record.at(key)); };
  return {.suite = static_cast<mask_suite>(number("suite")),
          .scheme = static_cast<shared_sum::scheme>(number("scheme")),
          .server_count = static_cast<unsigned>(number("servers")),
          .lane_bits = static_cast<unsigned>(number("bits")),
          .job = as_text(from_hex(record.at("job"))),
          .round = {number("round")},
          .nonce = as_array<32>(from_hex(record.at("nonce"))),
          .clients_min = static_cast<std::uint32_t>(number("clients_min")),
          .clients_max = static_cast<std::uint32_t>(number("clients_max")),
          .length = number("length"),
          .meaning = as_array<32>(from_hex(record.at("meaning")))};
}

} // namespace godwit
