// Little endian, byte by byte, whatever the processor's order.
#include <godwit/privacy/canonical.hpp>

namespace godwit::canonical {

template <class Integer>
writer& writer::put(Integer value) {
  for (std::size_t i = 0; i < sizeof(Integer); ++i)
    held_.push_back(static_cast<std::byte>(value >> (8 * i) & 0xff));
  return *this;
}

writer& writer::u8(std::uint8_t value) {
  return put(value);
}
writer& writer::u16(std::uint16_t value) {
  return put(value);
}
writer& writer::u32(std::uint32_t value) {
  return put(value);
}
writer& writer::u64(std::uint64_t value) {
  return put(value);
}
writer& writer::f64(double value) {
  return put(std::bit_cast<std::uint64_t>(value));
}
writer& writer::raw(bytes_view content) {
  held_.insert(held_.end(), content.begin(), content.end());
  return *this;
}
writer& writer::with_length(bytes_view content) {
  return u32(static_cast<std::uint32_t>(content.size())).raw(content);
}

bytes_view reader::raw(std::size_t count) {
  if (!is_good_ || count > rest_.size()) {
    is_good_ = false;
    return {};
  }
  const auto part = rest_.first(count);
  rest_ = rest_.subspan(count);
  return part;
}

template <class Integer>
Integer reader::get() {
  Integer value = 0;
  std::size_t shift = 0;
  for (const auto x : raw(sizeof(Integer))) {
    value = static_cast<Integer>(value | static_cast<Integer>(x) << shift);
    shift += 8;
  }
  return value;
}

std::uint8_t reader::u8() {
  return get<std::uint8_t>();
}
std::uint16_t reader::u16() {
  return get<std::uint16_t>();
}
std::uint32_t reader::u32() {
  return get<std::uint32_t>();
}
std::uint64_t reader::u64() {
  return get<std::uint64_t>();
}
double reader::f64() {
  return std::bit_cast<double>(u64());
}

bytes_view reader::with_length(std::size_t length_max) {
  const auto length = u32();
  if (length > length_max)
    is_good_ = false;
  return raw(length);
}

std::uint32_t reader::count(std::size_t item_bytes_min) {
  const auto items = u32();
  if (items > rest_.size() / item_bytes_min)
    is_good_ = false;
  return is_good_ ? items : 0;
}

sha256_digest hash(std::string_view domain, bytes_view content) {
  const std::byte zero{};
  sha256_stream stream;
  stream.add(as_bytes(domain));
  stream.add({&zero, 1});
  stream.add(content);
  return stream.finish();
}

bytes tagged(std::string_view domain, bytes_view content) {
  return writer().raw(as_bytes(domain)).u8(0).raw(content).take();
}

} // namespace godwit::canonical
