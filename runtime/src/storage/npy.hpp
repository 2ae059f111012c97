// What does the header of a .npy array say?
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <godwit/messages/bytes.hpp>
#include <godwit/messages/result.hpp>

#include "storage/tensor_values.hpp"

namespace godwit {

/// An array's type and shape, row-major.
struct npy_header {
  element_type type = element_type::f32;
  std::vector<std::uint64_t> shape;
};

/// Parses the header's text, e.g. "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }"
/// (NumPy, "NEP 1: a simple file format for NumPy arrays"): a Python literal of exactly these three
/// keys. Fails with corrupt or, for types and orders that are not read, unsupported; the detail
/// completes a sentence that begins with the array's name.
attempt<npy_header> parse_npy_header(std::string_view text);

/// The beginning of a .npy file of floats, up to where the data begin: a multiple of 64 bytes.
bytes npy_preamble(const std::vector<std::uint32_t>& shape);

} // namespace godwit
