// What does the header of a .npy array say?
#include "storage/npy.hpp"

#include <charconv>
#include <optional>
#include <system_error>

#include <godwit/messages/limits.hpp>

namespace godwit {

namespace {

failure broken(const std::string& what) {
  return {.code = failure_code::corrupt, .detail = "has a broken header: " + what};
}

failure unreadable(const std::string& what) {
  return {.code = failure_code::unsupported, .detail = what};
}

/// Reads a Python literal from left to right; every step says whether it was there.
class literal_cursor {
public:
  explicit literal_cursor(std::string_view text) : rest_(text) {}

  bool take(char c) {
    skip_space();
    if (!rest_.starts_with(c))
      return false;
    rest_.remove_prefix(1);
    return true;
  }

  bool take(std::string_view word) {
    skip_space();
    if (!rest_.starts_with(word))
      return false;
    rest_.remove_prefix(word.size());
    return true;
  }

  std::optional<std::string_view> take_text() {
    skip_space();
    if (rest_.empty() || (rest_[0] != '\'' && rest_[0] != '"'))
      return std::nullopt;
    const auto end = rest_.find(rest_[0], 1);
    if (end == std::string_view::npos)
      return std::nullopt;
    const auto text = rest_.substr(1, end - 1);
    rest_.remove_prefix(end + 1);
    return text;
  }

  std::optional<std::uint64_t> take_number() {
    skip_space();
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), number);
    if (error != std::errc{})
      return std::nullopt;
    rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
    return number;
  }

  bool at_end() {
    skip_space();
    return rest_.empty();
  }

private:
  void skip_space() {
    while (!rest_.empty() && (rest_[0] == ' ' || rest_[0] == '\n' || rest_[0] == '\t'))
      rest_.remove_prefix(1);
  }
  std::string_view rest_;
};

std::optional<std::vector<std::uint64_t>> take_tuple(literal_cursor& cursor) {
  std::vector<std::uint64_t> numbers;
  if (!cursor.take('('))
    return std::nullopt;
  while (!cursor.take(')')) {
    const auto number = cursor.take_number();
    if (!number || numbers.size() > limits::tensor_rank_max)
      return std::nullopt;
    numbers.push_back(*number);
    if (!cursor.take(',')) {
      if (!cursor.take(')'))
        return std::nullopt;
      break;
    }
  }
  return numbers;
}

attempt<element_type> known_type(std::string_view descr) {
  if (descr == "<f4")
    return element_type::f32;
  if (descr == "<f2")
    return element_type::f16;
  if (descr == "<f8")
    return element_type::f64;
  if (descr.find('O') != std::string_view::npos)
    return unreadable("holds Python objects, which run code when they are opened; save an array "
                      "of float32");
  return unreadable("is of type '" + std::string(descr) +
                    "'; convert it with .astype('<f4') (<f2 and <f8 are read, too)");
}

/// The three values, each once.
struct found_values {
  std::optional<std::string_view> descr;
  std::optional<bool> fortran_order;
  std::optional<std::vector<std::uint64_t>> shape;
};

std::optional<failure> take_pair(literal_cursor& cursor, found_values& found) {
  const auto key = cursor.take_text();
  if (!key || !cursor.take(':'))
    return broken("expected a key and a colon");
  if (*key == "descr" && !found.descr) {
    found.descr = cursor.take_text();
    return found.descr ? std::nullopt
                       : std::optional(unreadable("is not of a simple type; save an array of "
                                                  "float32"));
  }
  if (*key == "fortran_order" && !found.fortran_order) {
    if (cursor.take(std::string_view("True")))
      found.fortran_order = true;
    else if (cursor.take(std::string_view("False")))
      found.fortran_order = false;
    return found.fortran_order ? std::nullopt : std::optional(broken("fortran_order is no bool"));
  }
  if (*key == "shape" && !found.shape) {
    found.shape = take_tuple(cursor);
    return found.shape ? std::nullopt
                       : std::optional(broken("the shape is no tuple of whole numbers"));
  }
  return broken("the key '" + std::string(*key) + "' is unknown or there twice");
}

} // namespace

attempt<npy_header> parse_npy_header(std::string_view text) {
  literal_cursor cursor(text);
  found_values found;
  if (!cursor.take('{'))
    return broken("expected {");
  while (!cursor.take('}')) {
    if (auto why = take_pair(cursor, found))
      return *why;
    if (cursor.take(','))
      continue;
    if (!cursor.take('}'))
      return broken("expected a comma or }");
    break;
  }
  if (!cursor.at_end() || !found.descr || !found.fortran_order || !found.shape)
    return broken("expected descr, fortran_order and shape, and nothing behind them");
  const auto type = known_type(*found.descr);
  if (!type)
    return type.why();
  if (*found.fortran_order && found.shape->size() > 1)
    return unreadable("is stored column by column; save numpy.ascontiguousarray of it");
  if (!bounded_count(*found.shape))
    return broken("the shape is beyond all bounds: " + shape_text(*found.shape));
  return npy_header{.type = *type, .shape = *found.shape};
}

bytes npy_preamble(const std::vector<std::uint32_t>& shape) {
  constexpr std::size_t fixed_bytes = 10; // magic, version, length
  constexpr std::size_t alignment = 64;
  std::string text = "{'descr': '<f4', 'fortran_order': False, 'shape': (";
  for (std::size_t i = 0; i < shape.size(); ++i)
    text += (i > 0 ? ", " : "") + std::to_string(shape[i]);
  text += shape.size() == 1 ? ",), }" : "), }";
  const auto whole = (fixed_bytes + text.size() + 1 + alignment - 1) / alignment * alignment;
  text.resize(whole - fixed_bytes - 1, ' ');
  text += '\n';
  std::string preamble("\x93NUMPY\x01\x00", 8);
  preamble += static_cast<char>(text.size() & 0xFF);
  preamble += static_cast<char>(text.size() >> 8 & 0xFF);
  preamble += text;
  const auto content = as_bytes(preamble);
  return {content.begin(), content.end()};
}

} // namespace godwit
