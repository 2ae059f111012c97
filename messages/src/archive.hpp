// Cereal archives for bytes that may come from anybody: little endian, every length checked before
// memory is taken.
#pragma once

#include <array>
#include <bit>
#include <string>
#include <type_traits>
#include <vector>

#include <cereal/cereal.hpp>
#include <cereal/types/array.hpp>
#include <cereal/types/string.hpp>
#include <cereal/types/vector.hpp>

#include <godwit/messages/bytes.hpp>
#include <godwit/messages/fields.hpp>

static_assert(std::endian::native == std::endian::little,
              "wire and disk are little endian as they stand");

namespace godwit {

/// Appends to a byte vector. Lengths are 32 bit.
class writing_archive
    : public cereal::OutputArchive<writing_archive, cereal::AllowEmptyClassElision> {
public:
  explicit writing_archive(bytes& out) : OutputArchive(this), out_(out) {}
  void put(const void* data, std::size_t size);

private:
  bytes& out_;
};

/// Reads from a view and throws cereal::Exception for what does not fit in it.
class reading_archive
    : public cereal::InputArchive<reading_archive, cereal::AllowEmptyClassElision> {
public:
  reading_archive(bytes_view in, std::size_t length_max)
      : InputArchive(this), rest_(in), length_max_(length_max) {}
  void take(void* data, std::size_t size);
  /// An element takes at least one byte, so a length past the rest of the input is a lie.
  void check_length(std::uint64_t length) const {
    if (length > rest_.size() || length > length_max_)
      throw cereal::Exception("states a length past its end");
  }
  bool at_end() const noexcept { return rest_.empty(); }

private:
  bytes_view rest_;
  std::size_t length_max_;
};

template <class T>
std::enable_if_t<std::is_arithmetic_v<T>> CEREAL_SAVE_FUNCTION_NAME(writing_archive& out,
                                                                    const T& x) {
  static_assert(!std::is_same_v<T, bool>, "a bool has 254 values too many on the wire");
  out.put(&x, sizeof x);
}
template <class T>
std::enable_if_t<std::is_arithmetic_v<T>> CEREAL_LOAD_FUNCTION_NAME(reading_archive& in, T& x) {
  in.take(&x, sizeof x);
}
template <class T>
void CEREAL_SAVE_FUNCTION_NAME(writing_archive& out, const cereal::SizeTag<T>& tag) {
  const auto length = static_cast<std::uint32_t>(tag.size);
  out.put(&length, sizeof length);
}
template <class T>
void CEREAL_LOAD_FUNCTION_NAME(reading_archive& in, cereal::SizeTag<T>& tag) {
  std::uint32_t length = 0;
  in.take(&length, sizeof length);
  in.check_length(length);
  tag.size = length;
}
// Each text takes four bytes for its length, so that a head of N bytes makes no more than N / 4 of
// them.
inline void CEREAL_LOAD_FUNCTION_NAME(reading_archive& in, std::vector<std::string>& texts) {
  std::uint32_t length = 0;
  in.take(&length, sizeof length);
  in.check_length(std::uint64_t{length} * sizeof length);
  texts.resize(length);
  for (auto& text : texts)
    in(text);
}
template <class T>
void CEREAL_SAVE_FUNCTION_NAME(writing_archive& out, const cereal::BinaryData<T>& x) {
  out.put(x.data, static_cast<std::size_t>(x.size));
}
template <class T>
void CEREAL_LOAD_FUNCTION_NAME(reading_archive& in, cereal::BinaryData<T>& x) {
  in.take(x.data, static_cast<std::size_t>(x.size));
}
template <class Archive, class T>
std::enable_if_t<std::is_base_of_v<writing_archive, Archive> ||
                 std::is_base_of_v<reading_archive, Archive>>
CEREAL_SERIALIZE_FUNCTION_NAME(Archive& archive, cereal::NameValuePair<T>& pair) {
  archive(pair.value);
}
// A digest is its 32 bytes.
inline void CEREAL_SAVE_FUNCTION_NAME(writing_archive& out, const sha256_digest& digest) {
  out.put(digest.data(), digest.size());
}
inline void CEREAL_LOAD_FUNCTION_NAME(reading_archive& in, sha256_digest& digest) {
  in.take(digest.data(), digest.size());
}

} // namespace godwit

CEREAL_REGISTER_ARCHIVE(godwit::writing_archive)
CEREAL_REGISTER_ARCHIVE(godwit::reading_archive)
CEREAL_SETUP_ARCHIVE_TRAITS(godwit::reading_archive, godwit::writing_archive)
